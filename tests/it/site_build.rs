//! `cargo build` with `CHAPBOOK_SITE`: the diagnostics of `build.rs`, and rebuilds after changes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::harness::{Program, Ran, Server, copy_default_site, write};

/// A build of this project with its own site, in its own target folder: the executable that the
/// other tests run must not change.
struct Build {
    site: tempfile::TempDir,
    target: PathBuf,
}

impl Build {
    fn new() -> Self {
        let site = tempfile::tempdir().expect("the disk has room");
        copy_default_site(site.path());
        Self { site, target: Path::new(env!("CARGO_TARGET_TMPDIR")).join("site") }
    }

    /// The folder as diagnostics name it.
    fn label(&self) -> &str {
        self.site.path().to_str().expect("the path is UTF-8")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.site.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        write(self.site.path(), path, content);
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("the file exists");
    }

    fn replace(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).expect("the file exists");
        assert!(text.contains(old), "{path} contains no {old}");
        self.write(path, &text.replacen(old, new, 1));
    }

    fn command(&self) -> Program {
        Program::new(env!("CARGO"))
            .args(["build", "--locked", "--offline", "--bin", "chapbook", "--color", "never"])
            .arg("--target-dir")
            .arg(&self.target)
            .cwd(env!("CARGO_MANIFEST_DIR"))
            .env("CHAPBOOK_SITE", self.site.path())
            .without_env("SOURCE_DATE_EPOCH")
    }

    /// Builds, which must succeed, and returns the output of cargo.
    fn succeed(&self) -> String {
        let Ran { status, stderr, .. } = self.command().run();
        assert_eq!(status, Some(0), "{stderr}");
        stderr
    }

    /// Builds, which must fail, and returns the output of cargo.
    fn fail(&self) -> String {
        let Ran { status, stderr, .. } = self.command().run();
        assert_ne!(status, Some(0), "{stderr}");
        stderr
    }

    fn serve(&self) -> Server {
        Program::new(self.target.join("debug").join("chapbook")).args(["--port", "0"]).serve()
    }
}

/// One test, because each step rebuilds what the one before has built.
#[test]
fn a_rebuild_follows_every_change_and_reports_every_mistake() {
    let build = Build::new();
    another_site_is_embedded(&build);
    changes_are_followed(&build);
    a_clash_is_a_warning_with_both_names(&build);
    mistakes_are_reported_all_at_once(&build);
    source_date_epoch_sets_last_modified(&build);
    rules_are_followed(&build);
}

fn another_site_is_embedded(build: &Build) {
    build.write("deep/er/page.html", "<!doctype html><title>one</title>one");
    build.succeed();
    assert_eq!(
        build.serve().connect().get("/deep/er/page").content,
        b"<!doctype html><title>one</title>one"
    );
    // A folder without its slash redirects, and a name with a hash is cached for a year.
    build.write("docs/index.html", "<!doctype html><title>docs</title>");
    build.write("assets/app.3f2a9c1b.js", "");
    build.succeed();
    let server = build.serve();
    let folder = server.connect().get("/docs");
    assert_eq!((folder.status, folder.field("location")), (308, Some("/docs/")));
    assert_eq!(server.connect().get("/docs/").status, 200);
    let kept = server.connect().get("/assets/app.3f2a9c1b.js");
    assert_eq!(kept.field("cache-control"), Some("max-age=31536000, immutable"));
}

/// A file is changed, added in a new folder, and deleted.
fn changes_are_followed(build: &Build) {
    build.write("deep/er/page.html", "<!doctype html><title>two</title>two");
    build.write("new/added.txt", "added");
    build.succeed();
    let server = build.serve();
    assert!(server.connect().get("/deep/er/page").content.ends_with(b"two"));
    let added = server.connect().get("/new/added.txt");
    assert_eq!((added.status, added.content.as_slice()), (200, &b"added"[..]));
    build.remove("new/added.txt");
    build.succeed();
    assert_eq!(build.serve().connect().get("/new/added.txt").status, 404);
}

fn a_clash_is_a_warning_with_both_names(build: &Build) {
    let label = build.label();
    build.write("book.html", "<!doctype html><title>book</title>");
    let said = build.succeed();
    assert!(
        said.contains(&format!(
            "warning: chapbook@{}: {label}/book.json:1:1: warning[shadowed-route]: \
         `{label}/book.html` and \
         `{label}/book.json` share the path `/book`; `{label}/book.html` is served",
            env!("CARGO_PKG_VERSION")
        )),
        "{said}"
    );
    build.remove("book.html");
}

