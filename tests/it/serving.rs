//! Answers over real sockets: keep-alive, large contents, clients that misbehave, stopping.

use std::{net::TcpStream, time::Duration};

use crate::harness::{Server, site_file};

/// Long enough for a server that wants to say something to say it.
const SILENCE: Duration = Duration::from_millis(250);

#[test]
fn every_file_of_the_site_is_answered_byte_for_byte() {
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
        let answer = client.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.field("content-type"), Some(media_type), "{path}");
        assert!(answer.content == site_file(file), "{path} is not {file}");
    }
}

#[test]
fn each_method_has_its_answer() {
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
        let answer = client.send(text).receive();
        assert_eq!(answer.status, status, "{request}");
        let allowed = answer.field("allow");
        assert_eq!(allowed, allow.then_some("GET, HEAD, OPTIONS"), "{request}");
        assert_eq!(client.get("/book").status, 200, "the connection goes on after {request}");
    }
}

#[test]
fn what_is_not_found_gets_the_page_of_the_site() {
    let server = Server::start();
    let mut client = server.connect();
    for path in ["/nope", "/a/b/c", "/book/", "/BOOK", "/../etc/passwd", "/a%2fb"] {
        let answer = client.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.content == site_file("404.html"), "{path}");
    }
    client.send("HEAD /nope HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.receive_head().status, 404);
}

#[test]
fn what_is_malformed_gets_400_and_the_end() {
    let server = Server::start();
    for request in ["BAD\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"]
    {
        let mut client = server.connect();
        let answer = client.send(request).receive();
        assert_eq!((answer.status, answer.field("connection")), (400, Some("close")), "{request}");
        assert!(client.end_sending().is_closed(), "{request}");
    }
}

#[test]
fn a_client_that_goes_on_sending_still_reads_its_refusal() {
    let server = Server::start();
    for _ in 0..20 {
        let mut client = server.connect();
        client.send("POST /book HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\n");
        client.send(vec![b'x'; 40_000]);
        assert_eq!(client.receive().status, 413);
        assert!(client.end_sending().is_closed());
    }
}

#[test]
fn a_pipeline_longer_than_a_turn_is_answered_whole_and_in_order() {
    let server = Server::start();
    let mut client = server.connect();
    let one = "GET /book HTTP/1.1\r\nHost: a\r\n\r\nGET /nope HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(one.repeat(500));
    for _ in 0..500 {
        assert_eq!(client.receive().status, 200);
        assert_eq!(client.receive().status, 404);
    }
}

