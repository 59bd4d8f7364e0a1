//! Heap allocations of the core: none for a request that arrives in one piece.

use chapbook::{
    embedded_site,
    http::{Connection, Context, DateField, NextAction, Transmit},
    site::Site,
};

use chapbook_oracle::payload::{open, payload};

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
