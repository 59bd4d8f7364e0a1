//! `chapbook check`: its flags, its JSON, its colours, and folders that no repository can hold.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::harness::chapbook;

const PAGE: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>x</title>\n";

/// A folder with these files.
fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room for a site");
    for (path, content) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().expect("it lies in the site")).expect("a folder");
        fs::write(place, content).expect("it can be written");
    }
    folder
}

/// What `chapbook check` printed about a folder, and how it ended.
fn check(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = chapbook();
    let output = command.arg("check").arg(folder).args(arguments).output();
    let output = output.expect("the executable starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

#[test]
fn a_verdict_may_be_softened_and_hardened() {
    let dead = format!("{PAGE}<a href=/gone>x</a> <a href=docs>y</a>");
    let folder = site(&[("index.html", &dead), ("docs/index.html", PAGE)]);
    let rows: &[(&[&str], i32, &str)] = &[
        (&[], 1, "1 error, 1 warning"),
        (&["--allow", "broken-link"], 0, "0 errors, 2 warnings"),
        (&["--allow", "broken-link", "--deny", "missing-slash"], 1, "1 error, 1 warning"),
        (&["--allow", "broken-link", "--deny", "warnings"], 1, "1 error, 1 warning"),
        (&["--allow", "broken-link,missing-slash", "--deny", "warnings"], 0, "0 errors, 2"),
        (&["--deny", "warnings"], 1, "2 errors, 0 warnings"),
    ];
    for (arguments, code, end) in rows {
        let (ended, said, _) = check(folder.path(), arguments);
        let last = said.lines().last().expect("it says something");
        assert!(ended == *code && last.contains(end), "{arguments:?}: {ended} {last}");
    }
    let mut from_environment = chapbook();
    from_environment.arg("check").arg(folder.path()).env("CHAPBOOK_ALLOW", "broken-link");
    assert!(from_environment.output().expect("the executable starts").status.success());
}

#[test]
fn what_makes_no_sense_is_wrong_usage() {
    let folder = site(&[("index.html", PAGE)]);
    let rows: &[(&[&str], &str)] = &[
        (&["--allow", "broken-lnk"], "did you mean `broken-link`?"),
        (&["--allow", "unbound-file"], "can't be allowed"),
        (&["--allow", "broken-link", "--deny", "broken-link"], "allowed and denied"),
        (&["--jsno"], "--json"),
    ];
    for (arguments, expected) in rows {
        let (code, stdout, stderr) = check(folder.path(), arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}

#[test]
fn json_is_one_object_a_line_and_one_for_the_whole() {
    let folder = site(&[("index.html", &format!("{PAGE}<a href='/a\"b'>x</a>")), (".env", "x")]);
    let (code, said, _) = check(folder.path(), &["--json"]);
    assert_eq!(code, 1);
    let lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let file = format!("{}/index.html", folder.path().display());
    let expected = serde_json::json!([
        {
            "file": file, "line": 2, "column": 10, "severity": "error", "code": "broken-link",
            "message": "`/a\"b` leads to nothing: `/a\"b` is not in the site",
            "help": format!("add the file `{}/a\"b`", folder.path().display()),
        },
        {
            "files": 1, "routes": 2, "bytes": 86, "links": 1, "left_out": 1, "errors": 1,
            "warnings": 0,
        },
    ]);
    assert_eq!(Value::Array(lines), expected);
}

#[test]
fn colours_are_for_terminals_that_show_them() {
    let folder = site(&[("index.html", &format!("{PAGE}<a href=/gone>x</a>"))]);
    let (_, plain, _) = check(folder.path(), &[]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let on_terminal = |variable: &str| {
        let inner = format!("{} check {}", env!("CARGO_BIN_EXE_chapbook"), folder.path().display());
        let mut command = Command::new("script");
        command.args(["-qec", &inner, "/dev/null"]).env_remove("NO_COLOR").env("TERM", "xterm");
        let output = command.env(variable, "1").output().expect("script is there");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(on_terminal("UNRELATED").contains("\u{1b}["), "a terminal gets colours");
    assert!(!on_terminal("NO_COLOR").contains("\u{1b}["), "but not who wants none");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_an_error_with_its_name() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let folder = site(&[("index.html", PAGE)]);
    let place = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
    let made = Command::new("mkfifo").arg(place(b"fifo")).status().expect("mkfifo is there");
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(place(b"socket")).expect("it is bound");
    fs::write(place(b"caf\xe9"), "x").expect("it can be written");
    fs::write(place(b"a\nb"), "x").expect("it can be written");
    let (code, said, _) = check(folder.path(), &["--json"]);
    assert_eq!(code, 1);
    for expected in [
        "`fifo` is neither a file nor a folder",
        "`socket` is neither a file nor a folder",
        "has a name that is not UTF-8",
        "`a\\\\nb` has a control character in its name",
    ] {
        assert!(said.contains(expected), "no `{expected}` in:\n{said}");
    }
    let end = said.lines().last().expect("it says something");
    assert!(end.contains("\"errors\":4"), "{end}");
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_within_the_folder_only() {
    use std::os::unix::fs::symlink;

    let folder = site(&[("index.html", PAGE), ("folder/a.txt", "x")]);
    let link = |to: &str, name: &str| {
        symlink(to, folder.path().join(name)).expect("links can be made");
    };
    link("index.html", "fine.html");
    link("folder", "other");
    link("/etc/hostname", "out.txt");
    link("nowhere", "nothing.html");
    link("..", "folder/loop");
    let (code, said, _) = check(folder.path(), &["--json"]);
    assert_eq!(code, 1);
    for expected in [
        "`out.txt` is a link out of the folder",
        "`nothing.html` leads to nothing",
        "`folder/loop` is a link to a folder that holds it",
        "`other/loop` is a link to a folder that holds it",
    ] {
        assert!(said.contains(expected), "no `{expected}` in:\n{said}");
    }
    let end = said.lines().last().expect("it says something");
    assert!(end.contains("\"files\":4") && end.contains("\"errors\":4"), "{end}");
}

#[test]
fn an_empty_folder_and_none_are_told_apart() {
    let folder = site(&[]);
    let (code, said, _) = check(folder.path(), &[]);
    assert!(code == 1 && said.contains("error[empty-site]: the folder is empty"), "{said}");
    let (code, stdout, stderr) = check(&folder.path().join("gone"), &[]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.starts_with("chapbook: there is no folder `"), "{stderr}");
}

#[test]
fn the_first_hundred_of_a_kind_are_shown_in_their_lines_and_all_are_named() {
    let links: Vec<String> = (0..150).map(|it| format!("<a href=/gone-{it}>x</a>\n")).collect();
    let folder = site(&[("index.html", &format!("{PAGE}{}", links.concat()))]);
    let (_, said, _) = check(folder.path(), &[]);
    assert_eq!(said.matches("error[broken-link]").count(), 150);
    assert_eq!(said.matches(" | <a href=").count(), 100);
    assert_eq!(said.matches("= help: ").count(), 150);
}

#[test]
fn thousands_of_dead_links_are_judged_in_a_moment() {
    let names: Vec<String> = (0..300).map(|number| format!("page-{number}.html")).collect();
    let links: Vec<String> = (0..100).map(|it| format!("<a href=/gone-{it}>x</a>\n")).collect();
    let page = format!("{PAGE}{}", links.concat());
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), &*page)).collect();
    let folder = site(&[&[("index.html", PAGE)], files.as_slice()].concat());
    let (code, said, _) = check(folder.path(), &["--json"]);
    assert_eq!(code, 1);
    let last = said.lines().last().expect("it says something");
    assert!(last.contains("\"links\":30000") && last.contains("\"errors\":30000"), "{last}");
}
