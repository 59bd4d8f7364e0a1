//! `cargo build` with `CHAPBOOK_SITE`: the diagnostics of `build.rs`, and rebuilds after changes.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use chapbook_oracle::archive::{ZipEntry, zip};

use crate::harness::{
    Outcome, Program, Server, copy_content, copy_default_site, page, repository, write,
};

/// A build of this project with its own site. It is a second package with the same sources, so that
/// it shares the dependencies that are built already, but not the executable of the other tests.
struct Build {
    site: tempfile::TempDir,
    package: PathBuf,
}

impl Build {
    fn new() -> Self {
        let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site-build");
        let manifest = fs::read_to_string(repository("Cargo.toml")).expect("the manifest exists");
        write(&package, "Cargo.toml", second_manifest(&manifest));
        write(&package, "test.rs", "//! Makes cargo select the dependencies of tests, too.\n");
        for file in ["Cargo.lock", "THIRD-PARTY.md"] {
            copy_content(&repository(file), &package.join(file));
        }
        let site = tempfile::tempdir().expect("the disk has room");
        copy_default_site(site.path());
        Self { site, package }
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
        // `cargo test` describes the package of this test in them, and the build script of ring
        // runs again if they change, here and in the next `cargo test`.
        let is_of_package = |name: &OsString| {
            let name = name.to_string_lossy();
            let prefixes = ["CARGO_PKG_", "CARGO_MANIFEST_", "OUT_DIR"];
            prefixes.iter().any(|it| name.starts_with(it))
        };
        let of_package = env::vars_os().map(|(name, _)| name).filter(is_of_package);
        of_package
            .fold(Program::new(env!("CARGO")), Program::without_env)
            .args(["build", "--offline", "--bin", "site-build", "--test", "test"])
            .args(["--color", "never", "--target-dir"])
            .arg(target())
            .cwd(&self.package)
            .env("CHAPBOOK_SITE", self.site.path())
            .without_env("SOURCE_DATE_EPOCH")
    }

    /// Builds, which must succeed, and returns the output of cargo.
    fn succeed(&self) -> String {
        let Outcome { status, stderr, .. } = self.command().run();
        assert_eq!(status, Some(0), "{stderr}");
        stderr
    }

    /// Builds, which must fail, and returns the output of cargo.
    fn fail(&self) -> String {
        let Outcome { status, stderr, .. } = self.command().run();
        assert_ne!(status, Some(0), "{stderr}");
        stderr
    }
}

/// The target folder that this test was built in.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target folder")
}

/// The manifest of a package with the same sources, features and profiles, and other targets. It
/// has no dependency on itself, which the shared tests of `crates/oracle` have. The crates of this
/// project are no members of its workspace, so that `"*"` of the profile applies to them, too.
fn second_manifest(manifest: &str) -> String {
    let root = repository("").display().to_string();
    let mut second = String::new();
    let mut is_left_out = false;
    for line in manifest.lines() {
        let begins_list = ["members =", "default-members =", "exclude ="];
        if line.starts_with('[') {
            is_left_out = line == "[[test]]";
        }
        let is_list = begins_list.iter().any(|begin| line.starts_with(begin));
        if !is_left_out && !is_list && !line.starts_with("chapbook-oracle ") {
            let line = line.replace("path = \"crates/", &format!("path = \"{root}crates/"));
            second.push_str(&line);
            second.push('\n');
            if line == "\"*\" = { debug = false }" {
                for name in ["compiler", "format", "packer", "runtime"] {
                    second += "chapbook-";
                    second += name;
                    second += " = { debug = \"line-tables-only\" }\n";
                }
            }
            if line == "[package]" {
                second += "build = '";
                second += &root;
                second += "build.rs'\n";
            }
        }
    }
    second
        + &format!("\n[lib]\npath = '{root}src/lib.rs'\n")
        + &format!("\n[[bin]]\nname = 'site-build'\npath = '{root}src/main.rs'\n")
        + "\n[[test]]\nname = 'test'\npath = 'test.rs'\n"
}

fn serve() -> Server {
    Program::new(target().join("debug").join("site-build")).args(["--port", "0"]).serve()
}

/// One test, because each step rebuilds what the one before has built.
#[test]
fn a_rebuild_follows_every_change_and_reports_every_mistake() {
    let build = Build::new();
    another_site_is_embedded(&build);
    changes_are_followed(&build);
    mistakes_are_reported_all_at_once(&build);
    rules_and_the_date_are_followed(&build);
    a_mounted_single_page_application_is_embedded(&build);
    an_archive_in_the_folder_of_the_caller_is_embedded(&build);
}

