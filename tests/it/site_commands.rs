//! `routes`, `extract` and `verify`: the commands for the site in an executable.

use std::{fs, path::Path};

use chapbook_format::ContentCoding;
use serde_json::Value;

use crate::harness::{Program, chapbook, listing, page, repository, site_file, site_folder, write};

/// A folder with a site of every kind of route, packed as `demo`.
fn packed() -> tempfile::TempDir {
    let folder = site_folder(&[
        ("index.html", &page(&"Hello ".repeat(100))),
        ("404.html", &page("Nothing")),
        ("a b/é.txt", "text"),
        ("_redirects", "/old /new.txt 301\n/was/* /a%20b/:splat 302\n/app/* / 200\n"),
        ("_headers", "/new.txt\n  Cache-Control: no-store\n"),
        ("new.txt", "text"),
    ]);
    chapbook().args(["pack", "site", "-o", "demo"]).cwd(folder.path()).run().succeeded();
    folder
}

/// The packed executable, run in its folder.
fn demo(folder: &Path, arguments: &[&str]) -> Program {
    Program::new(folder.join("demo")).args(arguments).cwd(folder)
}

#[test]
fn routes_prints_a_table() {
    let folder = packed();
    let table = demo(folder.path(), &["routes"]).run().succeeded();
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split_whitespace().collect()).collect();
    let starts: Vec<String> = rows.iter().map(|row| row[..2].join(" ")).collect();
    let expected = [
        "ROUTE STATUS",
        "/ 200",
        "/404 200",
        "/404.html 200",
        "/404/ 308",
        "/a%20b/%C3%A9.txt 200",
        "/index 308",
        "/index.html 200",
        "/new.txt 200",
        "/old 301",
        "/was/* 302",
        "/app/* 200",
        "/* 404",
    ];
    assert_eq!(starts, expected, "{table}");
    let row = |start: &str| rows.iter().find(|row| row[0] == start).expect("a row");
    // One column for each content coding, identity first.
    let codings = ContentCoding::ALL.len();
    let (sizes, rest) = row("/old")[2..].split_at(codings);
    assert!(sizes.iter().all(|size| *size == "-"), "{table}");
    assert_eq!(rest, ["to", "/new.txt", "no-cache"]);
    let (sizes, rest) = row("/new.txt")[2..].split_at(codings);
    assert!(sizes[0] == "4" && sizes[1..].iter().all(|size| *size == "-"), "{table}");
    assert_eq!(rest, ["text/plain;", "charset=utf-8", "no-store"]);
    let sizes =
        row("/")[2..2 + codings].iter().map(|size| size.parse().expect("a size is a number"));
    let sizes: Vec<usize> = sizes.collect();
    assert!(sizes.is_sorted_by(|a, b| a > b), "{sizes:?}");
}

#[test]
fn routes_of_a_folder_equal_those_of_its_packed_executable() {
    let folder = packed();
    for arguments in [&["routes", "--json"][..], &["routes"]] {
        let of_packed = demo(folder.path(), arguments).run().succeeded();
        let of_folder = chapbook().args(arguments).arg("site").cwd(folder.path());
        assert_eq!(of_folder.run().succeeded(), of_packed);
    }
}

#[test]
fn routes_as_json_are_an_object_each() {
    let folder = packed();
    let lines = demo(folder.path(), &["routes", "--json"]).run().succeeded();
    let records = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let records: Vec<Value> = records.collect();
    let record = |route: &str| records.iter().find(|it| it["route"] == route).expect("a record");
    let size = |coding| if coding == ContentCoding::Identity { 4.into() } else { Value::Null };
    let sizes = ContentCoding::ALL.map(|coding| (coding.token().to_owned(), size(coding)));
    let new = serde_json::json!({
        "route": "/new.txt",
        "status": 200,
        "media_type": "text/plain; charset=utf-8",
        "cache_control": "no-store",
        "location": null,
        "sizes": Value::Object(sizes.into_iter().collect()),
    });
    assert_eq!(record("/new.txt"), &new);
    assert_eq!(record("/was/*")["location"], "/a%20b/:splat");
    assert_eq!((&record("/*")["status"], &record("/old")["sizes"]), (&404.into(), &().into()));
}

