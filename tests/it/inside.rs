//! `routes`, `extract` and `verify`: what the commands say about the site inside, and write of it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::harness::{chapbook, page, site_folder, write};

fn run(command: &mut Command, arguments: &[&str], folder: &Path) -> Output {
    command.args(arguments).current_dir(folder).output().expect("the executable starts")
}

/// What a command says that has to do what it was told.
fn said(command: &mut Command, arguments: &[&str], folder: &Path) -> String {
    let output = run(command, arguments, folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

/// A folder with a site of every kind of route, and the site packed as `demo`.
fn packed() -> tempfile::TempDir {
    let folder = site_folder(&[
        ("index.html", &page(&"Hello ".repeat(100))),
        ("404.html", &page("Nothing")),
        ("a b/é.txt", "text"),
        ("_redirects", "/old /new.txt 301\n/was/* /a%20b/:splat 302\n/app/* / 200\n"),
        ("_headers", "/new.txt\n  Cache-Control: no-store\n"),
        ("new.txt", "text"),
    ]);
    said(chapbook().arg("pack"), &["site", "-o", "demo"], folder.path());
    folder
}

fn demo(folder: &Path) -> Command {
    Command::new(folder.join("demo"))
}

#[test]
fn routes_are_a_table_for_people() {
    let folder = packed();
    let table = said(&mut demo(folder.path()), &["routes"], folder.path());
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split_whitespace().collect()).collect();
    let first = |row: &[&str]| row[..2].join(" ");
    let starts: Vec<String> = rows.iter().map(|row| first(row)).collect();
    let expected = [
        "ROUTE STATUS",
        "/ 200",
        "/404 200",
        "/404.html 200",
        "/a%20b/%C3%A9.txt 200",
        "/index.html 200",
        "/new.txt 200",
        "/old 301",
        "/was/* 302",
        "/app/* 200",
        "/* 404",
    ];
    assert_eq!(starts, expected, "{table}");
    let row = |start: &str| rows.iter().find(|row| row[0] == start).expect("it is listed");
    assert_eq!(row("/old")[2..], ["-", "-", "-", "to", "/new.txt", "no-cache"]);
    assert_eq!(row("/new.txt")[2..], ["4", "-", "-", "text/plain;", "charset=utf-8", "no-store"]);
    let sizes: Vec<usize> = row("/")[2..5].iter().map(|it| it.parse().expect("a size")).collect();
    assert!(sizes[0] > sizes[1] && sizes[1] > sizes[2], "{sizes:?}");
}

#[test]
fn routes_of_a_folder_are_those_of_the_executable_that_is_packed_with_it() {
    let folder = packed();
    for arguments in [&["routes", "--json"][..], &["routes"]] {
        let of_packed = said(&mut demo(folder.path()), arguments, folder.path());
        let of_folder = said(chapbook().args(arguments), &["site"], folder.path());
        assert_eq!(of_folder, of_packed);
    }
}

#[test]
fn routes_are_an_object_each_for_programs() {
    let folder = packed();
    let lines = said(&mut demo(folder.path()), &["routes", "--json"], folder.path());
    let records = lines.lines().map(|it| serde_json::from_str(it).expect("it is JSON"));
    let records: Vec<serde_json::Value> = records.collect();
    let at = |route: &str| records.iter().find(|it| it["route"] == route).expect("it is listed");
    let new = serde_json::json!({
        "route": "/new.txt",
        "status": 200,
        "media_type": "text/plain; charset=utf-8",
        "cache_control": "no-store",
        "location": null,
        "sizes": { "identity": 4, "gzip": null, "br": null },
    });
    assert_eq!(at("/new.txt"), &new);
    assert_eq!(at("/was/*")["location"], "/a%20b/:splat");
    assert_eq!((&at("/*")["status"], &at("/old")["sizes"]), (&404.into(), &().into()));
}

#[test]
fn every_file_comes_back_byte_for_byte() {
    let folder = packed();
    let text = said(&mut demo(folder.path()), &["extract", "deep/out"], folder.path());
    assert_eq!(text, "6 files in deep/out\n");
    for path in ["index.html", "404.html", "a b/é.txt", "_redirects", "_headers", "new.txt"] {
        let read = |place: &str| fs::read(folder.path().join(place).join(path)).expect(path);
        assert_eq!(read("deep/out"), read("site"), "{path}");
    }
}

#[test]
fn the_embedded_site_comes_back_and_is_whole() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    said(&mut chapbook(), &["extract", "out"], folder.path());
    for path in ["index.html", "book.json"] {
        let place = folder.path().join("out").join(path);
        assert_eq!(fs::read(place).expect(path), crate::harness::site_file(path));
    }
    let text = said(&mut chapbook(), &["verify"], folder.path());
    assert!(text.contains(" files are whole\nroot hash "), "{text}");
}

#[test]
fn nothing_is_written_over_or_through_what_is_there() {
    let folder = packed();
    let at = |name: &str| folder.path().join(name);
    write(folder.path(), "there/new.txt", "mine");
    write(folder.path(), "blocked/a b", "mine");
    write(folder.path(), "file", "mine");
    let mut rows = vec![
        ("there", "`there/new.txt` is there already; nothing was written"),
        ("blocked", "`blocked/a b` is no folder, and a folder is needed; nothing was written"),
        ("file", "`file` is no folder, and a folder is needed; nothing was written"),
    ];
    #[cfg(unix)]
    {
        let link = |to: &str, name: &str| {
            fs::create_dir_all(at(name).parent().expect("a folder")).expect("it can be made");
            std::os::unix::fs::symlink(to, at(name)).expect("it can be made");
        };
        fs::create_dir(at("elsewhere")).expect("it can be made");
        link("../elsewhere", "linked/a b");
        link("gone", "dangling/index.html");
        rows.extend([
            ("linked", "`linked/a b` is no folder, and a folder is needed; nothing was written"),
            ("dangling", "`dangling/index.html` is there already; nothing was written"),
        ]);
    }
    for (name, expected) in rows {
        let before = listing(folder.path());
        let output = run(&mut demo(folder.path()), &["extract", name], folder.path());
        let problem = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), problem), (Some(1), format!("chapbook: {expected}\n")));
        assert_eq!(listing(folder.path()), before, "{name}");
    }
    assert_eq!(fs::read(at("there/new.txt")).expect("it is there"), b"mine");
}

/// The paths of everything below a folder.
fn listing(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it can be listed") {
            let entry = entry.expect("it can be listed");
            if entry.file_type().expect("it has one").is_dir() {
                folders.push(entry.path());
            }
            found.push(entry.path());
        }
    }
    found.sort();
    found
}
