//! The files that git tracks. Sites, packed executables and other target folders in a checkout are
//! not among them.

use std::{fs, path::Path};

use super::source::Source;
use crate::harness::{Program, listing, repository};

/// Inputs of tests that contain mistakes deliberately, screens of wide terminals, and licences.
const EXCEPTIONS: [&str; 5] = [
    "tests/sites/",
    "tests/site-cases/",
    "tests/conformance/cases.json",
    "tests/screens/",
    "THIRD-PARTY.md",
];

/// Every tracked file that is text, in sorted order.
pub(super) fn sources() -> Vec<Source> {
    let root = repository("");
    let paths = tracked(&root).unwrap_or_else(|| not_ignored(&root));
    let paths = paths.iter().filter(|path| !EXCEPTIONS.iter().any(|it| path.starts_with(it)));
    // A file that is not text, or deleted and not yet committed, cannot be read.
    let read = |path: &String| Some(Source::new(path, &fs::read_to_string(root.join(path)).ok()?));
    paths.filter_map(read).collect()
}

/// The paths that git tracks, if this is a repository and there is a git.
fn tracked(root: &Path) -> Option<Vec<String>> {
    if !root.join(".git").exists() {
        return None;
    }
    let git = Program::new("git").args(["ls-files", "-z"]).cwd(root);
    let paths = git.run_if_installed()?;
    Some(paths.split_terminator('\0').map(str::to_owned).collect())
}

/// Every path that .gitignore does not exclude, for sources without a repository.
fn not_ignored(root: &Path) -> Vec<String> {
    let patterns = fs::read_to_string(root.join(".gitignore")).unwrap_or_default() + "\n.git";
    let is_ignored = |path: &str| {
        patterns.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).any(|pattern| {
            let name = pattern.trim_matches('/');
            if pattern.starts_with('/') {
                path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            } else {
                path.split('/').any(|part| part == name)
            }
        })
    };
    let files = listing(root).into_iter().filter(|file| file.is_file());
    let path = |file: std::path::PathBuf| {
        let path = file.strip_prefix(root).expect("a listing is below its folder");
        path.to_string_lossy().replace('\\', "/")
    };
    files.map(path).filter(|path| !is_ignored(path)).collect()
}

#[test]
fn the_files_are_those_of_git_or_those_that_it_does_not_ignore() {
    use crate::harness::folder_of;

    let folder = folder_of(&[
        (".gitignore", "target/\n/dist/\n\n# a comment\n"),
        ("a.rs", ""),
        ("distant.rs", ""),
        ("deep/dist/b.rs", ""),
        ("deep/target/c.rs", ""),
        ("dist/d.rs", ""),
    ]);
    assert_eq!(tracked(folder.path()), None);
    let expected = [".gitignore", "a.rs", "deep/dist/b.rs", "distant.rs"];
    assert_eq!(not_ignored(folder.path()), expected);
    let git = |arguments: &[&str]| Program::new("git").args(arguments).cwd(folder.path()).run();
    git(&["init", "-q"]).succeeded();
    git(&["add", "a.rs", "deep/dist"]).succeeded();
    assert_eq!(tracked(folder.path()).expect("a repository"), ["a.rs", "deep/dist/b.rs"]);
    assert_eq!(not_ignored(folder.path()), expected);
}
