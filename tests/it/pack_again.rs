//! How hard `chapbook pack` compresses.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Program, chapbook, page, site_folder};

/// Packs the site in this folder. Returns the summary.
fn pack(folder: &Path, arguments: &[&str]) -> Value {
    let program = chapbook().args(["pack", "site", "--json", "-o"]).args(arguments).cwd(folder);
    serde_json::from_str(&program.run().succeeded()).expect("the summary is JSON")
}

/// Text that takes a compressor some effort.
fn text() -> String {
    let lines = (0..30_000_u32).map(|it| [it, it.wrapping_mul(2_654_435_761) >> 7]);
    lines.map(|[number, noise]| number.to_string() + " " + &noise.to_string() + "\n").collect()
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
