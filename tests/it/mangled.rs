//! Sites that were damaged at random, by seed: whatever stands in them, they are judged to the end.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chapbook_compiler::{Options, check};

use crate::harness::Numbers;

const SITES: u64 = 1000;
const FILES_PER_SITE: usize = 8;
/// What damage is done with: pieces that begin, end or escape something in one of the languages.
const PIECES: [&[u8]; 24] = [
    b"<",
    b">",
    b"\"",
    b"'",
    b"\x80",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\n",
    b"\0",
    b"/*",
    b"<!--",
    b"<svg>",
    b"<template>",
    b"<plaintext>",
    b"{",
    b"]",
    b"\\",
    b"%",
    b":splat",
    b" 200",
    b"url(",
    b"`${",
    b"../",
    b"\xf0\x9f\x98\x80",
];
/// Names that decide how a file is read.
const NAMES: [&str; 10] = [
    "index.html",
    "_redirects",
    "_headers",
    "a.json",
    "a.schema.json",
    "b.webmanifest",
    "c.js",
    "d.css",
    "e.svg",
    "f.xhtml",
];

fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..numbers.below(12) {
        let at = numbers.below(bytes.len() + 1);
        match numbers.below(3) {
            0 => {
                let piece = PIECES[numbers.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            1 => {
                let end = (at + numbers.below(30)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(numbers.below(256)).unwrap_or_default();
                }
            }
        }
    }
}

/// Every file of the fixture sites and of the default site.
fn originals() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![root.join("site"), root.join("tests/sites")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).expect("it can be listed");
        let mut places: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
        places.sort();
        for place in places {
            if place.is_dir() {
                folders.push(place);
            } else if place.file_name().is_some_and(|name| name != "expected.txt") {
                files.push(fs::read(place).expect("it can be read"));
            }
        }
    }
    files
}

#[test]
fn whatever_stands_in_a_site_it_is_judged_to_the_end() {
    let originals = originals();
    let folder = tempfile::tempdir().expect("there is room for a site");
    let mut found = 0;
    for seed in 0..SITES {
        let mut numbers = Numbers::new(seed);
        for _ in 0..FILES_PER_SITE {
            let mut bytes = originals[numbers.below(originals.len())].clone();
            damage(&mut bytes, &mut numbers);
            let name = NAMES[numbers.below(NAMES.len())];
            fs::write(folder.path().join(name), bytes).expect("it can be written");
        }
        let options = Options { root: folder.path().to_owned(), ..Options::default() };
        let report = check(&options).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        for diagnostic in &report.diagnostics {
            found += 1;
            let Some(excerpt) = &diagnostic.excerpt else { continue };
            let marked = excerpt.text.get(excerpt.start..excerpt.end);
            assert!(marked.is_some(), "seed {seed}: {diagnostic:?}");
        }
    }
    assert!(found > 10_000, "only {found} mistakes were found, so that little was damaged");
}
