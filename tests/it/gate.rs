//! Gate of a server: redirects from plain HTTP to HTTPS, files of the server itself, and the scheme
//! of absolute targets.

use chapbook::{
    embedded_site,
    http::{Connection, Context, DateField, Gate, NextAction, Secret, Transmit, WellKnownFile},
};

use chapbook_oracle::response::Response;

use crate::harness::parse_all;

const FILE: &str = "/.well-known/chapbook/ca";

fn gate() -> Gate {
    let content = b"the certificate".to_vec();
    let file = WellKnownFile { key: FILE, media_type: "text/x-test", content };
    Gate { requires_tls: true, files: vec![file], secret: None }
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
    let (gate, site, date) = (gate(), embedded_site(), DateField::new(784_111_777));
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

/// The response to a request at a server with a secret, in whose text `TOKEN` and `NAME` stand for
/// the token and the name of the cookie.
fn respond_with_secret(request: &str, requires_tls: bool, is_secure: bool) -> Response {
    let secret = Secret::new([7; 16]);
    let token = secret.query().split_off("?secret=".len());
    let gate = Gate { requires_tls, secret: Some(secret), ..gate() };
    let set = respond_at(&gate, &format!("GET /?secret={token} HTTP/1.1\r\nHost: a\r\n\r\n"), true);
    let cookie = set.field("set-cookie").expect("a link sets the cookie");
    let (name, _) = cookie.split_once('=').expect("a cookie has a name");
    respond_at(&gate, &request.replace("TOKEN", &token).replace("NAME", name), is_secure)
}

fn respond_at(gate: &Gate, request: &str, is_secure: bool) -> Response {
    let (site, date) = (embedded_site(), DateField::new(784_111_777));
    let mut cx = Context { gate: Some(gate), is_secure, ..Context::new(&site, &date, 0) };
    let mut out = Transmit::default();
    Connection::new(&cx).read(request.as_bytes(), &mut cx, &mut out);
    let bytes = out.slices().map(|it| it.to_vec()).concat();
    parse_all(&bytes, &[]).expect("a complete response").swap_remove(0)
}

#[test]
fn with_a_secret_only_the_link_and_its_cookie_lead_to_the_site() {
    let rows: &[(&str, &str, u16)] = &[
        ("GET /", "", 403),
        ("GET /book", "", 403),
        ("GET /nothing", "", 403),
        ("POST /", "", 403),
        ("BREW /", "", 403),
        ("OPTIONS /", "", 403),
        ("GET /.well-known/chapbook", "", 403),
        ("GET /?secret=x", "", 403),
        ("GET /?secret=TOKENx", "", 403),
        ("GET /", "Cookie: NAME=x\r\n", 403),
        ("GET /", "Cookie: x=TOKEN\r\n", 403),
        ("GET /?secret=TOKEN", "", 303),
        ("GET /book?a&secret=TOKEN&b", "Cookie: NAME=TOKEN\r\n", 303),
        ("GET /", "Cookie: NAME=TOKEN\r\n", 200),
        ("GET /", "Cookie: a=b; NAME=TOKEN; c\r\n", 200),
        ("GET /", "Cookie: a=b\r\ncookie: NAME=TOKEN\r\n", 200),
        ("GET /nothing", "Cookie: NAME=TOKEN\r\n", 404),
        ("POST /", "Cookie: NAME=TOKEN\r\n", 405),
        ("GET /.well-known/chapbook/ca", "", 200),
        ("OPTIONS *", "", 204),
    ];
    for (line, fields, status) in rows {
        let request = format!("{line} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        let response = respond_with_secret(&request, false, false);
        assert_eq!(response.status, *status, "{line} {fields}");
    }
}

#[test]
fn a_link_with_the_secret_leads_to_the_same_url_without_it() {
    let rows = [
        ("/?secret=TOKEN", "/"),
        ("/a/b?c&secret=TOKEN&d", "/a/b?c&d"),
        ("/?secret=TOKEN&d", "/?d"),
        ("//b/?secret=TOKEN", "/b/"),
        ("/\\b?secret=TOKEN", "/%5Cb"),
    ];
    for (target, location) in rows {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        for (is_secure, end) in [(false, "SameSite=Strict"), (true, "SameSite=Strict; Secure")] {
            let response = respond_with_secret(&request, false, is_secure);
            assert_eq!(response.field("location"), Some(location), "{target}");
            let cookie = response.field("set-cookie").expect("it sets the cookie");
            assert!(cookie.starts_with("chapbook-"), "{cookie}");
            assert!(cookie.contains("; Path=/; HttpOnly; ") && cookie.ends_with(end), "{cookie}");
            assert_eq!(response.field("cache-control"), Some("no-store"), "{target}");
        }
    }
    let plain = respond_with_secret("GET /?secret=TOKEN HTTP/1.1\r\nHost: a\r\n\r\n", true, false);
    assert_eq!((plain.status, plain.field("set-cookie")), (308, None));
}

#[test]
fn a_file_of_the_server_has_its_type_and_content() {
    let (response, _) = respond(&format!("GET {FILE} HTTP/1.1\r\nHost: a\r\n\r\n"), Source::Plain);
    assert_eq!(response.content, b"the certificate");
    assert_eq!(response.field("content-type"), Some("text/x-test"));
    assert_eq!(response.field("cache-control"), Some("no-store"));
}
