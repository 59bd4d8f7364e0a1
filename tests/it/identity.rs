//! `/.well-known/chapbook`: the identity of a site, for programs on the same machine only.

use chapbook::{
    embedded_site,
    http::{Connection, Context, DateField, Transmit},
};

use crate::harness::{Program, Server, chapbook, site_folder};

const HOME: &str =
    "<!doctype html><html lang=en><meta charset=utf-8><title>My  demo — 2</title><p>x";
const PATH: &str = "/.well-known/chapbook";

fn packed(files: &[(&str, &str)], arguments: &[&str]) -> (tempfile::TempDir, Server) {
    let folder = site_folder(&[&[("index.html", HOME)], files].concat());
    let pack = chapbook().args(["pack", "site", "-o", "demo"]).args(arguments);
    pack.cwd(folder.path()).run().succeeded();
    let server = Program::new(folder.path().join("demo"));
    let server = server.args(["--port", "0"]).serve();
    (folder, server)
}

#[test]
fn a_packed_site_tells_its_name_its_root_hash_and_the_version() {
    type Row<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a str);
    let rows: &[Row<'_>] = &[
        (&[], &[], "my-demo-2"),
        (&[], &["--name", "Kürbis"], "kurbis"),
        // The fallback answers every other path.
        (&[], &["--spa"], "my-demo-2"),
        (&[], &["--mount", "/repo/"], "my-demo-2"),
        (&[("404.html", "<!doctype html><html lang=en><meta charset=utf-8>")], &[], "my-demo-2"),
    ];
    for (files, arguments, name) in rows {
        let (_folder, server) = packed(files, arguments);
        let response = server.connect().get(PATH);
        assert_eq!(response.status, 200, "{arguments:?}");
        assert_eq!(response.field("content-type"), Some("application/json"));
        assert_eq!(response.field("cache-control"), Some("no-store"));
        let identity: serde_json::Value =
            serde_json::from_slice(&response.content).expect("it is JSON");
        assert_eq!(identity["name"], *name, "{arguments:?}");
        assert_eq!(identity["root_hash"].as_str().map(str::len), Some(64));
        assert_eq!(identity["version"], env!("CARGO_PKG_VERSION"));
    }
}

#[test]
fn a_site_without_a_letter_or_digit_has_a_name() {
    let folder = site_folder(&[("index.html", "<!doctype html><title>— ! —</title>")]);
    let path = |name: &str| folder.path().join(name);
    std::fs::rename(path("site"), path("__")).expect("it was created");
    let pack = chapbook().args(["pack", "__", "-o", "_"]);
    pack.cwd(folder.path()).run().succeeded();
    let programs = [chapbook().arg(path("__")), Program::new(path("_"))];
    for program in programs {
        let mut server = program.args(["--port", "0", "--origin"]).serve();
        let url = server.process.stdout_line();
        assert!(url.starts_with("Listening on http://site.localhost:"), "{url}");
        let identity = server.connect().get(PATH).content;
        assert!(identity.starts_with(b"{\"name\":\"site\","), "{identity:?}");
    }
}

#[test]
fn a_route_of_the_site_takes_precedence() {
    let (_folder, server) = packed(&[(".well-known/chapbook", "own")], &[]);
    let response = server.connect().get(PATH);
    assert_eq!((response.status, response.content.as_slice()), (200, &b"own"[..]));
}

#[test]
fn a_client_on_another_machine_gets_what_the_site_answers() {
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n");
    let (site, date) = (embedded_site(), DateField::new(784_111_777));
    for (is_client_local, expected) in [(true, "HTTP/1.1 200 "), (false, "HTTP/1.1 404 ")] {
        let mut cx = Context::new(&site, &date, 0);
        cx.is_client_local = is_client_local;
        let mut out = Transmit::default();
        Connection::new(&cx).read(request.as_bytes(), &mut cx, &mut out);
        assert!(out.slices()[0].starts_with(expected.as_bytes()), "{is_client_local}");
    }
}

#[test]
fn the_address_with_the_name_is_printed_on_request() {
    let folder = site_folder(&[("index.html", HOME)]);
    let program = chapbook().args(["site", "--port", "0", "--origin"]).cwd(folder.path());
    let mut server = program.serve();
    let line = format!("Listening on http://my-demo-2.localhost:{}/", server.address.port());
    assert_eq!(server.process.stdout_line().trim_end(), line);
}
