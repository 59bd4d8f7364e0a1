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
