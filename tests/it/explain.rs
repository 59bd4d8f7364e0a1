//! `chapbook explain`, and the table of codes in the documents.

use std::{env, fs};

use chapbook_compiler::Lint;

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
        "\nExample\n      <a href=\"/abuot\">About</a>\n",
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
