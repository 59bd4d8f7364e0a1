//! Responses over real sockets: keep-alive, long contents, misbehaving clients, shutdown.

#[cfg(target_os = "linux")]
use std::fs;
use std::{net::TcpStream, time::Duration};

use crate::harness::{Client, Server, chapbook, site_file};
#[cfg(target_os = "linux")]
use crate::harness::{Program, serve_large_file, skipped};

/// Long enough for a server that has more to send.
const SILENCE: Duration = Duration::from_millis(250);

#[test]
fn every_file_of_the_site_is_served_byte_for_byte() {
    let server = Server::start();
    let mut client = server.connect();
    for (path, file, media_type) in [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/index.html", "index.html", "text/html; charset=utf-8"),
        ("/book", "book.json", "application/json"),
        ("/book.json", "book.json", "application/json"),
        ("/book.schema", "book.schema.json", "application/json"),
        ("/book.schema.json", "book.schema.json", "application/json"),
        ("/book.js", "book.js", "text/javascript; charset=utf-8"),
        ("/style.css", "style.css", "text/css; charset=utf-8"),
        ("/icon.svg", "icon.svg", "image/svg+xml"),
        ("/404.html", "404.html", "text/html; charset=utf-8"),
    ] {
        let response = client.get(path);
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.field("content-type"), Some(media_type), "{path}");
        assert!(response.content == site_file(file), "{path} is not {file}");
    }
}

