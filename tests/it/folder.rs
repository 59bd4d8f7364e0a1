//! `chapbook FOLDER`: serving a folder that is compiled in memory.

use std::path::Path;

use crate::harness::{Client, Server, chapbook, folder_of, repository};

fn serve(folder: &Path) -> Server {
    chapbook().arg(folder).args(["--port", "0"]).serve()
}

/// Status, fields and content of a response, without the date.
fn response(
    client: &mut Client,
    path: &str,
    coding: &str,
) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let fields = format!("Host: a\r\nAccept-Encoding: {coding}\r\n");
    let response = client.send(format!("GET {path} HTTP/1.1\r\n{fields}\r\n")).receive();
    let fields = response.fields.into_iter().filter(|(name, _)| name != "date").collect();
    (response.status, fields, response.content)
}

#[test]
fn a_folder_is_served_like_the_executable_that_embeds_it() {
    let (folder, embedded) = (serve(&repository("site")), Server::start());
    let (mut folder, mut embedded) = (folder.connect(), embedded.connect());
    for path in ["/", "/index.html", "/book", "/book.json", "/style.css", "/icon.svg", "/nope"] {
        let expected = response(&mut embedded, path, "identity");
        assert_eq!(response(&mut folder, path, "identity"), expected, "{path}");
        // The fast compression level gives other gzip bytes, and leaves brotli out.
        let compressed = response(&mut folder, path, "gzip, br");
        let expected = response(&mut embedded, path, "gzip");
        assert_eq!((compressed.0, compressed.1.len()), (expected.0, expected.1.len()), "{path}");
    }
}

#[test]
fn errors_that_can_be_allowed_are_warnings_while_a_folder_is_served() {
    let site = repository("tests/sites/broken-link");
    let server = chapbook().args(["serve", "site", "--port", "0"]).cwd(site).serve();
    let stderr = server.process.kill().stderr;
    let counts = "warning  broken-link  2\n`chapbook check site` lists them\n\n";
    assert!(stderr.starts_with(counts), "{stderr}");
    assert!(stderr.ends_with("0 errors, 2 warnings\n"), "{stderr}");
}

#[test]
fn a_page_redirects_from_its_path_with_a_slash_or_with_index() {
    let site = folder_of(&[
        ("index.html", "<!doctype html>"),
        ("about.html", "<!doctype html>"),
        ("about/data.txt", "data"),
        ("docs/index.html", "<!doctype html>"),
        ("moved.html", "<!doctype html>"),
        ("_redirects", "/moved/ /docs/ 302\n/* /index.html 200\n"),
    ]);
    let server = serve(site.path());
    let rows = [
        ("/about/", 308, Some("/about")),
        ("/about/data.txt", 200, None),
        ("/docs/index", 308, Some("/docs/")),
        ("/index", 308, Some("/")),
        ("/docs/index.html", 200, None),
        // A rule for the path takes precedence.
        ("/moved/", 302, Some("/docs/")),
        ("/about.html/", 200, None),
    ];
    for (path, status, location) in rows {
        let response = server.connect().get(path);
        assert_eq!((response.status, response.field("location")), (status, location), "{path}");
    }
}

#[test]
fn a_fallback_answers_navigations_and_files_come_first() {
    let files = [
        ("index.html", "<!doctype html><title>home</title>"),
        ("about.html", "<!doctype html><title>about</title>"),
        ("404.html", "<!doctype html><title>not found</title>"),
    ];
    let shell = ("200.html", "<!doctype html><title>shell</title>");
    let rows = [
        ("/", [(200, "home"), (200, "home")]),
        ("/about", [(200, "about"), (200, "about")]),
        ("/x/y", [(200, "home"), (200, "shell")]),
        ("/user/jo.doe", [(200, "home"), (200, "shell")]),
        ("/nope.js", [(404, "not found"), (404, "not found")]),
    ];
    let with_option = folder_of(&files);
    let option = chapbook().arg(with_option.path()).args(["--spa", "--port", "0"]).serve();
    let with_shell = folder_of(&[&files[..], &[shell]].concat());
    let servers = [option, serve(with_shell.path())];
    for (path, expected) in rows {
        for (server, (status, title)) in servers.iter().zip(expected) {
            let response = server.connect().get(path);
            let content = format!("<!doctype html><title>{title}</title>");
            assert_eq!((response.status, response.content), (status, content.into()), "{path}");
        }
    }
}

#[test]
fn header_rules_apply_to_the_paths_that_the_fallback_answers() {
    let site = folder_of(&[
        ("index.html", "<!doctype html>"),
        ("_redirects", "/old/* /:splat\n/* /index.html 200\n"),
        (
            "_headers",
            "/admin/*\n  X-Frame-Options: DENY\n/dashboard\n  X-Only: here\n\
             /*\n  Access-Control-Allow-Origin: *\n  Link: </a>\n\
             /admin/deep/*\n  Access-Control-Allow-Origin: null\n  Link: </b>\n",
        ),
    ]);
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
        let response = server.connect().get(path);
        let fields = names.map(|name| response.field(name));
        assert_eq!((response.status, fields), (200, expected), "{path}");
    }
    assert_eq!(server.connect().get("/old/admin/x").field("location"), Some("/admin/x"));
}

#[test]
fn a_site_that_cannot_be_served_correctly_is_not_served() {
    for (site, end) in [
        ("invalid-redirect", "not started: fix these 11 errors first\n"),
        ("no-index", "not started: fix this error first\n"),
        (
            "missing-folder",
            "cannot open the site `site`: there is no such folder; build your site first, or name \
             another folder\n",
        ),
        (
            "file-as-site",
            "cannot open the site `site`: it is a file; name the folder that contains it\n",
        ),
    ] {
        let program = chapbook().args(["site", "--port", "0", "--quiet"]);
        let stderr = program.cwd(repository("tests/sites").join(site)).run().failed(1);
        assert!(stderr.ends_with(&format!("chapbook: {end}")), "{site}: {stderr}");
    }
}
