//! `chapbook check`: options, JSON, colours, and folders that a repository cannot contain.

use std::{fmt::Write, fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Outcome, Program, chapbook, executable, folder_of};

const PAGE: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>x</title>\
                    <link rel=icon href=data:,>\n";

fn check(folder: &Path, arguments: &[&str]) -> Outcome {
    chapbook().arg("check").arg(folder).args(arguments).run()
}

#[test]
fn diagnostics_can_be_allowed_and_denied() {
    let dead = format!("{PAGE}<a href=/gone>x</a> <a href=docs>y</a>");
    let folder = folder_of(&[("index.html", &dead), ("docs/index.html", PAGE)]);
    let rows: &[(&[&str], i32, &str)] = &[
        (&[], 1, "1 error, 1 warning"),
        (&["--allow", "broken-link"], 0, "0 errors, 2 warnings"),
        (&["--allow", "broken-link", "--deny", "missing-slash"], 1, "1 error, 1 warning"),
        (&["--allow", "broken-link", "--deny", "warnings"], 1, "1 error, 1 warning"),
        (&["--allow", "broken-link,missing-slash", "--deny", "warnings"], 0, "0 errors, 2"),
        (&["--deny", "warnings"], 1, "2 errors, 0 warnings"),
    ];
    for (arguments, status, end) in rows {
        let ran = check(folder.path(), arguments);
        assert_eq!(ran.status, Some(*status), "{arguments:?}");
        assert!(ran.last_line().contains(end), "{arguments:?}: {}", ran.last_line());
    }
    let program = chapbook().arg("check").arg(folder.path()).env("CHAPBOOK_ALLOW", "broken-link");
    assert_eq!(program.run().status, Some(0));
}

#[test]
fn contradictory_or_unknown_options_are_wrong_usage() {
    let folder = folder_of(&[("index.html", PAGE)]);
    let rows: &[(&[&str], &str)] = &[
        (&["--allow", "broken-lnk"], "did you mean `broken-link`?"),
        (&["--allow", "unbound-file"], "cannot allow `unbound-file`"),
        (&["--allow", "broken-link", "--deny", "broken-link"], "cannot both allow and deny"),
        (&["--jsno"], "--json"),
    ];
    for (arguments, expected) in rows {
        let stderr = check(folder.path(), arguments).failed(2);
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}

#[test]
fn json_is_one_object_per_diagnostic_and_a_summary() {
    let page = format!("{PAGE}<a href='/a\"b'>x</a>");
    let folder = folder_of(&[("index.html", &page), (".env", "x")]);
    let ran = check(folder.path(), &["--json"]);
    assert_eq!(ran.status, Some(1));
    let lines = ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let file = format!("{}/index.html", folder.path().display());
    let expected = serde_json::json!([
        {
            "file": file, "line": 2, "column": 10, "severity": "error", "code": "broken-link",
            "message": "broken link: nothing is served at `/a\"b`",
            "help": format!("add the file `{}/a\"b.html`", folder.path().display()),
        },
        {
            "files": 1, "routes": 2, "bytes": 113, "links": 1, "left_out": 1, "errors": 1,
            "warnings": 0,
            "notes": 0,
        },
    ]);
    assert_eq!(Value::Array(lines.collect()), expected);
}

#[test]
fn colours_appear_on_a_terminal_unless_no_color_is_set() {
    let folder = folder_of(&[("index.html", &format!("{PAGE}<a href=/gone>x</a>"))]);
    let plain = check(folder.path(), &[]).stdout;
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let on_terminal = |variable: &str| {
        let (program, folder) = (executable(), folder.path());
        let inner = format!("'{}' check '{}'", program.display(), folder.display());
        let script = Program::new("script").args(["-qec", &inner, "/dev/null"]);
        script.without_env("NO_COLOR").env("TERM", "xterm").env(variable, "1").run().stdout
    };
    // Other control sequences remove the progress display.
    let is_style =
        |it: &str| it.trim_start_matches(|it| "0123456789;".contains(it)).starts_with('m');
    let has_styles = |text: &str| text.split("\u{1b}[").skip(1).any(is_style);
    assert!(has_styles(&on_terminal("UNRELATED")), "no colours on a terminal");
    assert!(!has_styles(&on_terminal("NO_COLOR")), "colours despite NO_COLOR");
}

/// Checks that the JSON output contains each of these texts, and no other error.
#[cfg(unix)]
fn assert_errors(folder: &Path, expected: &[&str]) {
    let ran = check(folder, &["--json"]);
    assert_eq!(ran.status, Some(1));
    for text in expected {
        assert!(ran.stdout.contains(text), "no `{text}` in:\n{}", ran.stdout);
    }
    let errors = format!("\"errors\":{}", expected.len());
    assert!(ran.last_line().contains(&errors), "{}", ran.last_line());
}

#[cfg(unix)]
#[test]
fn special_files_and_unusable_names_are_errors() {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt, net::UnixListener},
    };

    let folder = folder_of(&[("index.html", PAGE)]);
    let path_of = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
    Program::new("mkfifo").arg(path_of(b"fifo")).run().succeeded();
    let _socket = UnixListener::bind(path_of(b"socket")).expect("a socket can be bound");
    for name in [&b"caf\xe9"[..], b"a\nb"] {
        fs::write(path_of(name), "x").expect("files can be written");
    }
    assert_errors(
        folder.path(),
        &[
            "cannot include `fifo`: it is neither a file nor a folder",
            "cannot include `socket`: it is neither a file nor a folder",
            "its name is not UTF-8",
            "cannot include `a\\\\nb`: its name contains a control character",
        ],
    );
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_followed_within_the_folder_only() {
    use std::os::unix::fs::symlink;

    let folder = folder_of(&[("index.html", PAGE), ("folder/a.txt", "x")]);
    for (target, name) in [
        ("index.html", "fine.html"),
        ("folder", "other"),
        ("/etc/hostname", "out.txt"),
        ("nowhere", "nothing.html"),
        ("..", "folder/loop"),
    ] {
        symlink(target, folder.path().join(name)).expect("links can be made");
    }
    assert_errors(
        folder.path(),
        &[
            "cannot include `out.txt`: it is a symbolic link out of the folder",
            "cannot include `nothing.html`: broken symbolic link",
            "cannot include `folder/loop`: it is a symbolic link to a folder that contains it",
            "cannot include `other/loop`: it is a symbolic link to a folder that contains it",
        ],
    );
    let ran = check(folder.path(), &["--json"]);
    assert!(ran.last_line().contains("\"files\":4"), "{}", ran.last_line());
}

