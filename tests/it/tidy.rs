//! This file owns the rules of the house that no compiler and no lint checks. It reads the sources
//! as text, roughly, and doesn't know git: the walk skips what git would not track.

use std::{fs, path::Path};

/// Says what is wrong with a file, each as `path:line: what, and why that is so`.
type Rule = fn(&Source) -> Vec<String>;

const RULES: [Rule; 7] = [
    files_say_what_they_own,
    functions_can_be_seen_whole,
    lines_are_clean,
    imports_go_one_way,
    words_are_in_their_place,
    names_say_something,
    failures_have_reasons,
];

/// Not ours to judge: what was built, and inputs whose flaws are their purpose.
const SKIPPED: [&str; 11] = [
    ".git",
    "target",
    "dist",
    "bench/floor/target",
    "fuzz/artifacts",
    "fuzz/corpus",
    "fuzz/target",
    "tests/browser/node_modules",
    "tests/workflows/node_modules",
    "tests/sites",
    "tests/conformance",
];
/// A layer may name itself and those before it.
const LAYERS: [&str; 5] = ["limits", "site", "http", "server", "cli"];
const VAGUE: [&str; 7] = ["utils", "util", "common", "helper", "helpers", "manager", "misc"];
/// Where readiness is asked for, and the loop that we are measured against.
const UNSAFE: [&str; 2] = ["src/server/poller.rs", "bench/floor/src/main.rs"];
/// Words that code below a path doesn't hold, and why.
const NOT_IN_CODE: [(&str, &str, &str); 6] = [
    ("src/http/", "TcpStream TcpListener fs:: Instant::now SystemTime", "bytes and `now` go in"),
    ("crates/bundle/src/", "println! eprintln! TcpStream TcpListener", "a site is data"),
    ("crates/bundle/src/", "SystemTime::now Instant::now process::exit", "a site is data"),
    ("", "unsafe", "what needs a proof stays in one place"),
    ("", "todo! unimplemented! dbg!", "what has landed is finished"),
    ("", "#[ignore should_panic thread::sleep", "a test runs, and waits for events only"),
];
/// What text with an ending doesn't hold, not even in comments; in pieces, for this is text, too.
const NOT_IN_TEXT: [(&str, &str, &str); 3] = [
    ("", "\t", "every editor shows it otherwise"),
    (".rs", concat!("TO", "DO FIX", "ME XX", "X"), "later is when nobody remembers"),
    ("", concat!("/wo", "rk/ /ro", "ot/ /ho", "me/"), "no other machine has this path"),
];

struct Source {
    path: String,
    text: String,
    /// The text of Rust without comments and literals, each byte at its place; else empty.
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let (path, text) = (path.to_owned(), text.to_owned());
        let code = if path.rsplit('.').next() == Some("rs") { code(&text) } else { String::new() };
        Self { path, text, code }
    }

    fn wrong(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }

    fn wrong_at(&self, place: usize, what: &str) -> String {
        self.wrong(self.text[..place].matches('\n').count() + 1, what)
    }

    /// One complaint for each line of `text`, which begins as the source does, that is wrong.
    fn wrong_lines(&self, text: &str, what: &str, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
        let lines = (1..).zip(text.split('\n')).filter(|(_, line)| is_wrong(line));
        lines.map(|(number, _)| self.wrong(number, what)).collect()
    }
}

fn files_say_what_they_own(it: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    if it.path.rsplit('.').next() == Some("rs") && !it.text.starts_with("//!") {
        wrong.push(it.wrong(1, "no `//!` first, so the reader has to guess what it owns"));
    }
    if it.code.lines().count() > 400 {
        wrong.push(it.wrong(401, "over 400 lines, so it owns two things"));
    }
    wrong
}

fn functions_can_be_seen_whole(it: &Source) -> Vec<String> {
    let lines: Vec<&str> = it.code.lines().map(str::trim_end).collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_long = |start: usize| {
        let ends = |line: &&str| indent(line) == indent(lines[start]) && line.ends_with(['}', ';']);
        lines[start..].iter().position(ends).is_some_and(|last| last + 1 > 70)
    };
    let before = |word: &str| word.starts_with("pub") || ["const", "async"].contains(&word);
    let begins = |line: &str| line.split_whitespace().find(|word| !before(word)) == Some("fn");
    let starts = (0..lines.len()).filter(|start| begins(lines[*start]) && is_long(*start));
    starts.map(|start| it.wrong(start + 1, "over 70 lines, too long to be seen whole")).collect()
}