#[test]
fn a_client_that_reads_nothing_for_a_while_gets_everything_in_the_end() {
    let server = Server::start();
    let mut client = server.connect();
    let count = 4000;
    client.send("GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
    // Others are served meanwhile, although more waits here than any buffer holds.
    assert_eq!(server.connect().get("/").status, 200);
    let style = site_file("style.css");
    for _ in 0..count {
        assert!(client.receive().content == style);
    }
}

#[test]
fn http_1_0_closes_unless_it_is_asked_to_stay() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("GET /book HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(client.receive().field("connection"), Some("keep-alive"));
    client.send("GET /book HTTP/1.0\r\n\r\n");
    assert_eq!(client.receive().field("connection"), Some("close"));
    assert!(client.is_closed());
}

#[test]
fn who_vanishes_sends_rubbish_or_stalls_does_not_stop_the_others() {
    let server = Server::start_with(&["--workers", "1"]);
    let mut stalled = server.connect();
    stalled.send("GET / HTTP/1.1\r\nHo");
    let mut deaf = server.connect();
    deaf.send("GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n".repeat(4000));
    for round in 0..200 {
        server.connect().send("GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n");
        server.connect().send([0xff, 0x00, b'\r', b'\n']);
        drop(TcpStream::connect(server.address()));
        assert_eq!(server.connect().get("/book").status, 200, "round {round}");
    }
    stalled.send("st: a\r\n\r\n");
    assert_eq!(stalled.receive().status, 200);
}

#[test]
fn a_full_house_lets_the_one_go_that_was_idle_the_longest() {
    let server = Server::start_with(&["--workers", "1", "--max-connections", "3"]);
    let mut clients: Vec<_> = (0..3).map(|_| server.connect()).collect();
    for client in &mut clients {
        assert_eq!(client.get("/book").status, 200);
    }
    assert_eq!(server.connect().get("/book").status, 200);
    let is_closed = |client: &mut crate::harness::Client| client.receive_for(SILENCE).1;
    let closed = clients.iter_mut().map(is_closed).filter(|it| *it).count();
    assert_eq!(closed, 1);
}

/// The limit is lowered behind the server's back, so that accepting fails although slots are free.
#[cfg(target_os = "linux")]
#[test]
fn who_waited_while_descriptors_were_short_is_served_as_soon_as_they_are_back() {
    let server = Server::start_with(&["--workers", "1"]);
    let process = server.process_id().to_string();
    let status = std::process::Command::new("prlimit")
        .args(["--pid", &process, "--nofile=20:20"])
        .status()
        .expect("prlimit runs");
    assert!(status.success());
    let mut crowd: Vec<_> = (0..200).map(|_| server.connect()).collect();
    for client in &mut crowd {
        client.send("GET / HTTP/1.1\r\nHo");
    }
    drop(crowd);
    let start = std::time::Instant::now();
    assert_eq!(server.connect().get("/book").status, 200);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn accepted_sockets_send_without_delay() {
    // Two answers in two writes: with Nagle's algorithm and delayed acknowledgements the second
    // would wait 40 ms each time.
    let server = Server::start_with(&["--workers", "1"]);
    let mut client = server.connect();
    let start = std::time::Instant::now();
    for _ in 0..50 {
        client.send("GET /book HTTP/1.1\r\nHost: a\r\n\r\nGET /");
        client.receive();
        client.send("book HTTP/1.1\r\nHost: a\r\n\r\n");
        client.receive();
    }
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[cfg(unix)]
#[test]
fn sigint_and_sigterm_end_it_with_code_0() {
    for name in ["INT", "TERM"] {
        let server = Server::start();
        let mut idle = server.connect();
        assert_eq!(idle.get("/book").status, 200);
        server.signal(name);
        assert!(idle.is_closed());
        assert_eq!(server.wait().code(), Some(0), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_being_answered_when_a_stop_comes_is_finished() {
    let server = Server::start();
    let mut slow = server.connect();
    let count = 4000;
    slow.send("GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
    slow.receive();
    server.signal("TERM");
    let mut last = slow.receive();
    while last.field("connection").is_none() {
        last = slow.receive();
    }
    assert_eq!((last.status, last.field("connection")), (200, Some("close")));
    slow.receive_rest();
    assert_eq!(server.wait().code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn no_file_is_open_while_it_serves_but_its_own() {
    let server = Server::start();
    assert_eq!(server.connect().get("/book").status, 200);
    let process = format!("/proc/{}", server.process_id());
    let own = std::fs::read_link(format!("{process}/exe")).expect("the process lives");
    let open = std::fs::read_dir(format!("{process}/fd"));
    for entry in open.expect("the process lives") {
        let place = entry.expect("it can be listed").path();
        let Ok(target) = std::fs::read_link(&place) else { continue };
        if target == own {
            continue;
        }
        let target = target.to_string_lossy().into_owned();
        let number = place.file_name().expect("a number").to_string_lossy().into_owned();
        let is_stream = ["0", "1", "2"].contains(&number.as_str());
        // Whoever started the tests may have left a device open for all of their children.
        let kinds = ["socket:", "anon_inode:", "pipe:", "/dev/"];
        assert!(is_stream || kinds.iter().any(|it| target.starts_with(it)), "{target}");
    }
}
