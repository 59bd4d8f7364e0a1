//! Heap allocations of the core: none for a request that arrives in one piece, and a bounded number
//! of bytes for a session of TLS.

use std::{io::Write, sync::Arc};

use chapbook::{
    embedded_site,
    http::{Connection, Context, DateField, NextAction, Transmit},
    limits::{READ_MAX, TLS_BYTES_PER_CONNECTION_MAX},
    site::Site,
    tls::Session,
};
use chapbook_oracle::{
    payload::{open, payload},
    tls::configs,
};
use rustls::{ClientConnection, pki_types::ServerName};

/// Counts the allocations while the core responds to these bytes, on a connection that has sent a
/// response before, for a client that receives everything.
fn allocations(site: Site<'_>, bytes: &[u8]) -> u64 {
    let date = DateField::new(0);
    let mut cx = Context::new(&site, &date, 0);
    let mut connection = Connection::new(&cx);
    let mut out = Transmit::default();
    let mut exchange = || {
        connection.read(bytes, &mut cx, &mut out);
        let length = out.len();
        out.advance(length);
        assert_eq!(connection.next_action(), NextAction::Read);
        assert!(length > 0);
    };
    exchange();
    allocation_counter::measure(exchange).count_total
}

#[test]
fn a_request_that_arrives_in_one_piece_allocates_nothing() {
    let request = |line: &str, fields: &str| format!("{line} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let rows = [
        request("GET /book", ""),
        request("GET /", "Accept-Encoding: gzip, deflate, br\r\n"),
        request("GET /style.css", ""),
        request("HEAD /", ""),
        request("GET /%62ook", ""),
        request("GET /", "If-None-Match: *\r\n"),
        request("GET /", "If-Match: \"nope\"\r\n"),
        request("GET /", "Range: bytes=3-9\r\n"),
        request("GET /", "Range: bytes=99999999-\r\n"),
        request("GET /nope", ""),
        request("OPTIONS /", ""),
        request("POST /book", ""),
        request("POST /book", "Content-Length: 5\r\n") + "hello",
        request("BREW /", ""),
        request("GET /book", "").repeat(16),
    ];
    for row in rows {
        assert_eq!(allocations(embedded_site(), row.as_bytes()), 0, "{row}");
    }
    let packed = open(payload().to_vec()).expect("the payload is intact");
    let lines = [
        "GET /old",
        "GET /old?a=b",
        "GET /was/a",
        "GET /was/a\\?b=[c]",
        "GET /data.bin",
        "GET /nothing",
        "OPTIONS /data.bin",
        "OPTIONS /nothing",
        "POST /data.bin",
    ];
    for line in lines {
        let row = request(line, "");
        assert_eq!(allocations(packed, row.as_bytes()), 0, "{row}");
    }
}

/// The heap of a session, in bytes, after the handshake, a request and its response.
fn session_bytes(version: usize, request: &[u8]) -> i64 {
    let (config, clients) = configs();
    let name = ServerName::try_from("a").expect("it is a name");
    let client = ClientConnection::new(Arc::clone(&clients[version]), name);
    let mut client = client.expect("the settings are valid");
    client.set_buffer_limit(None);
    let mut session = None;
    // What all connections of a worker share is not counted.
    let (mut plaintext, mut output) = (Vec::with_capacity(1 << 17), Vec::with_capacity(1 << 17));
    let made = || session = Session::new(config).ok();
    let mut bytes = allocation_counter::measure(made).bytes_current;
    let mut session = session.expect("the settings are valid");
    for step in 0..4 {
        if step == 3 {
            assert!(!client.is_handshaking());
            client.writer().write_all(request).expect("there is no limit");
        }
        let mut records = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut records).expect("a `Vec` takes it");
        }
        for piece in records.chunks(READ_MAX) {
            let exchange = || {
                session.decrypt(piece, &mut plaintext).expect("the client speaks TLS");
                session.take_output(&mut output);
            };
            bytes += allocation_counter::measure(exchange).bytes_current;
        }
        let mut sent = &output[..];
        while !sent.is_empty() {
            client.read_tls(&mut sent).expect("plaintext is read at once");
            client.process_new_packets().expect("the server speaks TLS");
        }
        output.clear();
    }
    assert_eq!(plaintext, request);
    let response = || {
        session.encrypt(&[0; 300], &[0; 5000]);
        session.take_output(&mut output);
    };
    bytes + allocation_counter::measure(response).bytes_current
}

#[test]
fn an_idle_session_has_given_the_memory_of_a_long_request_back() {
    let max = i64::try_from(TLS_BYTES_PER_CONNECTION_MAX).expect("it is small");
    for version in [0, 1] {
        for length in [100, 4_000, 8_000, 15_000, 60_000] {
            let bytes = session_bytes(version, &vec![b'a'; length]);
            assert!(bytes <= max, "{bytes} bytes after a request of {length}, version {version}");
        }
    }
}