fn lines_are_clean(it: &Source) -> Vec<String> {
    let is_lock = ["Cargo.lock", "package-lock.json"].iter().any(|name| it.path.ends_with(name));
    let ending = it.path.rsplit('.').next();
    let is_drawn = ending == Some("svg")
        && ["docs/pictures/", "bench/"].iter().any(|folder| it.path.starts_with(folder));
    let is_free = is_lock || is_drawn || it.path.starts_with("LICENSE-");
    let is_prose = ending == Some("md");
    let must_fit = |line: &str| !(is_prose && (line.starts_with('|') || line.contains("://")));
    let is_long = |line: &str| !is_free && line.chars().count() > 100 && must_fit(line);
    let mut wrong = it.wrong_lines(&it.text, "over 100 columns, too wide to lie abreast", is_long);
    let what = "blanks at the end, which only diffs show";
    wrong.extend(it.wrong_lines(&it.text, what, |line| line != line.trim_end()));
    if !it.text.is_empty() && (!it.text.ends_with('\n') || it.text.ends_with("\n\n")) {
        wrong.push(it.wrong_at(it.text.len(), "not one newline at the end, as diffs will show"));
    }
    wrong
}

fn imports_go_one_way(it: &Source) -> Vec<String> {
    let Some(place) = it.path.strip_prefix("src/") else { return vec![] };
    let layer = place.split(['/', '.']).next().unwrap_or_default();
    let (root, above) = match (layer, LAYERS.iter().position(|name| *name == layer)) {
        ("main", _) => ("chapbook::", &LAYERS[..4]),
        ("lib", _) => return vec![],
        (_, Some(rank)) => ("crate::", &LAYERS[rank + 1..]),
        (_, None) => return vec![it.wrong(1, "belongs to no layer, so no arrow reaches it")],
    };
    let mut wrong = Vec::new();
    for (at, _) in it.code.match_indices(root) {
        let path = &it.code[at + root.len()..];
        let ends: &[char] = if path.starts_with('{') { &[';'] } else { &[':', ';', ',', ')', ' '] };
        let named = path.split(ends).next().unwrap_or_default();
        for name in above.iter().filter(|name| holds_word(named, name)) {
            wrong.push(it.wrong_at(at, &format!("names {root}{name}, against the arrow")));
        }
    }
    wrong
}

fn words_are_in_their_place(it: &Source) -> Vec<String> {
    let may_be_unsafe = UNSAFE.contains(&&*it.path);
    let mut wrong = Vec::new();
    for (_, words, why) in NOT_IN_CODE.iter().filter(|(below, ..)| it.path.starts_with(below)) {
        for word in words.split(' ').filter(|word| *word != "unsafe" || !may_be_unsafe) {
            let holds = |line: &str| holds_word(line, word);
            wrong.extend(it.wrong_lines(&it.code, &format!("`{word}`, but {why}"), holds));
        }
    }
    for (_, words, why) in NOT_IN_TEXT.iter().filter(|(ending, ..)| it.path.ends_with(ending)) {
        for word in words.split(' ') {
            let holds = |line: &str| line.contains(word);
            wrong.extend(it.wrong_lines(&it.text, &format!("{word:?}, but {why}"), holds));
        }
    }
    wrong
}

/// Whether a line holds this, and not only as a part of longer words.
fn holds_word(line: &str, word: &str) -> bool {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let goes_on = word.ends_with(is_word) && after.starts_with(is_word);
        !(goes_on || word.starts_with(is_word) && before.ends_with(is_word))
    })
}

fn names_say_something(it: &Source) -> Vec<String> {
    let declares = |line: &str| VAGUE.iter().any(|name| holds_word(line, &format!("mod {name}")));
    let mut wrong = it.wrong_lines(&it.code, "a name that fits anything says nothing", declares);
    let mut stems = it.path.split('/').filter_map(|part| part.split('.').next());
    if stems.any(|stem| VAGUE.contains(&stem)) {
        wrong.push(it.wrong(1, "a name that fits anything, so anything moves in"));
    }
    wrong
}

fn failures_have_reasons(it: &Source) -> Vec<String> {
    let ships = ["src/", "crates/bundle/src/", "build.rs"].iter().any(|at| it.path.starts_with(at));
    let code = it.code.split("#[cfg(test)]").next().filter(|_| ships).unwrap_or_default();
    let unwraps = |line: &str| line.contains(".unwrap()");
    let mut wrong = it.wrong_lines(code, "`.unwrap()`, which ends without a reason", unwraps);
    for (at, call) in code.match_indices(".expect(\"") {
        let reason = it.text[at + call.len()..].split('"').next().unwrap_or_default();
        if reason.split_whitespace().count() < 3 {
            wrong.push(it.wrong_at(at, "`.expect` that doesn't say why it cannot fail"));
        }
    }
    wrong
}

