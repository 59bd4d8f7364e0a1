//! `chapbook FOLDER --reload`: the element, the script and the stream of events.

use std::path::Path;

use crate::harness::{Client, Server, chapbook, eventually, folder_of, page, replace};

const ELEMENT: &str = "<script src=\"/.well-known/chapbook/reload.js\" async></script>";
const EVENTS: &str = "GET /.well-known/chapbook/events HTTP/1.1\r\nHost: a\r\n\r\n";

fn serve(folder: &Path, options: &[&str]) -> Server {
    chapbook().arg(folder).args(["--port", "0", "--workers", "1"]).args(options).serve()
}

/// The event that a stream begins with. Waits until a text arrives that ends it.
fn event(client: &mut Client) -> String {
    let mut received = String::new();
    while !received.ends_with("\n\n") {
        received.push_str(str::from_utf8(&client.receive_some()).expect("events are text"));
    }
    let (head, text) = received.split_once("\r\n\r\n").expect("a head comes first");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"), "{head}");
    assert!(head.contains("\r\nCache-Control: no-store\r\n"), "{head}");
    text.strip_prefix("retry: 100\ndata: ").expect("a time and hashes").trim().to_owned()
}

#[test]
fn documents_have_an_element_at_their_end_and_nothing_else_has() {
    let part = "<p>part</p>";
    let site = folder_of(&[
        ("index.html", &page("home")),
        ("404.html", &page("none")),
        ("part.html", part),
        ("style.css", "p { color: red }"),
    ]);
    let script = "/.well-known/chapbook/reload.js";
    let plain = serve(site.path(), &[]);
    assert_eq!(plain.connect().get("/").content, page("home").as_bytes());
    assert_eq!(plain.connect().get(script).status, 404);
    let server = serve(site.path(), &["--reload"]);
    let mut client = server.connect();
    for (path, text) in [("/", page("home")), ("/none", page("none"))] {
        let response = client.get(path);
        assert_eq!(response.content, format!("{text}\n{ELEMENT}\n").into_bytes(), "{path}");
    }
    assert_eq!(client.get("/part").content, part.as_bytes());
    assert_eq!(client.get("/style.css").content, b"p { color: red }");
    let response = client.get(script);
    assert_eq!(response.field("content-type"), Some("text/javascript; charset=utf-8"));
    let mounted = serve(site.path(), &["--reload", "--mount", "/repo/"]);
    let response = mounted.connect().get("/repo/");
    let text = String::from_utf8(response.content).expect("it is a page");
    assert!(
        text.ends_with("<script src=\"/repo/.well-known/chapbook/reload.js\" async></script>\n")
    );
    assert_eq!(mounted.connect().get(&format!("/repo{script}")).status, 200);
}

#[test]
fn a_stream_of_events_ends_at_a_change_and_the_next_one_tells_what_has_changed() {
    let site = folder_of(&[("index.html", &page("home")), ("style.css", "p { color: red }")]);
    let server = serve(site.path(), &["--reload"]);
    let mut before = String::new();
    // The path and content of a file, and which of the two hashes differ.
    let rows = [
        ("", "", [true, true]),
        ("style.css", "p { color: green }", [true, false]),
        ("index.html", &page("other"), [false, true]),
        ("new.css", "a { color: red }", [true, true]),
    ];
    let mut client = server.connect();
    for (path, content, differs) in rows {
        if !path.is_empty() {
            replace(site.path(), path, content);
            assert!(client.is_closed(), "{path}");
            client = server.connect();
        }
        let after = event(client.send(EVENTS));
        let hashes = before.split(' ').zip(after.split(' '));
        let found: Vec<bool> = hashes.map(|(before, after)| before != after).collect();
        assert!(path.is_empty() || found == differs, "{path}: {before}, {after}");
        before = after;
    }
    // Neither holds up the shutdown.
    let mut other = server.connect();
    event(other.send(EVENTS));
    assert_eq!(server.process.terminate().status, Some(0));
    assert!(client.is_closed() && other.is_closed());
}

#[test]
fn a_client_that_leaves_a_stream_and_a_full_server_are_served() {
    let site = folder_of(&[("index.html", &page("home"))]);
    let server = serve(site.path(), &["--reload", "--max-connections", "2"]);
    for _ in 0..5 {
        event(server.connect().send(EVENTS));
    }
    let mut held = [server.connect(), server.connect()];
    for client in &mut held {
        event(client.send(EVENTS));
    }
    assert!(eventually(|| server.connect().get("/").status == 200));
}

#[test]
fn a_site_that_serves_the_reserved_path_itself_and_a_packed_site_do_not_reload() {
    let path = ".well-known/chapbook/reload.js";
    let site = folder_of(&[("index.html", &page("home")), (path, "let a;")]);
    let program = chapbook().arg(site.path()).args(["--reload", "--port", "0", "--quiet"]);
    let expected = format!(
        "chapbook: cannot reload pages: the site serves `/{path}` itself; remove the file or rule\n"
    );
    assert_eq!(program.run().failed(1), expected);
    let stderr = chapbook().args(["--reload", "--port", "0"]).run().failed(2);
    assert!(stderr.contains("--reload applies to a folder"), "{stderr}");
}