#[test]
fn an_empty_folder_is_reported_differently_from_a_missing_one() {
    let folder = folder_of(&[]);
    let ran = check(folder.path(), &[]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.stdout.contains("error[empty-site]: the folder is empty"), "{}", ran.stdout);
    let stderr = check(&folder.path().join("gone"), &[]).failed(1);
    assert!(stderr.starts_with("chapbook: cannot open the site `"), "{stderr}");
}

#[test]
fn excerpts_are_limited_per_code_but_every_diagnostic_is_listed() {
    let mut page = PAGE.to_owned();
    for number in 0..150 {
        writeln!(page, "<a href=/gone-{number}>x</a>").expect("writing into a String cannot fail");
    }
    let folder = folder_of(&[("index.html", &page)]);
    let stdout = check(folder.path(), &["--all"]).stdout;
    assert_eq!(stdout.matches("error[broken-link]").count(), 150);
    assert_eq!(stdout.matches(" | <a href=").count(), 100);
    assert_eq!(stdout.matches("= help: ").count(), 150);
}

/// A site of 60 pages with one menu, in which these links are broken.
fn site_with_menu(broken_links: &[&str]) -> TempDir {
    let links = broken_links.iter().map(|it| format!("<a href={it}>x</a>\n"));
    let page = format!("{PAGE}{}", links.collect::<String>());
    let names: Vec<String> = (1..60).map(|number| format!("page-{number}.html")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), &*page)).collect();
    folder_of(&[&[("index.html", &*page)], files.as_slice()].concat())
}

