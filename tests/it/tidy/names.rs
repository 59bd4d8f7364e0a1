//! Rules for names in code: other layers and crates, the system, and modules.

use super::source::{Source, contains_word};

/// A layer may name itself and those before it.
const LAYERS: [&str; 6] = ["limits", "site", "http", "tls", "server", "cli"];
/// Code below these paths may not name these crates of the workspace.
const CRATES: [(&str, &[&str], &str); 6] = [
    (
        "crates/format/src/",
        &["chapbook", "chapbook_compiler", "chapbook_packer", "chapbook_runtime"],
        "the format depends on nothing",
    ),
    (
        "crates/compiler/src/",
        &["chapbook", "chapbook_packer", "chapbook_runtime"],
        "the compiler depends on the format only, since `build.rs` compiles what it depends on",
    ),
    ("crates/packer/src/", &["chapbook", "chapbook_runtime"], "the packer is for the runtime"),
    ("crates/runtime/src/", &["chapbook"], "a changed site must not compile this crate again"),
    ("crates/runtime/src/http/", &["chapbook_compiler", "chapbook_packer"], NO_COMPILER),
    ("crates/runtime/src/server/", &["chapbook_compiler", "chapbook_packer"], NO_COMPILER),
];
const VAGUE: [&str; 7] = ["utils", "util", "common", "helper", "helpers", "manager", "misc"];
/// The only files with `unsafe`.
const UNSAFE: [&str; 3] = [
    "crates/runtime/src/cli/win32.rs",
    "crates/runtime/src/server/poller.rs",
    "crates/runtime/src/site/mapped_file.rs",
];
/// The crate with the layers.
const RUNTIME: &str = "crates/runtime/src/";
const NO_COMPILER: &str = "serving needs no compiler";
const NO_SIDE_EFFECTS: &str = "compiling depends on the site only";
/// Words that code below a path does not contain, and why.
const NOT_IN_CODE: [(&str, &str, &str); 9] = [
    (
        "crates/runtime/src/http/",
        "TcpStream TcpListener fs:: Instant::now SystemTime",
        "HTTP is free of I/O",
    ),
    ("crates/format/src/", "TcpStream TcpListener process::exit", NO_SIDE_EFFECTS),
    ("crates/compiler/src/", "TcpStream TcpListener process::exit", NO_SIDE_EFFECTS),
    ("crates/packer/src/", "TcpStream TcpListener process::exit", NO_SIDE_EFFECTS),
    ("crates/format/src/", "Instant::now SystemTime::now", NO_SIDE_EFFECTS),
    ("crates/compiler/src/", "Instant::now SystemTime::now", NO_SIDE_EFFECTS),
    ("crates/packer/src/", "Instant::now SystemTime::now", NO_SIDE_EFFECTS),
    ("", "allow(unsafe_code expect(unsafe_code", "unsafe code is in three files only"),
    ("", "#[ignore should_panic thread::sleep", "a test runs, and waits for events only"),
];
/// Words that a file with this ending does not contain, even in comments. They are concatenated,
/// because this file is checked, too.
const NOT_IN_TEXT: [(&str, &str, &str); 2] = [
    (".rs", concat!("TO", "DO FIX", "ME XX", "X"), "nothing is left for later"),
    ("", concat!("/wo", "rk/ /ro", "ot/ /ho", "me/"), "other machines have no such path"),
];

pub(super) fn imports_follow_the_layers(source: &Source) -> Vec<String> {
    let Some(rest) = source.path.strip_prefix(RUNTIME) else { return vec![] };
    let layer = rest.split(['/', '.']).next().unwrap_or_default();
    let (root, above) = match (layer, LAYERS.iter().position(|name| *name == layer)) {
        ("lib", _) => return vec![],
        (_, Some(rank)) => ("crate::", &LAYERS[rank + 1..]),
        (_, None) => return vec![source.violation(1, "belongs to no layer")],
    };
    let mut violations = Vec::new();
    for (at, _) in source.code.match_indices(root) {
        let path = &source.code[at + root.len()..];
        let ends: &[char] = if path.starts_with('{') { &[';'] } else { &[':', ';', ',', ')', ' '] };
        let named = path.split(ends).next().unwrap_or_default();
        for name in above.iter().filter(|name| contains_word(named, name)) {
            violations.push(source.violation_at(at, &format!("{root}{name} is a higher layer")));
        }
    }
    violations
}

pub(super) fn crates_follow_the_layers(source: &Source) -> Vec<String> {
    let mut violations = Vec::new();
    for (_, names, why) in CRATES.iter().filter(|(below, ..)| source.path.starts_with(below)) {
        for name in *names {
            let imports = |line: &str| contains_word(line, &format!("{name}::"));
            violations.extend(source.wrong_lines(
                &source.code,
                &format!("`{name}`, but {why}"),
                imports,
            ));
        }
    }
    violations
}

