//! Gate of a server: redirects from plain HTTP to HTTPS, files of the server itself, and the scheme
//! of absolute targets.

use chapbook::{
    http::{Connection, Context, DateField, Gate, NextAction, Transmit, WellKnownFile},
    site::Site,
};

use chapbook_oracle::response::Response;

use crate::harness::parse_all;

const FILE: &str = "/.well-known/chapbook/ca";

fn gate() -> Gate {
    let content = b"the certificate".to_vec();
    let file = WellKnownFile { key: FILE, media_type: "text/x-test", content };
    Gate { requires_tls: true, files: vec![file] }
}

/// How a request arrives.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// From another machine, without TLS.
    Plain,
    /// The same from this machine.
    Local,
    /// With TLS.
    Tls,
}

/// The output for bytes that arrive in these pieces, and whether the connection stays open.
fn talk(pieces: &[&[u8]], from: Source) -> (Vec<u8>, bool) {
    let (gate, site, date) = (gate(), Site::embedded(), DateField::new(784_111_777));
    let mut cx = Context { gate: Some(&gate), ..Context::new(&site, &date, 0) };
    (cx.is_client_local, cx.is_secure) = match from {
        Source::Plain => (false, false),
        Source::Local => (true, false),
        Source::Tls => (false, true),
    };
    let (mut connection, mut bytes) = (Connection::new(&cx), Vec::new());
    for piece in pieces {
        let mut out = Transmit::default();
        if connection.next_action() == NextAction::Read {
            connection.read(piece, &mut cx, &mut out);
        }
        while connection.next_action() == NextAction::Continue {
            connection.resume(&mut cx, &mut out);
        }
        bytes.extend(out.slices().map(|it| it.to_vec()).concat());
    }
    (bytes, !connection.shuts_down_next())
}

/// The response to a request, and whether the connection stays open.
fn respond(request: &str, from: Source) -> (Response, bool) {
    let (bytes, stays_open) = talk(&[request.as_bytes()], from);
    let heads: &[usize] = if request.starts_with("HEAD") { &[0] } else { &[] };
    (parse_all(&bytes, heads).expect("a complete response").swap_remove(0), stays_open)
}

/// The statuses of all responses.
fn statuses(pieces: &[&[u8]], from: Source) -> Vec<u16> {
    let all = parse_all(&talk(pieces, from).0, &[]).expect("complete responses");
    all.iter().map(|response| response.status).collect()
}

#[test]
fn plain_http_leads_to_the_same_url_with_https() {
    let rows: &[(&str, &str, Option<&str>)] = &[
        ("GET /", "a:8080", Some("https://a:8080/")),
        ("HEAD /b/c.d", "192.168.1.5:80", Some("https://192.168.1.5:80/b/c.d")),
        ("GET /b?c=d&e", "[fe80::1]", Some("https://[fe80::1]/b?c=d&e")),
        ("GET //c/%41%2f", "a", Some("https://a//c/%41%2f")),
        ("GET /\"<>|\\?\"<", "a", Some("https://a/%22%3C%3E%7C%5C?%22%3C")),
        ("GET http://b/c?d", "a", Some("https://a/c?d")),
        ("POST /b", "a", Some("https://a/b")),
        ("DELETE /b", "a", Some("https://a/b")),
        ("GET /.well-known/chapbook", "a", Some("https://a/.well-known/chapbook")),
        ("OPTIONS *", "a", None),
        ("CONNECT a:1", "a", None),
        ("GET https://a/", "a", None),
    ];
    for (line, host, expected) in rows {
        let (response, stays_open) =
            respond(&format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n"), Source::Plain);
        assert_eq!(response.field("location"), *expected, "{line}");
        assert_eq!(response.status == 308, expected.is_some(), "{line}");
        if expected.is_some() {
            assert_eq!(response.field("cache-control"), Some("no-store"), "{line}");
            assert!(stays_open, "{line}");
        }
    }
}

#[test]
fn what_needs_no_tls_and_what_is_another_scheme() {
    use Source::{Local, Plain, Tls};
    let rows: &[(&str, &str, Source, u16)] = &[
        ("GET /", "a", Tls, 200),
        ("GET https://a/", "a", Tls, 200),
        ("GET HTTPS://a:443/book", "a", Tls, 200),
        ("GET https://u@a/", "a", Tls, 400),
        ("GET http://a/", "a", Tls, 200),
        ("GET ftp://a/", "a", Tls, 421),
        ("GET https://a/", "a", Plain, 421),
        ("GET https://a/", "a", Local, 421),
        ("GET /", "localhost:8080", Local, 200),
        ("GET /", "demo.localhost:8080", Local, 200),
        ("GET /", "127.0.0.1:8080", Local, 308),
        ("GET /", "localhost:8080", Plain, 308),
        ("GET /.well-known/chapbook", "127.0.0.1", Local, 200),
        ("GET /.well-known/chapbook/ca", "a", Plain, 200),
        ("HEAD /.well-known/chapbook/ca", "a", Plain, 200),
        ("OPTIONS /.well-known/chapbook/ca", "a", Plain, 204),
        ("PUT /.well-known/chapbook/ca", "a", Plain, 405),
        ("BREW /.well-known/chapbook/ca", "a", Plain, 501),
        ("GET /.well-known/chapbook/ca", "a", Tls, 200),
        ("GET /.well-known/chapbook/ca/", "a", Plain, 308),
    ];
    for (line, host, from, status) in rows {
        let (response, _) = respond(&format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n"), *from);
        assert_eq!(response.status, *status, "{line} {host} {from:?}");
    }
    let (response, _) = respond("GET / HTTP/1.0\r\n\r\n", Plain);
    assert_eq!(response.status, 421, "there is no host to lead to");
}

#[test]
fn the_body_of_a_request_that_is_redirected_is_declined() {
    let body = "Content-Length: 3\r\n\r\nabc";
    for (line, status) in [("POST /", 308), (&format!("GET {FILE}"), 200)] {
        let (response, stays_open) =
            respond(&format!("{line} HTTP/1.1\r\nHost: a\r\n{body}"), Source::Plain);
        assert_eq!((response.status, stays_open), (status, false), "{line}");
        assert_eq!(response.field("connection"), Some("close"), "{line}");
    }
}

#[test]
fn an_absolute_target_over_tls_may_have_the_scheme_https() {
    let next = "GET /book HTTP/1.1\r\nHost: a\r\n\r\n";
    let rows: &[(&str, &[u16])] = &[
        ("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", &[200, 200]),
        ("\r\nGET https://a HTTP/1.1\r\nHost: a\r\n\r\n", &[200, 200]),
        ("POST https://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", &[405, 200]),
        ("GET https://a/ HTTP/1.1\r\n\r\n", &[400]),
    ];
    for (request, expected) in rows {
        let bytes = format!("{request}{next}");
        for cut in 1..=bytes.len() {
            let (first, second) = bytes.as_bytes().split_at(cut);
            assert_eq!(statuses(&[first, second], Source::Tls), *expected, "{request}");
        }
    }
}

#[test]
fn a_file_of_the_server_has_its_type_and_content() {
    let (response, _) = respond(&format!("GET {FILE} HTTP/1.1\r\nHost: a\r\n\r\n"), Source::Plain);
    assert_eq!(response.content, b"the certificate");
    assert_eq!(response.field("content-type"), Some("text/x-test"));
    assert_eq!(response.field("cache-control"), Some("no-store"));
}
