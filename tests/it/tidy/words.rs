//! Banned words in comments, messages and documents, each with a term to use instead.

use super::source::Source;

/// Patterns: words in lower case joined by `_`; `|` separates alternatives, `.` is the end of a
/// phrase, and `!` marks a word that must not precede it. In this form, the table itself contains
/// no banned words.
const BANNED: [(&str, &str); 21] = [
    ("_whom|_whoever|_whosoever", "name the thing"),
    ("_mend|_mends|_mended|_mending", "fix, repair"),
    ("to_no_end", "endlessly, without a limit"),
    ("!there_is_none", "is not one"),
    ("!there_is_no_url|!there_is_no_number|!there_is_no_name", "is not a"),
    ("be_had", "be obtained, exist"),
    ("of_old_.", "previous, former"),
    ("way_out", "fix, what to do"),
    ("makes_of", "turns into, returns for"),
    ("is_there_already", "already exists"),
    ("nothing_to_say", "has no effect, cannot be combined"),
    ("this_file_owns", "a noun phrase"),
    ("is_asked_for", "required, requested"),
    ("looked_at", "checked, parsed"),
    ("let_go", "evicted, closed"),
    ("so_many", "this many, a number"),
    ("behind_it", "after it"),
    ("kept_from", "prevented from"),
    ("on_purpose", "deliberately"),
    ("a_slip_of_the_pen", "a typo"),
    ("errors_of_judgement", "lints, diagnostics"),
];
/// Extensions of files without prose of this project.
const WITHOUT_PROSE: [&str; 8] =
    ["json", "svg", "html", "lock", "txt", "lua", "LICENSE-MIT", "LICENSE-APACHE"];

pub(super) fn banned_words_are_absent(source: &Source) -> Vec<String> {
    let extension = source.path.rsplit(['.', '/']).next().unwrap_or_default();
    if WITHOUT_PROSE.contains(&extension) {
        return vec![];
    }
    let tokens = tokens(&source.prose);
    let mut violations = Vec::new();
    for (patterns, instead) in BANNED {
        for pattern in patterns.split('|') {
            let phrase = pattern.trim_start_matches('_').replace('_', " ");
            for line in lines_with(&tokens, pattern) {
                let shown = phrase.split_whitespace().filter(|word| !word.starts_with(['!', '.']));
                let shown: Vec<&str> = shown.collect();
                let what = format!("\"{}\": say {instead}", shown.join(" "));
                violations.push((line, source.violation(line, &what)));
            }
        }
    }
    violations.sort();
    violations.into_iter().map(|(_, violation)| violation).collect()
}

/// The lines where a pattern begins.
fn lines_with(tokens: &[(String, usize)], pattern: &str) -> Vec<usize> {
    let (excluded, phrase): (Vec<&str>, Vec<&str>) =
        pattern.split('_').filter(|word| !word.is_empty()).partition(|word| word.starts_with('!'));
    let excluded = excluded.first().map(|word| &word[1..]);
    let begins = |at: &usize| {
        let found = tokens[*at..].iter().zip(&phrase).all(|((token, _), word)| token == word);
        let before = at.checked_sub(1).map(|at| tokens[at].0.as_str());
        found && (excluded.is_none() || before != excluded)
    };
    let starts = 0..tokens.len().saturating_sub(phrase.len() - 1);
    starts.filter(begins).map(|at| tokens[at].1).collect()
}

/// The words of a text in lower case with their lines, and a full stop for everything that ends a
/// phrase. Markers of comments and line breaks do not end one.
fn tokens(prose: &str) -> Vec<(String, usize)> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut word = String::new();
    let mut is_blank_line = false;
    let mut characters = prose.chars().chain(['.']).peekable();
    while let Some(character) = characters.next() {
        if character.is_alphanumeric() || character == '_' || character == '\'' {
            word.extend(character.to_lowercase());
            is_blank_line = false;
            continue;
        }
        if !word.is_empty() {
            tokens.push((std::mem::take(&mut word), line));
        }
        let is_escape = character == '\\' && characters.peek() != Some(&'\n');
        if is_escape {
            characters.next();
        }
        let ends_paragraph = character == '\n' && std::mem::replace(&mut is_blank_line, true);
        is_blank_line &= character.is_whitespace();
        if is_escape
            || ends_paragraph
            || !(character.is_whitespace() || "/!#*>-\\".contains(character))
        {
            tokens.push((".".to_owned(), line));
        }
        line += usize::from(character == '\n');
    }
    tokens
}

#[test]
fn banned_words_are_found_in_prose_only() {
    use super::assert_lines;

    // With `_` for blanks, as this file is checked, too.
    let rows: &[(&str, &str, &[usize])] = &[
        ("a.rs", "//_a\n//__whom_it_serves\nlet_mend = 1;\n", &[2]),
        ("a.rs", "say(\"they_mend_it\");\nsay(\"amendment\");\n", &[1]),
        ("a.rs", "///_goes_on_to_no\n///_end\n", &[1]),
        ("a.rs", "//_looked\nlet x = 1; //_at\n", &[]),
        ("a.rs", "(\"looked\", \"at\")\n(\"is_looked_at\", 1)\n", &[2]),
        ("a.rs", "\"one\\nlooked_at\"\n\"looked\\nat\"\n", &[1]),
        ("a.rs", "'\"'_looked_at_'\"'_let_go\n", &[]),
        ("a.rs", "//!_This_file_owns_it.\n", &[1]),
        ("a.md", "`x`_is_none.\nIf_there_is_none,_stop.\n", &[1]),
        ("a.md", "It_is_no_URL\nIt_is_no_use\nThere_is_no_name\n", &[1]),
        ("a.md", "as_of_old.\nof_old_entries\n", &[1]),
        ("a.md", "let_go\nLet's_go\n\nso\nmany_behind it\n", &[1, 4, 5]),
        ("a.md", "kept._From\nlet,_go\n", &[]),
        ("a.md", "on_purpose\na_slip_of_the_pen\nerrors_of_judgement\n", &[1, 2, 3]),
        ("a.md", "to_be_had\na_way_out\nmakes_of_it\nnothing_to_say\n", &[1, 2, 3, 4]),
        ("run", "#!/bin/sh\n#_is_asked_for\necho_is_there_already\n", &[2, 3]),
        ("a.toml", "#_kept_from\nx = 1 #_whoever\n", &[1, 2]),
        ("a.py", "def f():\n    \"\"\"Is_none.\"\"\"\n    x_is_None\n", &[2]),
        ("run", "#!/usr/bin/env python3\nx_is_None_#_is_none\nf('_is_none')\n", &[2, 3]),
        ("a.json", "\"on_purpose\"\n", &[]),
    ];
    for (path, text, expected) in rows {
        assert_lines(banned_words_are_absent, path, &text.replace('_', " "), expected);
    }
}
