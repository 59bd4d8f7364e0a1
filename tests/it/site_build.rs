//! What `build.rs` says to a site, and what becomes of the next build when the site changes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::harness::Server;

/// A build of this project with a site of its own, in a target folder of its own: the executable
/// that the other tests run must stay as it is.
struct Build {
    site: tempfile::TempDir,
    target: PathBuf,
}

impl Build {
    fn new() -> Self {
        let site = tempfile::tempdir().expect("there is room for a site");
        let build = Self { site, target: Path::new(env!("CARGO_TARGET_TMPDIR")).join("site") };
        let default_site = Path::new(env!("CARGO_MANIFEST_DIR")).join("site");
        for entry in fs::read_dir(default_site).expect("the default site is there") {
            let place = entry.expect("it can be listed").path();
            let name = place.file_name().expect("a name").to_string_lossy().into_owned();
            fs::copy(&place, build.path(&name)).expect("it can be copied");
        }
        build
    }

    /// The folder as diagnostics name it.
    fn label(&self) -> String {
        self.site.path().to_str().expect("the path is UTF-8").to_owned()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.site.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().expect("it lies in the site")).expect("a folder");
        fs::write(place, content).expect("it can be written");
    }

    fn replace(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).expect("it is there");
        assert!(text.contains(old), "{path} holds no {old}");
        self.write(path, &text.replacen(old, new, 1));
    }

    fn run(&self) -> Output {
        self.command().output().expect("cargo runs")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .args(["build", "--locked", "--offline", "--bin", "chapbook", "--color", "never"])
            .arg("--target-dir")
            .arg(&self.target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("CHAPBOOK_SITE", self.site.path())
            .env_remove("CHAPBOOK_ALLOW")
            .env_remove("CHAPBOOK_DENY")
            .env_remove("SOURCE_DATE_EPOCH");
        command
    }

    /// Builds, which must succeed, and returns what cargo said.
    fn succeed(&self) -> String {
        let output = self.run();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said
    }

    /// Builds, which must fail, and returns what cargo said.
    fn fail(&self) -> String {
        let output = self.run();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "it was built: {said}");
        said
    }

    fn serve(&self) -> Server {
        let mut command = Command::new(self.target.join("debug").join("chapbook"));
        command.args(["--port", "0"]);
        Server::spawn(command)
    }
}

/// One test, because each step is a build that leans on the one before.
#[test]
fn the_next_build_follows_every_change_and_names_every_mistake() {
    let build = Build::new();
    another_site_is_embedded(&build);
    changes_are_followed(&build);
    a_clash_is_a_warning_that_names_both(&build);
    mistakes_are_named_all_at_once(&build);
    the_site_has_a_date_if_its_author_says_so(&build);
    rules_are_followed(&build);
}

fn another_site_is_embedded(build: &Build) {
    build.write("deep/er/page.html", "<!doctype html><title>one</title>one");
    build.succeed();
    assert_eq!(
        build.serve().connect().get("/deep/er/page").content,
        b"<!doctype html><title>one</title>one"
    );
    // A folder without its slash redirects, and a name with a hash may be kept for good.
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
    fs::remove_file(build.path("new/added.txt")).expect("it is there");
    build.succeed();
    assert_eq!(build.serve().connect().get("/new/added.txt").status, 404);
}

fn a_clash_is_a_warning_that_names_both(build: &Build) {
    let label = build.label();
    build.write("book.html", "<!doctype html><title>book</title>");
    let said = build.succeed();
    assert!(said.contains(&format!(
        "warning: chapbook@{}: {label}/book.json:1:1: warning[shadowed-route]: `/book` is claimed \
         by `{label}/book.html` and by `{label}/book.json`; `{label}/book.html` answers",
        env!("CARGO_PKG_VERSION")
    )), "{said}");
    fs::remove_file(build.path("book.html")).expect("it is there");
}

/// Mistakes of several kinds are named with their places; mended, the site is built again.
fn mistakes_are_named_all_at_once(build: &Build) {
    let label = build.label();
    build.replace("book.json", "1925", "\"1925\"");
    build.replace("index.html", "href=\"/book\"", "href=\"/bok\"");
    build.write("other.json", "{\n  \"a\": 1,\n}\n");
    build.write("broken.html", "<!doctype html><title>x</title><p class=\"never closed>");
    let said = build.fail();
    let line = |path: &str, needle: &str| {
        let text = fs::read_to_string(build.path(path)).expect("it is there");
        let line = text.lines().position(|it| it.contains(needle)).expect("the line is there");
        let column = text.lines().nth(line).and_then(|it| it.find(needle)).expect("it is there");
        format!("{label}/{path}:{}:{}: error", line + 1, column + 1)
    };
    for expected in [
        format!("{}[schema-violation]: `/year` breaks the schema", line("book.json", "\"1925\"")),
        format!("{}[broken-link]: `/bok` leads to nothing", line("index.html", "/bok\"")),
        format!("{label}/other.json:3:1: error[invalid-json]: this is not JSON: trailing comma"),
        format!("{label}/broken.html:1:"),
        "did you mean `/book`?".to_owned(),
        format!("the site `{label}` has 4 error(s) and was not bound"),
    ] {
        assert!(said.contains(&expected), "no `{expected}` in:\n{said}");
    }

    build.replace("book.json", "\"1925\"", "1925");
    build.replace("index.html", "href=\"/bok\"", "href=\"/book\"");
    fs::remove_file(build.path("other.json")).expect("it is there");
    fs::remove_file(build.path("broken.html")).expect("it is there");
    build.succeed();
    assert_eq!(build.serve().connect().get("/").field("last-modified"), None);
}

fn the_site_has_a_date_if_its_author_says_so(build: &Build) {
    let dated = build.command().env("SOURCE_DATE_EPOCH", "784111777").output().expect("cargo runs");
    assert!(dated.status.success());
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let server = build.serve();
    assert_eq!(server.connect().get("/").field("last-modified"), Some(date));
    let asked = format!("GET / HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: {date}\r\n\r\n");
    assert_eq!(server.connect().send(asked).receive().status, 304);
}

/// What `_redirects` and `_headers` ask for is in the answers, and they are none themselves.
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
        // Neither another host nor another field can come of what is asked for.
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
    let page = fs::read(build.path("index.html")).expect("it is there");
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
    // A redirect that holds a part of the path is not kept while content passes: it is the last.
    let mut posting = server.connect();
    posting.send("GET /was/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    let last = posting.receive();
    assert_eq!((last.status, last.field("connection")), (307, Some("close")));
}