/// Mistakes of several kinds are reported with their places; once fixed, the site builds again.
fn mistakes_are_reported_all_at_once(build: &Build) {
    let label = build.label();
    build.replace("book.json", "1925", "\"1925\"");
    build.replace("index.html", "href=\"/book\"", "href=\"/bok\"");
    build.write("other.json", "{\n  \"a\": 1,\n}\n");
    build.write("broken.html", "<!doctype html><title>x</title><p class=\"never closed>");
    let said = build.fail();
    let line = |path: &str, needle: &str| {
        let text = fs::read_to_string(build.path(path)).expect("it exists");
        let line = text.lines().position(|it| it.contains(needle)).expect("a line");
        let column = text.lines().nth(line).and_then(|it| it.find(needle)).expect("it exists");
        format!("{label}/{path}:{}:{}: error", line + 1, column + 1)
    };
    for expected in [
        format!("{}[schema-violation]: `/year` violates the schema", line("book.json", "\"1925\"")),
        format!(
            "{}[broken-link]: broken link: nothing is served at `/bok`",
            line("index.html", "/bok\"")
        ),
        format!("{label}/other.json:3:1: error[invalid-json]: invalid JSON: trailing comma"),
        format!("{label}/broken.html:1:"),
        "did you mean `/book`?".to_owned(),
        format!("the site `{label}` has 4 error(s) and was not embedded"),
    ] {
        assert!(said.contains(&expected), "no `{expected}` in:\n{said}");
    }

    build.replace("book.json", "\"1925\"", "1925");
    build.replace("index.html", "href=\"/bok\"", "href=\"/book\"");
    build.remove("other.json");
    build.remove("broken.html");
    build.succeed();
    assert_eq!(build.serve().connect().get("/").field("last-modified"), None);
}

fn source_date_epoch_sets_last_modified(build: &Build) {
    build.command().env("SOURCE_DATE_EPOCH", "784111777").run().succeeded();
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let server = build.serve();
    assert_eq!(server.connect().get("/").field("last-modified"), Some(date));
    let request = format!("GET / HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: {date}\r\n\r\n");
    assert_eq!(server.connect().send(request).receive().status, 304);
}

/// Responses follow `_redirects` and `_headers`, which are not served themselves.
fn rules_are_followed(build: &Build) {
    build.write(
        "_redirects",
        "/old /book 302\n/out https://example.com/x\n/was/* /docs/:splat 307\n\
         /far/* https://example.com/:splat?from=here 308\n/top/* /:splat\n/* /index.html 200\n",
    );
    build.write(
        "_headers",
        "/*\n  X-Frame-Options: DENY\n/book\n  Cache-Control: max-age=60\n  X-Only: here\n",
    );
    build.succeed();
    let server = build.serve();
    let rows: &[(&str, u16, Option<&str>)] = &[
        ("/old", 302, Some("/book")),
        ("/out", 301, Some("https://example.com/x")),
        ("/was/", 307, Some("/docs/")),
        ("/was/a%20b/c", 307, Some("/docs/a%20b/c")),
        ("/w%61s/%61", 307, Some("/docs/%61")),
        ("/was/a?b=c", 307, Some("/docs/a")),
        ("/far/a/../b", 308, Some("https://example.com/a/../b?from=here")),
        // No path leads to another host or adds a field.
        ("/top//evil.example", 301, Some("/evil.example")),
        ("/top///evil.example", 301, Some("/evil.example")),
        ("/top/\\evil.example", 301, Some("/%5Cevil.example")),
        ("/top/\"<x>", 301, Some("/%22%3Cx%3E")),
        ("/top/%0d%0aX:y", 400, None),
        ("/top/a%2fb", 404, None),
        ("/any/where", 200, None),
        ("/any/where.png", 404, None),
        ("/_redirects.txt", 404, None),
        ("/_headers.json", 404, None),
    ];
    for (path, status, location) in rows {
        let answer = server.connect().get(path);
        assert_eq!((answer.status, answer.field("location")), (*status, *location), "{path}");
    }
    let mut client = server.connect();
    let page = fs::read(build.path("index.html")).expect("it exists");
    assert_eq!(client.get("/any/where").content, page);
    for path in ["/_redirects", "/_headers"] {
        assert_eq!(client.get(path).content, client.get("/").content, "{path}");
    }
    let fields = |path: &str| {
        let answer = server.connect().get(path);
        ["x-frame-options", "cache-control", "x-only"].map(|it| answer.field(it).map(str::to_owned))
    };
    let some = |it: &str| Some(it.to_owned());
    assert_eq!(fields("/book"), [some("DENY"), some("max-age=60"), some("here")]);
    assert_eq!(fields("/book.json"), [some("DENY"), some("no-cache"), None]);
    assert_eq!(fields("/gone.png"), [some("DENY"), some("no-cache"), None]);
    assert_eq!(fields("/old"), [None, some("no-cache"), None]);
    // A splat redirect is not stored while request content is skipped: the connection closes.
    let mut posting = server.connect();
    posting.send("GET /was/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    let last = posting.receive();
    assert_eq!((last.status, last.field("connection")), (307, Some("close")));
}