/// The archive contains the folder `report`, and cargo is called for a package that is elsewhere.
fn an_archive_in_the_folder_of_the_caller_is_embedded(build: &Build) {
    let home = page("Report");
    let archive = zip(&[ZipEntry::new("report/index.html", home.as_bytes())]);
    write(build.site.path(), "report.zip", archive);
    let build_with = |site: &str| {
        let command = build.command().arg("--manifest-path").arg(build.package.join("Cargo.toml"));
        let folder = build.site.path();
        command.cwd(folder).env("PWD", folder).env("CHAPBOOK_SITE", site).run()
    };
    let outcome = build_with("report.zip");
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    // A site of one page uses few of the names that the text for others needs.
    assert!(!outcome.stderr.contains("warning: unused"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("is never used"), "{}", outcome.stderr);
    // Only the package of the site depends on the variable.
    assert!(!outcome.stderr.contains("Compiling chapbook-runtime"), "{}", outcome.stderr);
    assert_eq!(serve().connect().get("/").content, home.into_bytes());
    let label = build.label();
    let missing = format!("cannot open the site `{label}/reprot`: there is no such folder");
    let relative = format!("relative to `{label}`, the folder that cargo was called in");
    for (site, expected) in [("reprot", &*missing), ("reprot", &relative), ("", "is empty")] {
        let stderr = build_with(site).stderr;
        assert!(stderr.contains(expected), "{site}: no `{expected}` in:\n{stderr}");
    }
}

/// Two files share one path, which is a warning.
fn another_site_is_embedded(build: &Build) {
    build.write("deep/er/page.html", "<!doctype html><title>one</title>one");
    build.write("docs/index.html", "<!doctype html><title>docs</title>");
    build.write("assets/app.3f2a9c1b.js", "");
    build.write("book.html", "<!doctype html><title>book</title>");
    let stderr = build.succeed();
    let label = build.label();
    let expected = format!(
        "warning: chapbook@{}: {label}/book.json: warning[shadowed-route]: \
         `{label}/book.html` and `{label}/book.json` share the path `/book`; \
         `{label}/book.html` is served",
        env!("CARGO_PKG_VERSION")
    );
    assert!(stderr.contains(&expected), "{stderr}");
    let server = serve();
    let page = server.connect().get("/deep/er/page");
    assert_eq!(page.content, b"<!doctype html><title>one</title>one");
    assert_eq!(page.field("last-modified"), None);
    // A folder without its slash redirects, and a name with a hash is cached for a year.
    let folder = server.connect().get("/docs");
    assert_eq!((folder.status, folder.field("location")), (308, Some("/docs/")));
    assert_eq!(server.connect().get("/docs/").status, 200);
    let alias = server.connect().get("/book/");
    assert_eq!((alias.status, alias.field("location")), (308, Some("/book")));
    let asset = server.connect().get("/assets/app.3f2a9c1b.js");
    assert_eq!(asset.field("cache-control"), Some("max-age=31536000, immutable"));
}

/// Files are changed, added in a new folder, and deleted.
fn changes_are_followed(build: &Build) {
    build.write("deep/er/page.html", "<!doctype html><title>two</title>two");
    build.write("new/added.txt", "added");
    build.remove("book.html");
    let stderr = build.succeed();
    assert!(!stderr.contains("shadowed-route"), "{stderr}");
    let server = serve();
    assert!(server.connect().get("/deep/er/page").content.ends_with(b"two"));
    let added = server.connect().get("/new/added.txt");
    assert_eq!((added.status, added.content.as_slice()), (200, &b"added"[..]));
    assert_eq!(server.connect().get("/book").field("content-type"), Some("application/json"));
}

/// Mistakes of several kinds are reported with their positions. The next step shows that the site
/// builds again after they are fixed.
fn mistakes_are_reported_all_at_once(build: &Build) {
    let label = build.label();
    build.replace("book.json", "1925", "\"1925\"");
    build.replace("index.html", "href=\"/book\"", "href=\"/bok\"");
    build.write("other.json", "{\n  \"a\": 1,\n}\n");
    build.write("broken.html", "<!doctype html><title>x</title><p class=\"never closed>");
    let stderr = build.fail();
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
        format!("cannot embed the site `{label}`: it has 4 error(s); fix them first"),
    ] {
        assert!(stderr.contains(&expected), "no `{expected}` in:\n{stderr}");
    }

    build.replace("book.json", "\"1925\"", "1925");
    build.replace("index.html", "href=\"/bok\"", "href=\"/book\"");
    build.remove("other.json");
    build.remove("broken.html");
}

