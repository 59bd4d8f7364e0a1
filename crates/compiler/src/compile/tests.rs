//! How often files are read until they are packed, and the name of a site.

use std::{
    fs,
    io::Write,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use chapbook_format::digest;
use flate2::{Compression, write::GzEncoder};

use super::*;
use crate::{site_file::tests::take_bytes_read, write::Payload};

/// Another number for each content: equal ones are copied once only.
fn seed() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Bytes that cannot be compressed.
fn noise(length: usize) -> Vec<u8> {
    let seed = seed() << 32;
    let hashes = (0..).flat_map(|at: u64| digest::of(&(seed + at).to_le_bytes()));
    hashes.take(length).collect()
}

/// A text of about this length, which can be compressed.
fn words(length: usize) -> String {
    let seed = seed();
    let word = |at: u64| format!("{:x} ", (at * at + seed) % 99_991);
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

/// A page of about this length with a diagnostic that depends on other files.
fn page_with(element: &str, length: usize) -> Vec<u8> {
    page(&format!("{element} {}", words(length)))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const SHORT: usize = 40 << 10;

/// Above the length from which files are read in pieces.
const LONG: usize = 17 << 18;

const HEADERS: &str = "
/unchanged.js
  Cache-Control: no-transform
/long-unchanged.js
  Cache-Control: no-transform
/gz/*
  Content-Encoding: gzip
";

/// A file of a site.
type File = (&'static str, Vec<u8>);

fn files() -> Vec<File> {
    vec![
        ("index.html", page("<link rel=icon href=icon.png><link rel=icon href=icon.svg>")),
        ("icon.png", noise(SHORT)),
        ("icon.svg", format!("<svg xmlns='{SVG}'><!--{}--></svg>", words(SHORT)).into()),
        ("favicon.ico", noise(LONG)),
        ("short.html", page(&words(SHORT))),
        ("long.html", page(&words(LONG))),
        ("short.css", format!("/* {} */", words(SHORT)).into()),
        ("short.json", format!("\"{}\"", words(SHORT)).into()),
        ("long.json", format!("\"{}\"", words(LONG)).into()),
        ("item.json", b"{}".into()),
        ("item.schema.json", br#"{"$ref": "name.schema.json"}"#.into()),
        ("name.schema.json", br#"{"type": "object"}"#.into()),
        ("noise.json", format!("\"{}\"", ideographs(SHORT)).into()),
        ("long-noise.json", format!("\"{}\"", ideographs(LONG)).into()),
        ("unchanged.js", format!("// {}", words(SHORT)).into()),
        ("long-unchanged.js", format!("// {}", words(LONG)).into()),
        ("_headers", HEADERS.into()),
        ("_redirects", b"/from /short 302".into()),
        ("short.csv", words(SHORT).into()),
        ("long.csv", words(LONG).into()),
        ("short.txt", words(SHORT).into()),
        ("long.txt", words(LONG).into()),
        ("long.key", noise(LONG)),
        ("gz/short.js.gz", gzip(words(SHORT).as_bytes())),
        ("gz/medium.data.gz", gzip(&noise(SHORT))),
        ("gz/long.data.gz", gzip(&noise(LONG))),
        ("short.svgz", gzip(&page(&words(SHORT)))),
        ("long.svgz", gzip(&noise(LONG))),
        ("short.png", noise(SHORT)),
        ("long.mp4", noise(LONG)),
        // Searched for keys.
        ("noise.key", noise(SHORT)),
        ("words.crt", words(SHORT).into()),
        ("noise.txt", noise(SHORT)),
        // Linted by its name, and decoded.
        ("gz/short.js", gzip(words(SHORT).as_bytes())),
        ("gz/long.js", gzip(&noise(LONG))),
        // Diagnostics that depend on other files.
        ("short-fragment.html", page_with("<a href=#x>x</a>", SHORT)),
        ("long-fragment.html", page_with("<a href=#x>x</a>", LONG)),
        ("short-host.html", page_with(OWN_HOST, SHORT)),
        ("long-host.html", page_with(OWN_HOST, LONG)),
        ("both.html", page_with(&format!("<a href=#x>x</a>{OWN_HOST}"), SHORT)),
        ("fragment.svg", page_with("<a href=#x>x</a>", SHORT)),
        // Linted by their use.
        ("uses.html", page(USES)),
        ("short-app.json", format!("{{\"name\": \"{}\"}}", words(SHORT)).into()),
        ("long-app.json", format!("{{\"name\": \"{}\"}}", words(LONG)).into()),
        ("noise-app.json", format!("{{\"name\": \"{}\"}}", ideographs(SHORT)).into()),
        ("script", format!("// {}", words(SHORT)).into()),
    ]
}

const SVG: &str = "http://www.w3.org/2000/svg";

const OWN_HOST: &str = "<link rel=canonical href=https://own.example/short-host>\
    <a href=https://own.example/short>x</a><img src=https://other.example/x alt=x>";

const USES: &str = "<link rel=manifest href=short-app.json><link rel=manifest href=long-app.json>\
    <link rel=manifest href=noise-app.json><script src=script></script>";

/// The files of a site that was built for `/r/`.
fn files_for_prefix() -> Vec<File> {
    let links = "<a href=/r/short>x</a><link rel=stylesheet href=/r/a.css><a href=#x>x</a>";
    vec![
        ("index.html", page_with(links, LONG)),
        ("short.html", page_with(links, SHORT)),
        ("long.html", page_with(links, LONG)),
        ("a.css", format!("/* {} */ a {{ background: url(/r/b.png) }}", words(SHORT)).into()),
        ("b.png", noise(SHORT)),
        ("noise.json", format!("\"{}\"", ideographs(SHORT)).into()),
        ("long-noise.json", format!("\"{}\"", ideographs(LONG)).into()),
    ]
}

/// The files of a site that is perhaps too long: two of each have the same length.
fn files_of_a_long_site() -> Vec<File> {
    let both = |paths: [&'static str; 2], of: fn(usize) -> Vec<u8>, length| {
        paths.map(|path| (path, of(length)))
    };
    let text = |length| words(length).into_bytes()[..length].to_vec();
    let all = [
        vec![("index.html", page("x")), ("a.mov", noise(LONG)), ("same-as-a.mov", Vec::new())],
        both(["short-a.png", "short-b.png"], noise, SHORT).into(),
        both(["long-a.mp4", "long-b.mp4"], noise, LONG).into(),
        both(["short-a.csv", "short-b.csv"], text, SHORT).into(),
        both(["long-a.csv", "long-b.csv"], text, LONG).into(),
        both(["long-a.css", "long-b.css"], text, LONG).into(),
    ];
    let mut files = all.concat();
    files[2].1 = files[1].1.clone();
    files
}

/// Compiles a folder, and writes the payload.
fn payload(root: &Path, packed: Option<PackedContents>, contents_max: Option<u64>) -> Vec<u8> {
    let spill_file = Some(SpillFile::new(tempfile::tempfile().unwrap()));
    let root = root.to_owned();
    let effort = Effort::Fast;
    let allow = vec![Lint::MissingFragment, Lint::ExternalLoad, Lint::BuiltForPrefix];
    let lint_levels = LintLevels { allow, ..LintLevels::default() };
    let options = Options {
        home_page: HomePage::read(&root),
        root,
        spill_file,
        packed,
        effort,
        lint_levels,
        contents_max,
        ..Options::default()
    };
    let linted = LintedSite::new(&options).unwrap();
    let is_short = |path: &str| linted.file_length(path).is_some_and(|it| it < LONG as u64);
    for icon in linted.app().icons.iter().filter(|icon| is_short(&icon.path)) {
        // Once to compare it with others, and once to use it.
        for _ in 0..2 {
            linted.read_file(&icon.path).unwrap();
        }
    }
    let compiled = linted.render().unwrap();
    let site = compiled.site.unwrap_or_else(|| panic!("{:?}", compiled.report.diagnostics));
    for representation in site.resources.iter().flat_map(|it| &it.representations) {
        let content = &representation.content;
        if content.folder_file().is_none() {
            assert_eq!(*content.hash(), digest::of(&content.bytes().unwrap()));
        }
    }
    Payload::new(&site).unwrap().to_bytes().unwrap()
}

/// Compiles a site, without an old output and with one.
fn check_reads(files: &[File], contents_max: Option<u64>) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("gz")).unwrap();
    for (path, bytes) in files {
        fs::write(folder.path().join(path), bytes).unwrap();
    }
    let check = |packed: Option<PackedContents>| {
        let is_packed = packed.is_some();
        let written = payload(folder.path(), packed, contents_max);
        for (path, bytes) in files {
            let length = bytes.len() as u64;
            let read = take_bytes_read(&folder.path().join(path));
            let max = 2 * length;
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
fn each_byte_is_read_at_most_twice() {
    check_reads(&files(), None);
}

#[test]
fn each_byte_of_a_site_that_was_built_for_a_prefix_is_read_at_most_twice() {
    check_reads(&files_for_prefix(), None);
}

#[test]
fn each_byte_of_a_site_that_is_perhaps_too_long_is_read_at_most_twice() {
    let files = files_of_a_long_site();
    let length: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    check_reads(&files, Some(length as u64 - 1));
}

#[test]
fn a_site_is_named_by_its_author_its_manifest_its_title_or_its_file() {
    let page = |head: &str| {
        format!("<!doctype html><html lang=en><meta charset=utf-8>{head}<p>Hello</p></html>")
    };
    let title = page("<title>A title</title>");
    let linked = page("<title>A title</title><link rel=manifest href=m.json>");
    let generated = page("<title>React App</title><link rel=manifest href=m.json>");
    let rows = [
        (&title, "{}", None, Some("a-title")),
        (&linked, "{}", None, Some("a-title")),
        (&linked, r#"{"short_name": "Notes"}"#, None, Some("notes")),
        (&linked, r#"{"id": "org.notes", "short_name": "Notes"}"#, None, Some("org-notes")),
        (&linked, r#"{"id": "/", "short_name": "Notes"}"#, None, Some("notes")),
        (&linked, r#"{"short_name": "Notes"}"#, Some("Mine"), Some("mine")),
        (&linked, r#"{"short_name": "React App"}"#, None, Some("a-title")),
        (&generated, "{}", None, Some("file")),
        (&generated, r#"{"short_name": "React App"}"#, None, Some("file")),
        (&generated, r#"{"short_name": "Notes"}"#, None, Some("notes")),
        (&generated, "{}", Some("React App"), Some("react-app")),
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
