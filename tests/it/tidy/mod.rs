//! Rules for the repository that no compiler and no lint checks, on the text of the tracked files.

mod cycles;
mod layout;
mod manifests;
mod modules;
mod names;
mod source;
mod tracked;
mod words;

use std::collections::BTreeMap;

use self::source::Source;

/// Lists the violations in a file, each as `path:line: what, and why`.
type Rule = fn(&Source) -> Vec<String>;

const RULES: [(&str, Rule); 11] = [
    ("files begin with a summary", layout::files_begin_with_a_summary),
    ("files are short", layout::files_are_short),
    ("functions are short", layout::functions_are_short),
    ("lines are short", layout::lines_are_short),
    ("whitespace is clean", layout::whitespace_is_clean),
    ("imports follow the layers", names::imports_follow_the_layers),
    ("crates follow the layers", names::crates_follow_the_layers),
    ("code stays within its module's scope", names::code_stays_in_scope),
    ("names are specific", names::names_are_specific),
    ("expect messages give reasons", names::expect_messages_give_reasons),
    ("banned words", words::banned_words_are_absent),
];

#[test]
fn the_repository_follows_its_rules() {
    let files = tracked::sources();
    let find = |path| files.iter().find(|it| it.path == path).expect(path);
    let mut violations: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, rule) in RULES {
        violations.entry(name).or_default().extend(files.iter().flat_map(rule));
    }
    violations.entry("import cycles").or_default().extend(cycles::import_cycles(&files));
    for manifest in files.iter().filter(|it| manifests::is_released(&it.path)) {
        let reasons = &find("ARCHITECTURE.md").text;
        let of_manifest = violations.entry("manifests agree with the documents").or_default();
        of_manifest.extend(manifests::dependencies_have_reasons(manifest, reasons));
        let changes = &find("CHANGELOG.md").text;
        of_manifest.extend(manifests::version_is_announced(manifest, changes));
        let can_be_published = violations.entry("crates can be published").or_default();
        can_be_published.extend(manifests::crate_can_be_published(manifest, &files));
    }
    violations.retain(|_, of_rule| !of_rule.is_empty());
    let report = violations.iter().map(|(name, of_rule)| {
        format!("{}: {} violations\n  {}\n", name, of_rule.len(), of_rule.join("\n  "))
    });
    assert!(violations.is_empty(), "\n{}", report.collect::<String>());
}

/// Checks that a rule finds a violation in each of these lines of a text, and no other.
#[track_caller]
fn assert_lines(rule: Rule, path: &str, text: &str, expected: &[usize]) {
    let violations = rule(&Source::new(path, text));
    let line = |it: &String| it.split(':').nth(1).and_then(|number| number.parse().ok());
    let lines: Option<Vec<usize>> = violations.iter().map(line).collect();
    assert_eq!(lines.as_deref(), Some(expected), "{path} {text:?}: {violations:?}");
}
