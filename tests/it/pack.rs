//! `chapbook pack` and what it makes: an executable that carries a folder, whole or not at all.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::harness::chapbook;

fn run(command: &mut Command, arguments: &[&str], folder: &Path) -> Output {
    command.args(arguments).current_dir(folder).output().expect("the executable starts")
}

/// A folder with a site in `site`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    fs::create_dir(folder.path().join("site")).expect("it can be made");
    let page = "<!doctype html><html lang=en><title>Packed</title><p>Hello";
    fs::write(folder.path().join("site/index.html"), page).expect("it can be written");
    folder
}

#[test]
fn what_was_packed_is_whole_packs_again_and_gives_the_files_back() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let packed = run(&mut chapbook(), &["pack", "site", "-o", "one"], folder.path());
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    for arguments in [&["verify"][..], &["extract", "out"], &["pack", "site", "-o", "two"]] {
        let output = run(&mut Command::new(at("one")), arguments, folder.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
    }
    let read = |name: &str| fs::read(at(name)).expect("it was written");
    assert!(read("one") == read("two"), "the payload is replaced, not stacked");
    assert_eq!(read("out/index.html"), read("site/index.html"));
}

#[test]
fn what_cannot_be_packed_is_one_clear_line_and_nothing_is_written() {
    let folder = folder();
    fs::write(folder.path().join("there"), "mine").expect("it can be written");
    let rows: &[(&[&str], &str)] = &[
        (&["site", "-o", "there"], "`there` is there already; --force replaces it"),
        (&["site", "-o", "site"], "`site` is a folder; give the file to write"),
        (&["site", "-o", "no/demo"], "there is no folder `no` to write to"),
        (&["site", "-o", "site/demo"], "would lie in `site`"),
        (&["site", "-o", "x", "--base", "there"], "`there` is not a chapbook"),
        (&["nothing", "-o", "x"], "there is no folder `nothing`"),
    ];
    for (arguments, expected) in rows {
        let output = run(chapbook().arg("pack"), arguments, folder.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .expect("it can be listed")
        .map(|it| it.expect("it can be listed").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["site", "there"]);
    assert_eq!(fs::read(folder.path().join("there")).expect("it is there"), b"mine");
}