#[test]
fn each_method_has_its_status() {
    let server = Server::start();
    for (request, status, allow) in [
        ("OPTIONS /book", 204, true),
        ("OPTIONS *", 204, true),
        ("OPTIONS /nope", 404, false),
        ("POST /book", 405, true),
        ("PUT /book", 405, true),
        ("DELETE /book", 405, true),
        ("PATCH /book", 405, true),
        ("TRACE /book", 405, true),
        ("CONNECT localhost:80", 405, true),
        ("BREW /book", 501, false),
        ("M-SEARCH *", 501, false),
        ("get /book", 501, false),
    ] {
        let mut client = server.connect();
        let text = format!("{request} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let response = client.send(text).receive();
        assert_eq!(response.status, status, "{request}");
        let allowed = response.field("allow");
        assert_eq!(allowed, allow.then_some("GET, HEAD, OPTIONS"), "{request}");
        assert_eq!(client.get("/book").status, 200, "the connection stays open after {request}");
    }
}

#[test]
fn an_unknown_path_gets_the_404_page_of_the_site() {
    let server = Server::start();
    let mut client = server.connect();
    for path in ["/nope", "/a/b/c", "/book/", "/BOOK", "/../etc/passwd", "/a%2fb"] {
        let response = client.get(path);
        assert_eq!(response.status, 404, "{path}");
        assert!(response.content == site_file("404.html"), "{path}");
    }
    client.send("HEAD /nope HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.receive_head().status, 404);
}

#[test]
fn a_malformed_request_gets_400_and_the_connection_is_closed() {
    let server = Server::start();
    for request in ["BAD\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"]
    {
        let mut client = server.connect();
        let response = client.send(request).receive();
        let expected = (400, Some("close"));
        assert_eq!((response.status, response.field("connection")), expected, "{request}");
        assert!(client.shutdown_write().is_closed(), "{request}");
    }
}

#[test]
fn a_client_that_continues_to_send_still_receives_its_error_response() {
    let server = Server::start();
    for _ in 0..20 {
        let mut client = server.connect();
        client.send("POST /book HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\n");
        client.send(vec![b'x'; 40_000]);
        assert_eq!(client.receive().status, 413);
        assert!(client.shutdown_write().is_closed());
    }
}

#[test]
fn a_pipeline_longer_than_a_turn_is_answered_completely_and_in_order() {
    let server = Server::start();
    let mut client = server.connect();
    let pair = "GET /book HTTP/1.1\r\nHost: a\r\n\r\nGET /nope HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(pair.repeat(500));
    for _ in 0..500 {
        assert_eq!(client.receive().status, 200);
        assert_eq!(client.receive().status, 404);
    }
}

#[test]
fn a_client_that_pauses_reading_receives_everything() {
    let server = Server::start();
    let mut client = server.connect();
    let count = 4000;
    client.send("GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
    // Others are served meanwhile, although more output waits here than any buffer holds.
    assert_eq!(server.connect().get("/").status, 200);
    let style = site_file("style.css");
    for _ in 0..count {
        assert!(client.receive().content == style);
    }
}

#[test]
fn http_1_0_closes_unless_keep_alive_is_requested() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("GET /book HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(client.receive().field("connection"), Some("keep-alive"));
    client.send("GET /book HTTP/1.0\r\n\r\n");
    assert_eq!(client.receive().field("connection"), Some("close"));
    assert!(client.is_closed());
}

#[test]
fn clients_that_vanish_send_garbage_or_stall_do_not_stop_the_others() {
    let server = Server::start_with(&["--workers", "1"]);
    let mut stalled = server.connect();
    stalled.send("GET / HTTP/1.1\r\nHo");
    let mut not_reading = server.connect();
    not_reading.send("GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n".repeat(4000));
    for round in 0..200 {
        server.connect().send("GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n");
        server.connect().send([0xff, 0x00, b'\r', b'\n']);
        drop(TcpStream::connect(server.address));
        assert_eq!(server.connect().get("/book").status, 200, "round {round}");
    }
    stalled.send("st: a\r\n\r\n");
    assert_eq!(stalled.receive().status, 200);
}

#[test]
fn without_a_free_slot_one_idle_connection_is_closed() {
    let server = Server::start_with(&["--workers", "1", "--max-connections", "3"]);
    let mut clients: Vec<_> = (0..3).map(|_| server.connect()).collect();
    for client in &mut clients {
        assert_eq!(client.get("/book").status, 200);
    }
    assert_eq!(server.connect().get("/book").status, 200);
    let is_closed = |client: &mut Client| client.receive_for(SILENCE).1;
    let closed = clients.iter_mut().map(is_closed).filter(|is_closed| *is_closed).count();
    assert_eq!(closed, 1);
}

#[cfg(unix)]
#[test]
fn sigint_and_sigterm_shut_down_with_status_0() {
    for name in ["INT", "TERM"] {
        shuts_down_at(name, Server::start());
    }
}

/// The tests themselves may run with an ignored SIGHUP, which processes inherit.
#[cfg(target_os = "linux")]
#[test]
fn sighup_shuts_down_with_status_0() {
    let reset = "--default-signal=HUP";
    if Program::new("env").args([reset, "true"]).run_if_installed().is_none() {
        return skipped("env cannot reset signals");
    }
    let script = format!("exec env {reset} \"$0\" \"$@\"");
    shuts_down_at("HUP", chapbook().args(["--port", "0"]).in_shell(&script).serve());
}

/// As a container starts it. Process 1 ignores each signal that it has no handler for.
#[cfg(target_os = "linux")]
#[test]
fn process_1_shuts_down_at_sighup_with_status_0() {
    let isolated = "unshare --user --map-root-user --fork --pid --mount-proc --kill-child";
    let run = format!("exec {isolated} env --default-signal=HUP \"$0\" \"$@\"");
    if Program::new("true").in_shell(&run).run().status != Some(0) {
        return skipped("unshare is missing or not permitted");
    }
    let server = chapbook().args(["--port", "0"]).in_shell(&run).serve();
    let mut idle = server.connect();
    assert_eq!(idle.get("/book").status, 200);
    let id = server.process.id();
    let children = format!("/proc/{id}/task/{id}/children");
    let child = fs::read_to_string(children).expect("unshare has a child");
    Program::new("kill").args(["-s", "HUP", child.trim()]).run().succeeded();
    assert!(idle.is_closed());
    assert_eq!(server.process.wait().status, Some(0));
}

#[cfg(unix)]
fn shuts_down_at(name: &str, server: Server) {
    let mut idle = server.connect();
    assert_eq!(idle.get("/book").status, 200);
    server.process.signal(name);
    assert!(idle.is_closed());
    assert_eq!(server.process.wait().status, Some(0), "{name}");
}

/// As nohup(1) starts it.
#[cfg(target_os = "linux")]
#[test]
fn a_sighup_that_is_ignored_at_the_start_stays_ignored() {
    let program = chapbook().args(["--port", "0"]);
    let server = program.in_shell("trap '' HUP; exec \"$0\" \"$@\"").serve();
    server.process.signal("HUP");
    for _ in 0..10 {
        assert_eq!(server.connect().get("/book").status, 200);
    }
    server.process.signal("TERM");
    assert_eq!(server.process.wait().status, Some(0));
}

#[cfg(unix)]
#[test]
fn responses_in_progress_are_finished_at_shutdown() {
    let server = Server::start();
    let mut slow = server.connect();
    let count = 4000;
    slow.send("GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
    slow.receive();
    server.process.signal("TERM");
    let mut last = slow.receive();
    while last.field("connection").is_none() {
        last = slow.receive();
    }
    assert_eq!((last.status, last.field("connection")), (200, Some("close")));
    slow.receive_rest();
    assert_eq!(server.process.wait().status, Some(0));
}

/// Content of at least 32 KiB is sent from the file of the executable.
#[cfg(target_os = "linux")]
#[test]
fn no_file_is_open_while_serving_except_the_executable_for_long_contents() {
    let servers = [
        (Server::start(), false),
        (serve_large_file(10_000, &[]), false),
        (serve_large_file(32 * 1024, &[]), true),
    ];
    for (server, expected) in servers {
        assert_eq!(server.connect().get("/").status, 200);
        assert_eq!(has_executable_open(server.process.id()), expected);
    }
}

/// Whether a server has the file of its executable open. It has no other file open.
#[cfg(target_os = "linux")]
fn has_executable_open(process: u32) -> bool {
    let process = format!("/proc/{process}");
    let executable = fs::read_link(format!("{process}/exe")).expect("the process lives");
    let descriptors = fs::read_dir(format!("{process}/fd")).expect("the process lives");
    let mut is_open = false;
    for entry in descriptors {
        let path = entry.expect("a folder can be listed").path();
        let Ok(target) = fs::read_link(&path) else { continue };
        if target == executable {
            is_open = true;
            continue;
        }
        let target = target.to_string_lossy().into_owned();
        let number = path.file_name().expect("a number").to_string_lossy().into_owned();
        let is_stream = ["0", "1", "2"].contains(&number.as_str());
        // The parent of the tests may have left a device open for all of its children.
        let kinds = ["socket:", "anon_inode:", "pipe:", "/dev/"];
        assert!(is_stream || kinds.iter().any(|kind| target.starts_with(kind)), "{target}");
    }
    is_open
}