/// Responses follow `_redirects` and `_headers`, which are not served themselves, and have the date
/// of `SOURCE_DATE_EPOCH`.
fn rules_and_the_date_are_followed(build: &Build) {
    build.remove("new/added.txt");
    build.write(
        "_redirects",
        "/old /book 302\n/out https://example.com/x\n/was/* /docs/:splat 307\n\
         /far/* https://example.com/:splat?from=here 308\n/top/* /:splat\n/* /index.html 200\n",
    );
    build.write(
        "_headers",
        "/*\n  X-Frame-Options: DENY\n/book\n  Cache-Control: max-age=60\n  X-Only: here\n",
    );
    build.command().env("SOURCE_DATE_EPOCH", "784111777").run().succeeded();
    let server = serve();
    has_date(&server);
    let rows: &[(&str, u16, Option<&str>)] = &[
        ("/old", 302, Some("/book")),
        ("/out", 301, Some("https://example.com/x")),
        ("/was/", 307, Some("/docs/")),
        ("/was/a%20b/c", 307, Some("/docs/a%20b/c")),
        ("/w%61s/%61", 307, Some("/docs/%61")),
        ("/was/a?b=c", 307, Some("/docs/a?b=c")),
        ("/far/a/../b", 308, Some("https://example.com/a/../b?from=here")),
        ("/far/a?b=c", 308, Some("https://example.com/a?from=here")),
        ("/docs?b=c", 308, Some("/docs/?b=c")),
        ("/out?b=c", 301, Some("https://example.com/x?b=c")),
        // No path redirects to another host or adds a field.
        ("/top//evil.example", 301, Some("/evil.example")),
        ("/top///evil.example", 301, Some("/evil.example")),
        ("/top/\\evil.example", 301, Some("/%5Cevil.example")),
        ("/top/\"<x>", 301, Some("/%22%3Cx%3E")),
        ("/top/%0d%0aX:y", 400, None),
        ("/top/a%2fb", 404, None),
        ("/any/where", 200, None),
        ("/any/where.png", 404, None),
        ("/new/added.txt", 404, None),
        ("/_redirects.txt", 404, None),
        ("/_headers.json", 404, None),
    ];
    for (path, status, location) in rows {
        let response = server.connect().get(path);
        assert_eq!((response.status, response.field("location")), (*status, *location), "{path}");
    }
    let mut client = server.connect();
    let page = fs::read(build.path("index.html")).expect("it exists");
    assert_eq!(client.get("/any/where").content, page);
    for path in ["/_redirects", "/_headers"] {
        assert_eq!(client.get(path).content, client.get("/").content, "{path}");
    }
    fields_follow_the_rules(&server);
    // A splat redirect is not stored while request content is skipped: the connection closes.
    let mut posting = server.connect();
    posting.send("GET /was/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    let last = posting.receive();
    assert_eq!((last.status, last.field("connection")), (307, Some("close")));
}

/// Content, redirects, OPTIONS and errors.
fn fields_follow_the_rules(server: &Server) {
    let fields = |path: &str| {
        let response = server.connect().get(path);
        ["x-frame-options", "cache-control", "x-only"]
            .map(|it| response.field(it).map(str::to_owned))
    };
    let some = |it: &str| Some(it.to_owned());
    assert_eq!(fields("/book"), [some("DENY"), some("max-age=60"), some("here")]);
    assert_eq!(fields("/book.json"), [some("DENY"), some("no-cache"), None]);
    assert_eq!(fields("/gone.png"), [some("DENY"), some("no-cache"), None]);
    assert_eq!(fields("/old"), [None, some("no-cache"), None]);
    let of_method = |method: &str, path: &str| {
        let mut client = server.connect();
        client.send(format!("{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let response = client.receive();
        let names = ["x-frame-options", "x-only", "content-type"];
        (response.status, names.map(|it| response.field(it).map(str::to_owned)))
    };
    assert_eq!(of_method("OPTIONS", "/book"), (204, [some("DENY"), some("here"), None]));
    assert_eq!(of_method("OPTIONS", "/old"), (204, [some("DENY"), None, None]));
    let plain = some("text/plain; charset=utf-8");
    assert_eq!(of_method("PUT", "/book"), (405, [some("DENY"), some("here"), plain]));
}

fn has_date(server: &Server) {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(server.connect().get("/").field("last-modified"), Some(date));
    let request = format!("GET / HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: {date}\r\n\r\n");
    assert_eq!(server.connect().send(request).receive().status, 304);
}

/// `CHAPBOOK_SPA` gives the embedded site a fallback, and `CHAPBOOK_MOUNT` a prefix.
fn a_mounted_single_page_application_is_embedded(build: &Build) {
    for path in ["_redirects", "_headers"] {
        build.remove(path);
    }
    for (variable, value, expected) in [
        ("CHAPBOOK_SPA", "banana", "cannot use CHAPBOOK_SPA: `banana` is neither"),
        ("CHAPBOOK_MOUNT", "a//b", "cannot use CHAPBOOK_MOUNT `a//b`: a path has one slash"),
    ] {
        let stderr = build.command().env(variable, value).run().stderr;
        assert!(stderr.contains(expected), "{stderr}");
    }
    // Links of the default site begin at the root.
    let command = build.command().env("CHAPBOOK_SPA", "1").env("CHAPBOOK_MOUNT", "/repo/");
    command.env("CHAPBOOK_ALLOW", "broken-link").run().succeeded();
    let mut server =
        Program::new(target().join("debug").join("site-build")).args(["--port", "0"]).spawn();
    let line = server.stdout_line();
    assert!(line.ends_with("/repo/\n"), "{line}");
    let server = serve();
    let page = fs::read(build.path("index.html")).expect("it exists");
    for (path, status) in [
        ("/repo/", 200),
        ("/repo/any/where", 200),
        ("/repo/v1.2", 200),
        ("/repo/where.js", 404),
        ("/", 302),
        ("/repo", 308),
        ("/where", 404),
    ] {
        let response = server.connect().get(path);
        assert_eq!((response.status, response.content == page), (status, status == 200), "{path}");
    }
}