/// Every crate that a manifest asks for is named, in backticks, where ARCHITECTURE.md says why.
fn dependencies_have_reasons(manifest: &Source, architecture: &str) -> Vec<String> {
    let mut sections = architecture.split("\n## ");
    let reasons = sections.find(|it| it.starts_with("Dependencies\n")).unwrap_or_default();
    let mut is_inside = false;
    let mut wrong = Vec::new();
    for (number, line) in (1..).zip(manifest.text.lines()) {
        let name = line.split([' ', '.', '=']).next().unwrap_or_default();
        let is_foreign = name.starts_with(char::is_alphanumeric) && name != "chapbook-compiler";
        if line.starts_with('[') {
            let is_other = line.ends_with("dev-dependencies]") || line.starts_with("[workspace");
            is_inside = line.ends_with("dependencies]") && !is_other;
        } else if is_inside && is_foreign && !reasons.contains(&format!("`{name}`")) {
            let what = format!("ARCHITECTURE.md doesn't say why `{name}` is here, so it may go");
            wrong.push(manifest.wrong(number, &what));
        }
    }
    wrong
}

/// The newest version in the change log, and no other there, is that of each manifest.
fn version_is_announced(manifest: &Source, changes: &str) -> Vec<String> {
    let version = manifest.text.split("\nversion = \"").nth(1).and_then(|it| it.split('"').next());
    let version = version.unwrap_or("without a version");
    let mut names = changes.lines().filter_map(|it| it.strip_prefix("## ")?.split(' ').next());
    if names.next() == Some(version) && names.all(|name| name != version) {
        return vec![];
    }
    vec![manifest.wrong(1, "not the version that CHANGELOG.md names first, and once")]
}

/// Blanks comments and the insides of literals: roughly, but each byte stays at its place.
fn code(text: &str) -> String {
    // Without its escapes a string ends at the next quote.
    let text = text.replace("\\\\", "__").replace("\\\"", "__");
    let mut code = String::with_capacity(text.len());
    while code.len() < text.len() {
        let rest = &text[code.len()..];
        let end = |from: usize, mark| rest[from..].find(mark).map_or(rest.len(), |at| from + at);
        let (open, close) = match rest.as_bytes() {
            [b'/', b'/', ..] => (0, end(0, "\n")),
            [b'"', ..] => (1, end(1, "\"")),
            [b'r', b'#', b'"', ..] => (3, end(3, "\"#")),
            [b'\'', b'\\', _, ..] => (1, end(3, "'")),
            [b'\'', _, b'\'', ..] => (1, 2),
            _ => (0, 0),
        };
        code.push_str(&rest[..open]);
        code.extend(rest[open..close].bytes().map(|it| if it == b'\n' { '\n' } else { ' ' }));
        // What closes a literal would open the next one. What is none moves on one by one.
        code.extend(rest[close..].chars().next());
    }
    code
}

/// Every file below a folder that is text, in sorted order.
fn walk(root: &Path, folder: &str, files: &mut Vec<Source>) {
    let entries = fs::read_dir(root.join(folder)).expect("the folder can be listed");
    let mut entries: Vec<_> = entries.map(|it| it.expect("an entry can be read")).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{folder}{}", entry.file_name().display());
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() && !SKIPPED.contains(&&*path) {
            walk(root, &format!("{path}/"), files);
        } else if kind.is_file() {
            files.extend(fs::read_to_string(entry.path()).map(|text| Source::new(&path, &text)));
        }
    }
}

