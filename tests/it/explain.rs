//! `chapbook explain`, and the table of codes in the documents.

use std::{env, fs};
#[cfg(target_os = "linux")]
use std::{os::unix::fs::symlink, path::Path};

use chapbook_compiler::Lint;
#[cfg(target_os = "linux")]
use chapbook_compiler::{Options, check};

use crate::harness::{repository, run};

#[test]
fn explain_lists_every_code_with_its_severity_and_meaning() {
    let list = run(["explain"]).succeeded();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let lines: Vec<Vec<&str>> = lines.map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines.len(), Lint::ALL.len(), "{list}");
    for (code, words) in Lint::ALL.iter().zip(lines) {
        let meaning = code.explanation().meaning.trim_end_matches('.');
        assert_eq!(words[0], code.name());
        assert_eq!(words[1], code.severity().to_string(), "{code}");
        assert_eq!(words[2..].join(" "), meaning, "{code}");
    }
}

#[test]
fn explain_prints_all_parts_of_a_code() {
    let text = run(["explain", "broken-link"]).succeeded();
    let rows = [
        "broken-link: A reference to a path where nothing is served.\n",
        "\nWhy it matters\n  ",
        "\nExample\n  index.html:\n      <a href=\"/abuot\">About</a>\n",
        "\nHow to fix it\n  ",
        "\nSeverity\n  An error. `--allow broken-link` reports it as a warning.\n",
    ];
    let mut from = 0;
    for expected in rows {
        let at = text[from..].find(expected);
        from += at.unwrap_or_else(|| panic!("no {expected:?} in\n{text}"));
    }
    assert!(!text.contains("```"), "{text}");
}

#[test]
fn an_unknown_code_is_wrong_usage_with_a_suggestion() {
    let rows = [
        ("broken-lnk", "unknown code `broken-lnk`; did you mean `broken-link`?"),
        ("zzz", "unknown code `zzz`; `chapbook explain` lists them"),
    ];
    for (word, expected) in rows {
        let stderr = run(["explain", word]).failed(2);
        assert!(stderr.contains(expected), "{stderr}");
    }
}

/// Writes the files of an example: a block for each, with its name after the language; the block
/// `files` lists empty files, sparse ones as `NAME, N GB`, and symbolic links as `NAME -> TARGET`.
#[cfg(target_os = "linux")]
fn write_example(example: &str, root: &Path) {
    let write = |name: &str, content: &[u8]| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a new folder");
        fs::write(path, content).expect("files can be written");
    };
    let byte = |digits: &str| u8::from_str_radix(digits, 16).expect("hexadecimal digits");
    for block in example.split("```").skip(1).step_by(2) {
        let (info, content) = block.split_once('\n').expect("a block has lines");
        match info.split_once(' ').expect("a block has a language and a name") {
            ("hex", name) => {
                write(name, &content.split_whitespace().map(byte).collect::<Vec<u8>>());
            }
            (_, "files") => content.lines().for_each(|line| match line.split_once(" -> ") {
                Some((name, target)) => symlink(target, root.join(name)).expect("a new link"),
                None => match line.strip_suffix(" GB").and_then(|it| it.split_once(", ")) {
                    Some((name, gigabytes)) => write_sparse(&root.join(name), gigabytes),
                    None => write(line, b""),
                },
            }),
            (_, name) => write(name, content.as_bytes()),
        }
    }
}

#[cfg(target_os = "linux")]
fn write_sparse(path: &Path, gigabytes: &str) {
    let file = fs::File::create(path).expect("files can be created");
    let length: u64 = gigabytes.parse().expect("a number");
    file.set_len(length * 1_000_000_000).expect("the file is sparse");
}

/// Other systems cannot store the names of some examples.
#[cfg(target_os = "linux")]
#[test]
fn the_example_of_every_code_is_reported_with_the_code() {
    for code in Lint::ALL {
        let folder = tempfile::tempdir().expect("the disk has room");
        write_example(code.explanation().example, folder.path());
        let options = Options { root: folder.path().to_owned(), ..Options::default() };
        let diagnostics = check(&options).expect("the folder exists").diagnostics;
        let found: Vec<Lint> = diagnostics.iter().map(|it| it.code).collect();
        assert!(found.contains(code), "{code}: {found:?}");
    }
}

/// `UPDATE_EXPECTED=1` writes the table.
#[test]
fn the_documentation_has_the_table_of_codes() {
    const HEAD: &str = "| code | meaning | severity |\n|---|---|---|\n";
    let row = |code: &Lint| {
        let meaning = code.explanation().meaning.trim_end_matches('.');
        let always = if code.is_deny_only() { ", always" } else { "" };
        format!("| `{code}` | {meaning} | {}{always} |\n", code.severity())
    };
    let rows: String = Lint::ALL.iter().map(row).collect();
    let path = repository("docs/site.md");
    let text = fs::read_to_string(&path).expect("the file exists");
    let (before, table) = text.split_once(HEAD).expect("the table has this head");
    let lines = table.split_inclusive('\n').take_while(|line| line.starts_with('|'));
    let end = lines.map(str::len).sum();
    if env::var_os("UPDATE_EXPECTED").is_some() {
        let text = [before, HEAD, &rows, &table[end..]].concat();
        fs::write(&path, text).expect("files can be written");
    } else {
        assert_eq!(&table[..end], rows, "docs/site.md");
    }
}
