//! `--mount`: a site that is served under a prefix.

use std::path::Path;

use crate::harness::{Outcome, Program, Server, chapbook, listing, page, site_folder};

/// A site that was built for `/group/app/`.
const FILES: [(&str, &str); 6] = [
    ("docs/index.html", "<!doctype html><html lang=en><meta charset=utf-8><title>docs</title>"),
    ("404.html", "<!doctype html><html lang=en><meta charset=utf-8><title>gone</title>"),
    ("data/a.json", "{}"),
    ("style.css", "a {}"),
    ("_redirects", "/group/app/old /group/app/docs/\n/group/ /group/app/docs/\n"),
    ("_headers", "/group/app/data/*\n  X-Data: yes\n/group/app/*\n  X-App: yes\n"),
];

fn folder() -> tempfile::TempDir {
    let home = page("Home") + "<link rel=stylesheet href=/group/app/style.css><a href=docs/>x</a>";
    site_folder(&[&FILES[..], &[("index.html", &home)]].concat())
}

fn mounted(folder: &Path, arguments: &[&str]) -> Outcome {
    chapbook().args(arguments).args(["--mount", "/group/app/"]).cwd(folder).run()
}

/// Status, `Location` and the fields of `_headers` of each path.
fn assert_answers(server: &Server) {
    let rows = [
        ("/", 302, Some("/group/app/"), [None, None]),
        ("/group", 302, Some("/group/app/"), [None, None]),
        // The author's rule takes precedence.
        ("/group/", 301, Some("/group/app/docs/"), [None, None]),
        ("/group/app", 308, Some("/group/app/"), [None, None]),
        ("/group/app/", 200, None, [None, Some("yes")]),
        ("/group/app/index", 308, Some("/group/app/"), [None, None]),
        ("/group/app/docs", 308, Some("/group/app/docs/"), [None, None]),
        ("/group/app/old", 301, Some("/group/app/docs/"), [None, None]),
        ("/group/app/data/a", 200, None, [Some("yes"), Some("yes")]),
        ("/group/app/nope", 404, None, [None, Some("yes")]),
        ("/nope", 404, None, [None, None]),
        ("/style.css", 404, None, [None, None]),
    ];
    for (path, status, location, fields) in rows {
        let response = server.connect().get(path);
        let found = ["x-data", "x-app"].map(|name| response.field(name));
        let answer = (response.status, response.field("location"), found);
        assert_eq!(answer, (status, location, fields), "{path}");
        if status == 302 {
            assert_eq!(response.field("cache-control"), Some("no-cache"), "{path}");
        }
        if status == 404 {
            assert!(response.content.ends_with(b"<title>gone</title>"), "{path}");
        }
    }
}

#[test]
fn a_mounted_folder_and_its_executable_answer_below_the_mount_only() {
    let folder = folder();
    assert_eq!(mounted(folder.path(), &["check", "site"]).status, Some(0));
    let program = chapbook().args(["site", "--mount", "group/app", "--port", "0"]);
    assert_answers(&program.cwd(folder.path()).serve());
    mounted(folder.path(), &["pack", "site", "-o", "demo"]).succeeded();
    let demo = |arguments: &[&str]| {
        Program::new(folder.path().join("demo")).args(arguments).cwd(folder.path())
    };
    assert_answers(&demo(&["--port", "0"]).serve());
    let routes = demo(&["routes"]).run().succeeded();
    assert_eq!(mounted(folder.path(), &["routes", "site"]).succeeded(), routes);
    // The files are those of the folder.
    demo(&["extract", "out"]).run().succeeded();
    let paths = |folder: &Path| -> Vec<_> {
        let paths = listing(folder).into_iter();
        paths.map(|it| it.strip_prefix(folder).expect("it is inside").to_owned()).collect()
    };
    assert_eq!(paths(&folder.path().join("out")), paths(&folder.path().join("site")));
}

#[test]
fn the_urls_shown_begin_at_the_mount() {
    let folder = folder();
    let program = chapbook().args(["site", "--mount", "/my repo/", "--lan", "--port", "0"]);
    let mut server = program.cwd(folder.path()).env("NO_COLOR", "1").spawn();
    let line = server.stdout_line();
    let url = line.strip_prefix("Listening on http://127.0.0.1:");
    assert!(url.is_some_and(|it| it.ends_with("/my%20repo/\n")), "{line}");
}

#[test]
fn a_wrong_mount_is_wrong_usage_with_what_to_write() {
    let folder = folder();
    let rows = [
        ("/../app/", "`.` and `..` from a path; write `/app/`"),
        ("https://jo.example/app/?x", "it is a URL, not a path; write `/app/`"),
        ("/app//docs", "write `/app/docs/`"),
    ];
    for (mount, expected) in rows {
        let program = || chapbook().args(["check", "site"]).cwd(folder.path());
        let stderr = program().args(["--mount", mount]).run().failed(2);
        assert!(stderr.contains("'--mount <PATH>'") && stderr.contains(expected), "{stderr}");
        let stderr = program().env("CHAPBOOK_MOUNT", mount).run().failed(2);
        assert!(stderr.contains("(from CHAPBOOK_MOUNT)") && stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn rules_and_references_outside_of_the_mount_are_reported_with_the_right_path() {
    let home = page("Home") + "<a href=/about.html>a</a><a href=/>b</a><a href=none>c</a>";
    let folder = site_folder(&[
        ("index.html", &home),
        ("about.html", &page("About")),
        ("img/a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        (
            "_redirects",
            "/old /about\n/pictures/* /img/:splat 302\n/app/* /index.html 200\n/group/a /about\n",
        ),
        ("_headers", "/img/*\n  X-A: b\n/none/*\n  X-A: b\n/index.html\n  X-A: b\n"),
    ]);
    let output = mounted(folder.path(), &["check", "site"]).stdout;
    for expected in [
        "the site is served at `/group/app/`: write `/group/app/about.html`",
        "add the file `site/none.html`",
        "write `/group/app/old /group/app/about 301`",
        "write `/group/app/pictures/* /group/app/img/:splat 302`",
        "write `/group/app/app/* /group/app/index.html 200`",
        "write `/group/app/img/*`",
        "write `/group/app/index.html`",
        "fix the path, or remove the rule",
    ] {
        assert!(output.contains(expected), "no `{expected}` in:\n{output}");
    }
    assert!(!output.contains("served at `/`"), "{output}");
}
