//! Fixture sites, one for each mistake, and what is said about it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chapbook_bundle::{Options, compile};

/// Each folder of tests/sites is a site with one kind of mistake; `expected.txt` beside the site
/// holds what is said about it.
#[test]
fn every_fixture_site_is_judged_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
    let mut cases: Vec<PathBuf> = fs::read_dir(&root)
        .expect("tests/sites is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 10, "only {} fixtures", cases.len());
    for case in cases {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let site = case.join("site");
        let options = Options { root: site.clone(), ..Options::default() };
        let said = match compile(&options) {
            Err(error) => error.to_string(),
            Ok(compiled) => {
                let lines = compiled.diagnostics.iter().map(|it| format!("{it}\n"));
                let end = if compiled.bundle.is_some() { "bound\n" } else { "not bound\n" };
                lines.collect::<String>() + end
            }
        };
        // The folder's own path differs from machine to machine.
        let said = said.replace(&*site.to_string_lossy(), "site");
        let place = case.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&place, &said).expect("it can be written");
        }
        let expected = fs::read_to_string(&place).unwrap_or_default();
        assert_eq!(said, expected, "{name}");
    }
}