#[test]
fn a_broken_menu_is_one_diagnostic_for_each_link() {
    let folder = site_with_menu(&["/a", "/b", "/c", "/d", "/e"]);
    let ran = chapbook().args(["check", "."]).cwd(folder.path()).run();
    assert_eq!(ran.status, Some(1));
    assert!(ran.stdout.lines().count() < 60, "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("error[broken-link]").count(), 5);
    assert_eq!(ran.stdout.matches(" more places\n").count(), 5);
    let first = "./index.html:2:9: error[broken-link]: broken link: nothing is served at `/a`\n";
    assert!(ran.stdout.starts_with(first), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nerror  broken-link  300\n"), "{}", ran.stdout);
    assert!(ran.last_line().contains("300 errors, 0 warnings"), "{}", ran.last_line());
    let all = chapbook().args(["check", ".", "--all"]).cwd(folder.path()).run().stdout;
    assert_eq!(all.matches("error[broken-link]").count(), 300);
}

#[test]
fn a_long_broken_menu_is_drawn_for_its_first_links() {
    let folder = site_with_menu(&["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h", "/i", "/j"]);
    let stdout = chapbook().args(["check", "."]).cwd(folder.path()).run().stdout;
    assert!(stdout.lines().count() < 60, "{stdout}");
    assert_eq!(stdout.matches("error[broken-link]").count(), 10);
    assert_eq!(stdout.matches("= help: ").count(), 10);
    assert_eq!(stdout.matches(" more places\n").count(), 3);
    assert_eq!(stdout.matches("= also at: 59 places in the same files\n").count(), 7);
}

#[test]
fn errors_come_before_warnings() {
    let folder = folder_of(&[
        ("a.html", "<!doctype html><meta charset=utf-8><title>x</title>"),
        ("index.html", PAGE),
        ("z.html", &format!("{PAGE}<a href=/gone>x</a>")),
    ]);
    let stdout = check(folder.path(), &[]).stdout;
    let at = |text: &str| stdout.find(text).unwrap_or_else(|| panic!("no {text}: {stdout}"));
    assert!(at("error[broken-link]") < at("warning[missing-lang]"), "{stdout}");
    assert!(at("error    broken-link ") < at("warning  missing-lang"), "{stdout}");
}

#[test]
fn causes_are_limited_but_every_diagnostic_is_counted() {
    let mut page = PAGE.to_owned();
    for number in 0..250 {
        writeln!(page, "<a href=/gone-{number}>x</a>").expect("writing into a String cannot fail");
    }
    let folder = folder_of(&[("index.html", &page)]);
    let stdout = check(folder.path(), &[]).stdout;
    assert_eq!(stdout.matches("error[broken-link]").count(), 200);
    assert!(stdout.contains("  250  (50 not shown)\n"), "{stdout}");
}

/// Standard output is JSON, and standard error is for people.
#[test]
fn json_of_a_failed_command_is_an_object_with_the_error() {
    let folder = folder_of(&[("site/index.html", &format!("{PAGE}<a href=/gone>x</a>"))]);
    let rows: &[(&[&str], i32, &str)] = &[
        (&["check", "gone"], 1, "cannot open the site `gone`: there is no such folder"),
        (&["check", "site", "--allow", "x"], 2, "unknown code `x`"),
        (&["pack", "gone", "-o", "demo"], 1, "cannot open the site `gone`"),
        (&["pack", "site", "-o", "no/demo"], 1, "cannot write `no/demo`"),
        (&["pack", "site", "-o", "demo", "--deny", "x"], 2, "unknown code `x`"),
        (&["pack", "site", "-o", "demo"], 1, "not packed: 1 error; fix it, or use --allow"),
    ];
    for (arguments, status, expected) in rows {
        let ran = chapbook().args(*arguments).arg("--json").cwd(folder.path()).run();
        assert_eq!(ran.status, Some(*status), "{arguments:?}");
        let record: Value = serde_json::from_str(&ran.stdout).expect("one object");
        let error = record["error"].as_str().expect("the reason");
        assert!(error.starts_with(expected), "{arguments:?}: {error}");
        assert!(ran.stderr.contains(error), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn thousands_of_broken_links_are_all_counted() {
    let names: Vec<String> = (0..300).map(|number| format!("page-{number}.html")).collect();
    let links: Vec<String> = (0..100).map(|it| format!("<a href=/gone-{it}>x</a>\n")).collect();
    let page = format!("{PAGE}{}", links.concat());
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), &*page)).collect();
    let folder = folder_of(&[&[("index.html", PAGE)], files.as_slice()].concat());
    let ran = check(folder.path(), &["--json"]);
    assert_eq!(ran.status, Some(1));
    let last = ran.last_line();
    assert!(last.contains("\"links\":30000") && last.contains("\"errors\":30000"), "{last}");
}

/// The long files are sparse: if they were read, they would have errors.
#[test]
fn files_that_are_too_long_to_be_parsed_are_warnings() {
    let page = format!("{PAGE}<script src=script.bin></script>");
    let folder = folder_of(&[("index.html", &page)]);
    for name in ["a.json", "b.html", "c.csv", "script.bin"] {
        let file = fs::File::create(folder.path().join(name)).expect("files can be created");
        file.set_len(3 << 30).expect("the file is sparse");
    }
    let ran = check(folder.path(), &["--json"]);
    let mut messages: Vec<_> = ran
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|it| it["code"] == "unchecked-file")
        .map(|it| it["message"].to_string())
        .collect();
    messages.sort();
    for (message, name) in messages.iter().zip(["a.json", "b.html", "script.bin"]) {
        assert!(message.contains(&format!("/{name}` is not checked")), "{message}");
    }
    assert_eq!(messages.len(), 3, "{}", ran.stdout);
}
