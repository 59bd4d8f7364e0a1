//! Fixture sites, one for each mistake, and what is said about it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::harness::chapbook;

/// Each folder of tests/sites is a site with one kind of mistake; `expected.txt` beside the site
/// holds what `chapbook check` says about it.
#[test]
fn every_fixture_site_is_judged_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
    let mut cases: Vec<PathBuf> = fs::read_dir(&root)
        .expect("tests/sites is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 30, "only {} fixtures", cases.len());
    for case in cases {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let mut command = chapbook();
        let output = command.args(["check", "site"]).current_dir(&case).output();
        let output = output.expect("the executable starts");
        let mut said = String::from_utf8(output.stdout).expect("it prints UTF-8");
        said += &String::from_utf8(output.stderr).expect("it prints UTF-8");
        let code = output.status.code().expect("it exits");
        let said = format!("{said}exit code {code}\n");
        let place = case.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&place, &said).expect("it can be written");
        }
        let expected = fs::read_to_string(&place).unwrap_or_default();
        assert_eq!(said, expected, "{name}");
    }
}
