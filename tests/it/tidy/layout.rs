//! Rules for the layout of a file: its head, its length, its lines.

use super::source::Source;

const LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;

pub(super) fn files_begin_with_a_summary(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.text.starts_with("//!") {
        return vec![];
    }
    vec![source.violation(1, "no `//!` at the top, so that the reader has to guess the topic")]
}

pub(super) fn files_are_short(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.text.lines().count() <= LINES_MAX {
        return vec![];
    }
    vec![source.violation(LINES_MAX + 1, "over 400 lines, so that it has two topics")]
}

pub(super) fn functions_are_short(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.code.lines().map(str::trim_end).collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_long = |start: usize| {
        let ends = |line: &&str| indent(line) == indent(lines[start]) && line.ends_with(['}', ';']);
        lines[start..].iter().position(ends).is_some_and(|last| last + 1 > FUNCTION_LINES_MAX)
    };
    let before = |word: &str| word.starts_with("pub") || ["const", "async"].contains(&word);
    let begins = |line: &str| line.split_whitespace().find(|word| !before(word)) == Some("fn");
    let starts = (0..lines.len()).filter(|start| begins(lines[*start]) && is_long(*start));
    starts.map(|start| source.violation(start + 1, "a function of over 70 lines")).collect()
}

pub(super) fn lines_are_short(source: &Source) -> Vec<String> {
    let extension = source.path.rsplit('.').next();
    let is_lock =
        ["Cargo.lock", "package-lock.json"].iter().any(|name| source.path.ends_with(name));
    let is_drawing = extension == Some("svg")
        && ["docs/pictures/", "bench/"].iter().any(|folder| source.path.starts_with(folder));
    if is_lock || is_drawing || source.path.starts_with("LICENSE-") {
        return vec![];
    }
    // Tables and links of Markdown cannot be wrapped.
    let can_wrap =
        |line: &str| extension != Some("md") || !(line.starts_with('|') || line.contains("://"));
    let is_long = |line: &str| line.chars().count() > COLUMNS_MAX && can_wrap(line);
    source.wrong_lines(
        &source.text,
        "over 100 columns, too wide for two files side by side",
        is_long,
    )
}

pub(super) fn whitespace_is_clean(source: &Source) -> Vec<String> {
    let what = "whitespace at the end, which only diffs show";
    let mut violations = source.wrong_lines(&source.text, what, |line| line != line.trim_end());
    let what = "a tab, which every editor shows differently";
    violations.extend(source.wrong_lines(&source.text, what, |line| line.contains('\t')));
    if !source.text.is_empty() && (!source.text.ends_with('\n') || source.text.ends_with("\n\n")) {
        violations.push(source.violation_at(source.text.len(), "not one newline at the end"));
    }
    violations
}

#[test]
fn each_layout_rule_finds_the_wrong_line_and_no_other() {
    use super::{Rule, assert_lines};

    let files = [400, 401].map(|count| "//!\n".repeat(count));
    let [short, long] = [68, 69].map(|it| format!("  pub const fn f(\n{}  }}\n", "\n".repeat(it)));
    let wide = [100, 101].map(|count| "é".repeat(count) + "\n");
    let rows: &[(Rule, &str, &str, &[usize])] = &[
        (files_begin_with_a_summary, "a.rs", "//! A.\n", &[]),
        (files_begin_with_a_summary, "a.rs", "// a\n", &[1]),
        (files_begin_with_a_summary, "a.md", "a\n", &[]),
        (files_are_short, "a.rs", &files[0], &[]),
        (files_are_short, "a.rs", &files[1], &[401]),
        (files_are_short, "a.md", &files[1], &[]),
        (functions_are_short, "a.rs", &short, &[]),
        (functions_are_short, "a.rs", &long, &[1]),
        (lines_are_short, "a.rs", &wide[0], &[]),
        (lines_are_short, "a.rs", &wide[1], &[1]),
        (lines_are_short, "a.md", &format!("|{0}://{0}", wide[1]), &[]),
        (lines_are_short, "Cargo.lock", &wide[1], &[]),
        (whitespace_is_clean, "a.md", "a\nb \nc\r\n\n", &[2, 3, 5]),
        (whitespace_is_clean, "a.md", "a\n\tb\n", &[2]),
        (whitespace_is_clean, "a.md", "a\nb", &[2]),
    ];
    for (rule, path, text, expected) in rows {
        assert_lines(*rule, path, text, expected);
    }
}
