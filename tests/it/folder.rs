//! `chapbook FOLDER`: a folder that is compiled in memory and served at once.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::Stdio,
};

use crate::harness::{Client, Server, chapbook};

fn serve(folder: &Path) -> Server {
    let mut command = chapbook();
    command.arg(folder).args(["--port", "0"]);
    Server::spawn(command)
}

/// The fields and content of an answer, without what differs from one moment to the next.
fn answer(client: &mut Client, path: &str, coding: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let fields = format!("Host: a\r\nAccept-Encoding: {coding}\r\n");
    let answer = client.send(format!("GET {path} HTTP/1.1\r\n{fields}\r\n")).receive();
    let fields = answer.fields.iter().filter(|(name, _)| name != "date").cloned().collect();
    (answer.status, fields, answer.content)
}

#[test]
fn a_folder_answers_as_the_executable_that_it_was_bound_into() {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("site");
    let (folder, bound) = (serve(&site), Server::start());
    let (mut folder, mut bound) = (folder.connect(), bound.connect());
    for path in ["/", "/index.html", "/book", "/book.json", "/style.css", "/icon.svg", "/nope"] {
        let expected = answer(&mut bound, path, "identity");
        assert_eq!(answer(&mut folder, path, "identity"), expected, "{path}");
        // Another effort gives other bytes of the same coding; there is no brotli at once.
        let coded = answer(&mut folder, path, "gzip, br");
        let expected = answer(&mut bound, path, "gzip");
        assert_eq!((coded.0, coded.1.len()), (expected.0, expected.1.len()), "{path}");
    }
}

#[test]
fn a_folder_that_is_not_done_is_shown_with_warnings() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
    let mut command = chapbook();
    command.args(["serve", "site", "--port", "0"]).current_dir(fixtures.join("broken-link"));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the executable starts");
    let mut first = String::new();
    let stdout = child.stdout.take().expect("stdout is a pipe");
    BufReader::new(stdout).read_line(&mut first).expect("it says something");
    child.kill().expect("it runs");
    child.wait().expect("it ran");
    let mut problems = String::new();
    let mut stderr = child.stderr.take().expect("stderr is a pipe");
    stderr.read_to_string(&mut problems).expect("it is UTF-8");
    assert!(first.starts_with("Listening on http://"), "{first}");
    assert!(problems.contains("site/index.html:3:12: warning[broken-link]"), "{problems}");
    assert!(problems.ends_with("0 errors, 2 warnings\n"), "{problems}");
}

#[test]
fn fields_are_for_the_paths_that_the_fallback_answers_too() {
    let site = tempfile::tempdir().expect("there is room for a site");
    let write = |name: &str, text: &str| {
        std::fs::write(site.path().join(name), text).expect("it can be written");
    };
    write("index.html", "<!doctype html>");
    write("_redirects", "/old/* /:splat\n/* /index.html 200\n");
    write(
        "_headers",
        "/admin/*\n  X-Frame-Options: DENY\n/dashboard\n  X-Only: here\n\
         /*\n  Access-Control-Allow-Origin: *\n  Link: </a>\n\
         /admin/deep/*\n  Access-Control-Allow-Origin: null\n  Link: </b>\n",
    );
    let server = serve(site.path());
    let rows = [
        ("/", [None, None, Some("*"), Some("</a>")]),
        ("/any", [None, None, Some("*"), Some("</a>")]),
        ("/dashboard", [None, Some("here"), Some("*"), Some("</a>")]),
        ("/admin/x", [Some("DENY"), None, Some("*"), Some("</a>")]),
        ("/admin/deep/x", [Some("DENY"), None, Some("null"), Some("</a>, </b>")]),
    ];
    let names = ["x-frame-options", "x-only", "access-control-allow-origin", "link"];
    for (path, expected) in rows {
        let answer = server.connect().get(path);
        assert_eq!(
            (answer.status, names.map(|name| answer.field(name))),
            (200, expected),
            "{path}"
        );
    }
    assert_eq!(server.connect().get("/old/admin/x").field("location"), Some("/admin/x"));
}

#[test]
fn what_could_not_be_served_right_is_not_served() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
    for (site, end) in [
        ("invalid-redirect", "nothing is served before these 11 errors are mended\n"),
        ("no-index", "nothing is served before this error is mended\n"),
        ("not-there", "there is no folder `site`\n"),
        ("a-file", "the site `site` is a file; name the folder that holds it\n"),
    ] {
        let mut command = chapbook();
        command.args(["site", "--port", "0", "--quiet"]).current_dir(fixtures.join(site));
        let output = command.output().expect("the executable starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{site}");
        assert!(said.ends_with(&format!("chapbook: {end}")), "{site}: {said}");
    }
}
