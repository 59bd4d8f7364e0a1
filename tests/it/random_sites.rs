//! Sites with random damage, by seed: checking any content completes.

use std::{fs, path::PathBuf};

use chapbook_compiler::{Options, check};

use crate::harness::{Rng, repository};

const SITES: u64 = 1000;
const FILES_PER_SITE: usize = 8;
/// Pieces to insert, which begin, end or escape a construct of one of the languages.
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
/// File names of every language.
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

fn damage(bytes: &mut Vec<u8>, numbers: &mut Rng) {
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
    let mut folders: Vec<PathBuf> = vec![repository("site"), repository("tests/sites")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).expect("a folder can be listed");
        let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "expected.txt") {
                files.push(fs::read(path).expect("a file can be read"));
            }
        }
    }
    files
}

#[test]
fn checking_a_damaged_site_completes_with_valid_excerpts() {
    let originals = originals();
    let folder = tempfile::tempdir().expect("the disk has room");
    let mut found = 0;
    for seed in 0..SITES {
        let mut numbers = Rng::new(seed);
        for _ in 0..FILES_PER_SITE {
            let mut bytes = originals[numbers.below(originals.len())].clone();
            damage(&mut bytes, &mut numbers);
            let name = NAMES[numbers.below(NAMES.len())];
            fs::write(folder.path().join(name), bytes).expect("files can be written");
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
    assert!(found > 10_000, "only {found} diagnostics: too little was damaged");
}
