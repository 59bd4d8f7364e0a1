//! How hard `chapbook pack` compresses, and what it takes from the output that it overwrites.

use std::{fs, path::Path};

use serde_json::Value;

use crate::harness::{Program, chapbook, page, repository, site_folder, write};

/// Packs the site in this folder. Returns the summary.
fn pack(folder: &Path, arguments: &[&str]) -> Value {
    let program = chapbook().args(["pack", "site", "--json", "-o"]).args(arguments).cwd(folder);
    serde_json::from_str(&program.run().succeeded()).expect("the summary is JSON")
}

/// Text that is written by people.
fn text() -> String {
    fs::read_to_string(repository("ARCHITECTURE.md")).expect("the file exists")
}

#[test]
fn fast_packing_compresses_less_with_the_same_content_codings() {
    let folder = site_folder(&[("index.html", &page("Hello")), ("data.csv", &text())]);
    let length = |summary: &Value, coding: &str| summary["sizes"][coding].as_u64();
    let (best, fast) = (pack(folder.path(), &["best"]), pack(folder.path(), &["fast", "--fast"]));
    assert!(length(&best, "br") < length(&fast, "br"), "{best} {fast}");
    assert!(length(&fast, "gzip") < length(&fast, "identity"), "{best} {fast}");
    assert_eq!(length(&best, "identity"), length(&fast, "identity"));
    Program::new(folder.path().join("fast")).args(["verify"]).run().succeeded();
}

/// The same bytes as without an old output, whatever it is.
#[test]
fn what_an_old_output_holds_is_not_compressed_again() {
    let folder = site_folder(&[("index.html", &page("Hello")), ("data.csv", &text())]);
    let read = |name: &str| fs::read(folder.path().join(name)).expect("the file exists");
    pack(folder.path(), &["full"]);
    pack(folder.path(), &["old", "--fast"]);
    write(folder.path(), "script", "#!/bin/sh\n");
    for old in ["full", "old", "script", "full"] {
        pack(folder.path(), &[old, "--force"]);
        assert!(read(old) == read("full"), "{old}");
    }
    // A content of the old output that is not what its hash says is not used.
    let mut damaged = read("full");
    let length = damaged.len();
    damaged[length - 5_000] ^= 1;
    write(folder.path(), "damaged", damaged);
    pack(folder.path(), &["damaged", "--force"]);
    assert!(read("damaged") == read("full"));

    write(folder.path(), "site/new.txt", "a new file that is compressed ".repeat(20));
    pack(folder.path(), &["full", "--force"]);
    pack(folder.path(), &["fresh"]);
    assert!(read("full") == read("fresh"));
    pack(folder.path(), &["beside", "--beside"]);
    let book = read("beside.book");
    pack(folder.path(), &["beside", "--beside", "--force"]);
    assert!(read("beside.book") == book);
}
