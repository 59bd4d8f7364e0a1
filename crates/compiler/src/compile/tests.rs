//! How often files are read until they are packed, and the name of a site.

use std::{fs, io::Write, path::Path};

use chapbook_format::digest;
use flate2::{Compression, write::GzEncoder};

use super::*;
use crate::{site_file::tests::take_bytes_read, write::Payload};

/// Bytes that cannot be compressed, and are the same in each run.
fn noise(length: usize) -> Vec<u8> {
    let hashes = (0..).flat_map(|at: u64| digest::of(&at.to_le_bytes()));
    hashes.take(length).collect()
}

/// A text of about this length, which can be compressed.
fn words(length: usize) -> String {
    let word = |at: u64| format!("{:x} ", at * at % 99_991);
    (0..).map(word).take(length / 5).collect()
}

/// A text that cannot be compressed.
fn ideographs(length: usize) -> String {
    let character = |two: &[u8]| {
        let number = u32::from(two[0]) << 8 | u32::from(two[1]);
        char::from_u32(0x4e00 + number % 0x5000).unwrap()
    };
    noise(length / 3 * 2).chunks_exact(2).map(character).collect()
}

fn page(text: &str) -> Vec<u8> {
    let head = "<!doctype html><html lang=en><meta charset=utf-8><title>t</title>";
    format!("{head}<link rel=icon href=data:,><p>{text}</p>").into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const SHORT: usize = 40 << 10;

/// Above the length from which files are read in pieces.
const LONG: usize = 5 << 20;

const HEADERS: &str = "
/unchanged.js
  Cache-Control: no-transform
/long-unchanged.js
  Cache-Control: no-transform
/gz/*
  Content-Encoding: gzip
";

/// The files of a site, each with how often it may be read.
fn files() -> Vec<(&'static str, Vec<u8>, u64)> {
    vec![
        ("index.html", page("short"), 2),
        ("short.html", page(&words(SHORT)), 2),
        ("long.html", page(&words(LONG)), 2),
        ("short.css", format!("/* {} */", words(SHORT)).into(), 2),
        ("short.json", format!("\"{}\"", words(SHORT)).into(), 2),
        ("long.json", format!("\"{}\"", words(LONG)).into(), 2),
        ("item.json", b"{}".into(), 2),
        ("item.schema.json", br#"{"$ref": "name.schema.json"}"#.into(), 2),
        ("name.schema.json", br#"{"type": "object"}"#.into(), 2),
        ("noise.json", format!("\"{}\"", ideographs(SHORT)).into(), 2),
        ("long-noise.json", format!("\"{}\"", ideographs(LONG)).into(), 2),
        ("unchanged.js", format!("// {}", words(SHORT)).into(), 2),
        ("long-unchanged.js", format!("// {}", words(LONG)).into(), 2),
        ("_headers", HEADERS.into(), 2),
        ("_redirects", b"/from /short 302".into(), 2),
        ("short.csv", words(SHORT).into(), 2),
        ("long.csv", words(LONG).into(), 2),
        ("short.txt", words(SHORT).into(), 2),
        ("long.txt", words(LONG).into(), 2),
        ("long.key", noise(LONG), 2),
        ("gz/short.js.gz", gzip(words(SHORT).as_bytes()), 2),
        ("gz/medium.data.gz", gzip(&noise(SHORT)), 2),
        ("gz/long.data.gz", gzip(&noise(LONG)), 2),
        ("short.svgz", gzip(&page(&words(SHORT))), 2),
        ("long.svgz", gzip(&noise(LONG)), 2),
        ("short.png", noise(SHORT), 2),
        ("long.mp4", noise(LONG), 2),
    ]
}

/// Compiles a folder, and writes the payload.
fn payload(root: &Path, packed: Option<PackedContents>) -> Vec<u8> {
    let spill_file = Some(SpillFile::new(tempfile::tempfile().unwrap()));
    let root = root.to_owned();
    let effort = Effort::Fast;
    let options = Options { root, spill_file, packed, effort, ..Options::default() };
    let compiled = compile(&options).unwrap();
    let site = compiled.site.unwrap_or_else(|| panic!("{:?}", compiled.report.diagnostics));
    for representation in site.resources.iter().flat_map(|it| &it.representations) {
        let content = &representation.content;
        if content.folder_file().is_none() {
            assert_eq!(*content.hash(), digest::of(&content.bytes().unwrap()));
        }
    }
    Payload::new(&site).unwrap().to_bytes().unwrap()
}

#[test]
fn each_byte_is_read_at_most_twice() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("gz")).unwrap();
    for (path, bytes, _) in files() {
        fs::write(folder.path().join(path), bytes).unwrap();
    }
    let check = |packed: Option<PackedContents>| {
        let is_packed = packed.is_some();
        let written = payload(folder.path(), packed);
        for (path, bytes, times) in files() {
            let length = bytes.len() as u64;
            let read = take_bytes_read(&folder.path().join(path));
            let max = times * length;
            assert!(read <= max, "{path}: {read} of {max} bytes, packed before: {is_packed}");
            assert!(read >= length, "{path}");
        }
        written
    };
    let written = check(None);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&written).unwrap();
    let packed = PackedContents::in_file(file, 0, written.len() as u64);
    assert!(check(packed) == written, "the old output changes the new one");
}

#[test]
fn a_site_is_named_by_its_author_its_manifest_its_title_or_its_file() {
    let page = |head: &str| {
        format!("<!doctype html><html lang=en><meta charset=utf-8>{head}<p>Hello</p></html>")
    };
    let title = page("<title>A title</title>");
    let linked = page("<title>A title</title><link rel=manifest href=m.json>");
    let rows = [
        (&title, "{}", None, Some("a-title")),
        (&linked, "{}", None, Some("a-title")),
        (&linked, r#"{"short_name": "Notes"}"#, None, Some("notes")),
        (&linked, r#"{"id": "org.notes", "short_name": "Notes"}"#, None, Some("org-notes")),
        (&linked, r#"{"id": "/", "short_name": "Notes"}"#, None, Some("notes")),
        (&linked, r#"{"short_name": "Notes"}"#, Some("Mine"), Some("mine")),
        (&page("<title>?</title>"), "{}", None, Some("file")),
    ];
    for (home, manifest, name, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), home).unwrap();
        fs::write(folder.path().join("m.json"), manifest).unwrap();
        let options = Options {
            root: folder.path().to_owned(),
            site_name: name.map(str::to_owned),
            name_fallback: "file".to_owned(),
            ..Options::default()
        };
        let site = compile(&options).unwrap().site.unwrap();
        assert_eq!(site.info.name.as_deref(), expected, "{manifest}");
    }
}