#[test]
fn the_house_is_tidy() {
    let mut files = Vec::new();
    walk(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
    let find = |path| files.iter().find(|it| it.path == path).expect(path);
    let mut wrong: Vec<_> = RULES.iter().flat_map(|rule| files.iter().flat_map(rule)).collect();
    for manifest in ["Cargo.toml", "crates/bundle/Cargo.toml"].map(find) {
        wrong.extend(dependencies_have_reasons(manifest, &find("ARCHITECTURE.md").text));
        wrong.extend(version_is_announced(manifest, &find("CHANGELOG.md").text));
    }
    assert!(wrong.is_empty(), "{} things are not tidy:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_rule_sees_the_bad_line_and_no_other() {
    let owned = [400, 401].map(|count| "//!\n".repeat(count));
    let [seen, unseen] = [68, 69].map(|it| format!("  pub const fn f(\n{}  }}\n", "\n".repeat(it)));
    let wide = [100, 101].map(|count| "é".repeat(count) + "\n");
    let rows: &[(Rule, &str, &str, &[usize])] = &[
        (files_say_what_they_own, "a.rs", &owned[0], &[]),
        (files_say_what_they_own, "a.rs", &owned[1], &[401]),
        (files_say_what_they_own, "a.rs", "// a\n", &[1]),
        (functions_can_be_seen_whole, "a.rs", &seen, &[]),
        (functions_can_be_seen_whole, "a.rs", &unseen, &[1]),
        (lines_are_clean, "a.rs", &wide[0], &[]),
        (lines_are_clean, "a.rs", &wide[1], &[1]),
        (lines_are_clean, "a.md", &format!("|{0}://{0}\nb \nc\r\n\n", wide[1]), &[4, 5, 7]),
        (lines_are_clean, "a.md", "a\nb", &[2]),
        (imports_go_one_way, "src/main.rs", "chapbook::cli::a();\nchapbook::http::a();\n", &[2]),
        (imports_go_one_way, "src/http/a.rs", "use crate::site::A;\nuse crate::server::A;\n", &[2]),
        (imports_go_one_way, "src/site.rs", "use crate::{\nlimits::A,\nhttp::{B, C},\n};\n", &[1]),
        (imports_go_one_way, "src/limits.rs", "// crate::site\nuse crate::site;\n", &[2]),
        (imports_go_one_way, "src/new.rs", "", &[1]),
        (words_are_in_their_place, "src/http/a.rs", "std::net::Ipv6Addr\nfs::read(a)\n", &[2]),
        (words_are_in_their_place, "crates/bundle/src/a.rs", "writeln!(a)\nprintln!(a)\n", &[2]),
        (words_are_in_their_place, "src/a.rs", "fs::read(a)\nunsafe_code\nunsafe {}\n", &[3]),
        (words_are_in_their_place, "src/server/poller.rs", "unsafe {}\n", &[]),
        (words_are_in_their_place, "a.rs", "\"unsafe\" // unsafe\n'\"' unsafe '\"'\n", &[2]),
        (words_are_in_their_place, "a.rs", "r#\"\"unsafe\"#\n\"\\\"unsafe\" b'\\'' unsafe\n", &[2]),
        (words_are_in_their_place, "a.rs", "ignore\n#[ignore]\n\t\n", &[2, 3]),
        (words_are_in_their_place, "a.rs", concat!("// to do\n// TO", "DO\n"), &[2]),
        (words_are_in_their_place, "a.md", concat!("/home\n/ho", "me/me\n"), &[2]),
        (names_say_something, "src/utility.rs", "mod utility;\nmod util;\n", &[2]),
        (names_say_something, "src/helpers/a.rs", "", &[1]),
        (failures_have_reasons, "build.rs", "a.unwrap()\n#[cfg(test)]\nb.unwrap()\n", &[1]),
        (failures_have_reasons, "src/a.rs", "a.expect(\"it is there\")\nb.expect(\"b\")\n", &[2]),
    ];
    for (rule, path, text, expected) in rows {
        let said = rule(&Source::new(path, text));
        let line = |it: &String| it.split(':').nth(1).and_then(|number| number.parse().ok());
        let lines: Option<Vec<usize>> = said.iter().map(line).collect();
        assert_eq!(lines.as_deref(), Some(*expected), "{path} {text:?}: {said:?}");
    }
}

#[test]
fn a_manifest_agrees_with_the_documents() {
    let reasons = "# A\n`b`\n\n## Dependencies\n\n`c`: fast.\n\n## After\n`d`\n";
    for (manifest, expected) in [
        ("[package]\nx = 1\n[dependencies]\nc = \"1\"\nchapbook-compiler.workspace = true\n", 0),
        ("[dependencies]\nb = { a = [\n    \"x\",\n] }\n", 1),
        ("[target.'cfg(unix)'.dependencies]\nd.workspace = true\n", 1),
        ("[build-dependencies]\ne = \"1\"\n[dev-dependencies]\nf = \"1\"\n", 1),
    ] {
        let said = dependencies_have_reasons(&Source::new("Cargo.toml", manifest), reasons);
        assert_eq!(said.len(), expected, "{manifest}: {said:?}");
    }
    let manifest = Source::new("Cargo.toml", "[package]\nversion = \"1.0.0\"\n");
    for (changes, expected) in [
        ("## 1.0.0 (soon)\n## 0.1.0\n", 0),
        ("## 1.0.0\n## 1.0.0\n", 1),
        ("## 2.0.0\n## 1.0.0\n", 1),
    ] {
        assert_eq!(version_is_announced(&manifest, changes).len(), expected, "{changes}");
    }
}
