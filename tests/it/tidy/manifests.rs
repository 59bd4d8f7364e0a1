//! Agreement of the manifests with ARCHITECTURE.md and CHANGELOG.md.

use super::source::Source;

/// Whether a path is the manifest of a crate that is released.
pub(super) fn is_released(path: &str) -> bool {
    let of_crate = path.strip_prefix("crates/").and_then(|path| path.strip_suffix("/Cargo.toml"));
    path == "Cargo.toml" || of_crate.is_some_and(|name| name != "oracle")
}

/// Every dependency is named, in backticks, in the section of ARCHITECTURE.md that gives reasons.
pub(super) fn dependencies_have_reasons(manifest: &Source, architecture: &str) -> Vec<String> {
    let mut sections = architecture.split("\n## ");
    let reasons = sections.find(|it| it.starts_with("Dependencies\n")).unwrap_or_default();
    let mut is_inside = false;
    let mut violations = Vec::new();
    for (number, line) in (1..).zip(manifest.text.lines()) {
        let name = line.split([' ', '.', '=']).next().unwrap_or_default();
        let is_foreign = name.starts_with(char::is_alphanumeric) && !name.starts_with("chapbook-");
        if line.starts_with('[') {
            let is_other = line.ends_with("dev-dependencies]") || line.starts_with("[workspace");
            is_inside = line.ends_with("dependencies]") && !is_other;
        } else if is_inside && is_foreign && !reasons.contains(&format!("`{name}`")) {
            let what = format!("ARCHITECTURE.md gives no reason for `{name}`");
            violations.push(manifest.violation(number, &what));
        }
    }
    violations
}

/// The first version in CHANGELOG.md, and no other there, is that of the manifest.
pub(super) fn version_is_announced(manifest: &Source, changes: &str) -> Vec<String> {
    let version = manifest.text.split("\nversion = \"").nth(1).and_then(|it| it.split('"').next());
    let version = version.unwrap_or("without a version");
    let mut names = changes.lines().filter_map(|it| it.strip_prefix("## ")?.split(' ').next());
    if names.next() == Some(version) && names.all(|name| name != version) {
        return vec![];
    }
    vec![manifest.violation(1, "not the version that CHANGELOG.md names first, and once")]
}

/// A crate that is published has what crates.io shows, the texts of its licences, and exact
/// versions of the others.
pub(super) fn crate_can_be_published(manifest: &Source, files: &[Source]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|it| it.path == path).map(|it| it.text.as_str());
    let folder = manifest.path.trim_end_matches("Cargo.toml");
    let mut problems = Vec::new();
    for field in ["description", "keywords", "categories", "license.workspace"] {
        if !manifest.text.contains(&format!("\n{field} = ")) {
            problems.push(format!("no `{field}`"));
        }
    }
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        if text(&format!("{folder}{name}")) != text(name) {
            problems.push(format!("no {name} that is a copy of the one in the root"));
        }
    }
    if text(&format!("{folder}README.md")).is_none() {
        problems.push("no README.md".to_owned());
    }
    let version = manifest.text.split("\nversion = ").nth(1).and_then(|it| it.lines().next());
    let exact = format!("version = \"={}", version.unwrap_or_default().trim_start_matches('"'));
    let own = |line: &&str| line.starts_with("chapbook-") && line.contains("version = ");
    let inexact = manifest.text.lines().filter(own).filter(|line| !line.contains(&exact));
    problems.extend(inexact.map(|line| format!("no exact version in `{line}`")));
    problems.iter().map(|problem| manifest.violation(1, problem)).collect()
}

#[test]
fn what_a_crate_lacks_to_be_published_is_found() {
    let complete = "[package]\nversion = \"1.0.0\"\ndescription = 1\nkeywords = 1\ncategories = 1\n\
        license.workspace = true\n[dependencies]\nchapbook-format = { version = \"=1.0.0\" }\n";
    let file = |path: &str, text: &str| Source::new(path, text);
    let files = |licence: &str| {
        let own = [file("a/LICENSE-MIT", licence), file("a/LICENSE-APACHE", "apache")];
        let of_root = [file("LICENSE-MIT", "mit"), file("LICENSE-APACHE", "apache")];
        own.into_iter().chain(of_root).chain([file("a/README.md", "")]).collect::<Vec<_>>()
    };
    for (manifest, licence, expected) in [
        (complete.to_owned(), "mit", 0),
        (complete.to_owned(), "other", 1),
        (complete.replace("keywords", "words"), "mit", 1),
        (complete.replace("\"=1", "\"1"), "mit", 1),
        (complete.replace("\"=1", "\"=2"), "other", 2),
    ] {
        let manifest = file("a/Cargo.toml", &manifest);
        let found = crate_can_be_published(&manifest, &files(licence));
        assert_eq!(found.len(), expected, "{}: {found:?}", manifest.text);
    }
}

#[test]
fn disagreements_between_a_manifest_and_the_documents_are_found() {
    let reasons = "# A\n`b`\n\n## Dependencies\n\n`c`: fast.\n\n## After\n`d`\n";
    for (manifest, expected) in [
        ("[package]\nx = 1\n[dependencies]\nc = \"1\"\nchapbook-format.workspace = true\n", 0),
        ("[dependencies]\nb = { a = [\n    \"x\",\n] }\n", 1),
        ("[target.'cfg(unix)'.dependencies]\nd.workspace = true\n", 1),
        ("[build-dependencies]\ne = \"1\"\n[dev-dependencies]\nf = \"1\"\n", 1),
    ] {
        let found = dependencies_have_reasons(&Source::new("Cargo.toml", manifest), reasons);
        assert_eq!(found.len(), expected, "{manifest}: {found:?}");
    }
    let manifest = Source::new("Cargo.toml", "[package]\nversion = \"1.0.0\"\n");
    for (changes, expected) in [
        ("## 1.0.0 (soon)\n## 0.1.0\n", 0),
        ("## 1.0.0\n## 1.0.0\n", 1),
        ("## 2.0.0\n## 1.0.0\n", 1),
    ] {
        assert_eq!(version_is_announced(&manifest, changes).len(), expected, "{changes}");
    }
    let paths = ["Cargo.toml", "crates/format/Cargo.toml", "crates/oracle/Cargo.toml", "fuzz/a"];
    assert_eq!(paths.map(is_released), [true, true, false, false]);
}