#[test]
fn extract_writes_every_file_byte_for_byte() {
    let folder = packed();
    let stdout = demo(folder.path(), &["extract", "deep/out"]).run().succeeded();
    assert_eq!(stdout, "6 files written to deep/out\n");
    for path in ["index.html", "404.html", "a b/é.txt", "_redirects", "_headers", "new.txt"] {
        let read = |root: &str| fs::read(folder.path().join(root).join(path)).expect(path);
        assert_eq!(read("deep/out"), read("site"), "{path}");
    }
}

/// Its identity representation is decoded, and so is not the content of the file.
#[test]
fn a_precompressed_file_is_extracted_as_it_was() {
    let headers = "/a.js.gz\n  Content-Encoding: gzip\n";
    let folder = site_folder(&[("index.html", &page("Hello")), ("_headers", headers)]);
    let fixture = repository("tests/sites/wrong-content-encoding/site/good.js.gz");
    let original = fs::read(fixture).expect("a fixture");
    for name in ["a.js.gz", "a.svgz"] {
        fs::write(folder.path().join("site").join(name), &original).expect("a file");
    }
    chapbook().args(["pack", "site", "-o", "demo"]).cwd(folder.path()).run().succeeded();
    demo(folder.path(), &["verify"]).run().succeeded();
    let stdout = demo(folder.path(), &["extract", "out"]).run().succeeded();
    assert_eq!(stdout, "4 files written to out\n");
    for name in ["a.js.gz", "a.svgz"] {
        assert!(fs::read(folder.path().join("out").join(name)).expect(name) == original, "{name}");
    }
}

#[test]
fn the_embedded_site_can_be_extracted_and_verified() {
    let folder = tempfile::tempdir().expect("the disk has room");
    chapbook().args(["extract", "out"]).cwd(folder.path()).run().succeeded();
    for path in ["index.html", "book.json"] {
        let extracted = folder.path().join("out").join(path);
        assert_eq!(fs::read(extracted).expect(path), site_file(path));
    }
    let stdout = chapbook().arg("verify").cwd(folder.path()).run().succeeded();
    assert!(stdout.contains(" files are intact\nroot hash "), "{stdout}");
}

#[test]
fn extract_overwrites_nothing_and_follows_no_links() {
    let folder = packed();
    write(folder.path(), "there/new.txt", "mine");
    write(folder.path(), "blocked/a b", "mine");
    write(folder.path(), "file", "mine");
    let mut rows = vec![
        ("there", "`there/new.txt`: it already exists"),
        ("blocked", "`blocked/a b`: it is not a folder"),
        ("file", "`file`: it is not a folder"),
    ];
    #[cfg(unix)]
    {
        let link = |to: &str, name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders can be made");
            std::os::unix::fs::symlink(to, path).expect("links can be made");
        };
        fs::create_dir(folder.path().join("elsewhere")).expect("folders can be made");
        link("../elsewhere", "linked/a b");
        link("gone", "dangling/index.html");
        rows.extend([
            ("linked", "`linked/a b`: it is not a folder"),
            ("dangling", "`dangling/index.html`: it already exists"),
        ]);
    }
    for (name, expected) in rows {
        let before = listing(folder.path());
        let ran = demo(folder.path(), &["extract", name]).run();
        let expected = format!(
            "chapbook: cannot extract to {expected}; nothing was written; choose another folder\n"
        );
        assert_eq!((ran.status, ran.stderr), (Some(1), expected));
        assert_eq!(listing(folder.path()), before, "{name}");
    }
    assert_eq!(fs::read(folder.path().join("there/new.txt")).expect("the file exists"), b"mine");
}
