//! Fixture sites, one for each kind of mistake, and their diagnostics.

use std::{env, fs, path::PathBuf};

use crate::harness::{Outcome, chapbook, repository};

/// Each folder of tests/sites is a site with one kind of mistake; `expected.txt` next to the site
/// is the output of `chapbook check`. `UPDATE_EXPECTED=1` writes it.
#[test]
fn every_fixture_site_has_the_expected_diagnostics() {
    let fixtures = fs::read_dir(repository("tests/sites")).expect("a folder can be listed");
    let path = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").path();
    let mut fixtures: Vec<PathBuf> = fixtures.map(path).collect();
    fixtures.sort();
    assert!(fixtures.len() >= 30, "only {} fixtures", fixtures.len());
    for fixture in fixtures {
        let Outcome { status, stdout, stderr } =
            chapbook().args(["check", "site"]).cwd(&fixture).run();
        let status = status.expect("it exits");
        let output = format!("{stdout}{stderr}exit code {status}\n");
        let expected_path = fixture.join("expected.txt");
        if env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected_path, &output).expect("files can be written");
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        assert_eq!(output, expected, "{}", fixture.display());
    }
}