pub(super) fn code_stays_in_scope(source: &Source) -> Vec<String> {
    let mut violations = Vec::new();
    for (_, words, why) in NOT_IN_CODE.iter().filter(|(below, ..)| source.path.starts_with(below)) {
        for word in words.split(' ').filter(|word| {
            !word.ends_with("unsafe_code") || !UNSAFE.contains(&source.path.as_str())
        }) {
            let contains = |line: &str| contains_word(line, word);
            violations.extend(source.wrong_lines(
                &source.code,
                &format!("`{word}`, but {why}"),
                contains,
            ));
        }
    }
    for (_, words, why) in NOT_IN_TEXT.iter().filter(|(ending, ..)| source.path.ends_with(ending)) {
        for word in words.split(' ') {
            let contains = |line: &str| line.contains(word);
            violations.extend(source.wrong_lines(
                &source.text,
                &format!("{word:?}, but {why}"),
                contains,
            ));
        }
    }
    violations
}

pub(super) fn names_are_specific(source: &Source) -> Vec<String> {
    let what = "a module name that says nothing about its content";
    let declares =
        |line: &str| VAGUE.iter().any(|name| contains_word(line, &format!("mod {name}")));
    let mut violations = source.wrong_lines(&source.code, what, declares);
    let mut stems = source.path.split('/').filter_map(|part| part.split('.').next());
    if stems.any(|stem| VAGUE.contains(&stem)) {
        violations.push(source.violation(1, "a path that says nothing about the content"));
    }
    violations
}

/// In released code, each `expect` has a reason of at least three words.
pub(super) fn expect_messages_give_reasons(source: &Source) -> Vec<String> {
    let is_released = |path: &str| {
        let is_tool = path.starts_with("crates/oracle/") || !path.contains("src/");
        path == "build.rs" || path.starts_with("src/") || path.starts_with("crates/") && !is_tool
    };
    let code = source.code.split("#[cfg(test)]").next().filter(|_| is_released(&source.path));
    let calls = code.unwrap_or_default().match_indices(".expect(\"");
    let is_short = |(at, call): &(usize, &str)| {
        let reason = source.text[at + call.len()..].split('"').next().unwrap_or_default();
        reason.split_whitespace().count() < 3
    };
    let what = "`.expect` without a reason why it cannot fail";
    calls.filter(is_short).map(|(at, _)| source.violation_at(at, what)).collect()
}

#[test]
fn each_rule_for_names_finds_the_wrong_line_and_no_other() {
    use super::{Rule, assert_lines};

    const SITE: &str = "crates/runtime/src/site.rs";
    const HTTP: &str = "crates/runtime/src/http/a.rs";
    const SERVER: &str = "crates/runtime/src/server/a.rs";
    const POLLER: &str = "crates/runtime/src/server/poller.rs";

    let (layers, crates) = (imports_follow_the_layers, crates_follow_the_layers);
    let (scope, names) = (code_stays_in_scope, names_are_specific);
    let reasons = expect_messages_give_reasons;
    let rows: &[(Rule, &str, &str, &[usize])] = &[
        (layers, HTTP, "use crate::site::A;\nuse crate::server::A;\n", &[2]),
        (layers, SITE, "use crate::{\nlimits::A,\nhttp::{B, C},\n};\n", &[1]),
        (layers, "crates/runtime/src/limits.rs", "// crate::site\nuse crate::site;\n", &[2]),
        (layers, "crates/runtime/src/new.rs", "", &[1]),
        (crates, "crates/format/src/a.rs", "chapbook_format::a\nchapbook_compiler::a\n", &[2]),
        (crates, "crates/compiler/src/a.rs", "chapbook_format::a\nchapbook_packer::a\n", &[2]),
        (crates, "crates/packer/src/a.rs", "chapbook_compiler::a\nchapbook::a\n", &[2]),
        (crates, SERVER, "chapbook_format::a\nchapbook_compiler::a\n", &[2]),
        (crates, "crates/runtime/src/cli/a.rs", "chapbook_compiler::a\n", &[]),
        (scope, HTTP, "std::net::Ipv6Addr\nfs::read(a)\n", &[2]),
        (scope, "crates/compiler/src/a.rs", "Instant::new\nInstant::now()\n", &[2]),
        (scope, "src/a.rs", "fs::read(a)\nforbid(unsafe_code)\nallow(unsafe_code)\n", &[3]),
        (scope, POLLER, "allow(unsafe_code)\n", &[]),
        (scope, "a.rs", "\"should_panic\" // should_panic\n'\"' should_panic '\"'\n", &[2]),
        (scope, "a.rs", "r#\"\"should_panic\"#\n\"\\\"#\" b'\\'' should_panic\n", &[2]),
        (scope, "a.rs", "ignore\n#[ignore]\n", &[2]),
        (scope, "a.rs", concat!("// to do\n// TO", "DO\n"), &[2]),
        (scope, "a.md", concat!("/home\n/ho", "me/me\n"), &[2]),
        (names, "src/utility.rs", "mod utility;\nmod util;\n", &[2]),
        (names, "src/helpers/a.rs", "", &[1]),
        (reasons, "src/a.rs", "a.expect(\"the key exists\")\nb.expect(\"b\")\n", &[2]),
        (reasons, "crates/a/src/a.rs", "#[cfg(test)]\nb.expect(\"b\")\n", &[]),
        (reasons, "tests/it/a.rs", "b.expect(\"b\")\n", &[]),
    ];
    for (rule, path, text, expected) in rows {
        assert_lines(*rule, path, text, expected);
    }
}
