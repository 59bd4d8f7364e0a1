//! Seeds of the fuzz targets: the requests of the conformance table, the rule files of the fixture
//! sites, and values with a special meaning.

use std::{fs, path::Path};

use crate::payload::payload;

/// The conformance table.
const CASES: &str = include_str!("../../../tests/conformance/cases.json");

/// Pieces of requests.
pub(crate) const REQUEST_PIECES: &[&[u8]] = &[
    b"\r\n",
    b"\r",
    b"\n",
    b" ",
    b":",
    b"\0",
    b"\t",
    b"\r\n\r\n",
    b"HEAD ",
    b"HTTP/1.0",
    b"Host: a\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
];

/// Pieces of paths.
pub(crate) const PATH_PIECES: &[&[u8]] =
    &[b"/", b"%", b"%2F", b"%2e", b"%00", b"..", b"?", b"#", b";", b"\\", b"book", b"\xFF"];

/// Pieces of field values.
pub(crate) const VALUE_PIECES: &[&[u8]] = &[
    b",",
    b", ",
    b"\"",
    b"W/",
    b"*",
    b";q=0",
    b";q=0.5",
    b"-",
    b"=",
    b"bytes=",
    b"99999999999999999999",
    b"identity",
    b"gzip",
    b"br",
    b"\t",
    b"\x01",
];

/// Numbers in payloads, and edits of the small payload.
pub(crate) const NUMBER_PIECES: &[&[u8]] = &[
    b"\0",
    b"\x01",
    b"\x02",
    b"\0\0\x01",
    b"\0\0\0\0",
    b"\x01\0\0\0",
    b"\xFF\xFF\xFF\xFF",
    b"\xFF\xFF\xFF\x7F",
];

/// Pieces of rule files.
pub(crate) const RULE_PIECES: &[&[u8]] = &[
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"/",
    b"*",
    b":splat",
    b"#",
    b": ",
    b" 200",
    b" 301!",
    b"%",
    b"\0",
    b"\xFF",
    b"/a/*",
    b"Location: x",
];

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|it| it.as_bytes().to_vec()).collect()
}

/// The requests of the table, and some with malformed line ends.
pub(crate) fn requests() -> Vec<Vec<u8>> {
    let cases: Vec<serde_json::Value> = serde_json::from_str(CASES).expect("the table is JSON");
    let request = |case: &serde_json::Value| case["send"].as_str().map(latin_1);
    cases.iter().filter_map(request).chain(bare_line_feeds()).collect()
}

/// A request with an extra LF at each offset, and with each CR removed.
fn bare_line_feeds() -> impl Iterator<Item = Vec<u8>> {
    const REQUEST: &[u8] = b"\r\nGET / HTTP/1.1\r\nHost: a\r\nX:\r\nY: z \r\n\r\n";
    let with_one = |at| [&REQUEST[..at], b"\n", &REQUEST[at..]].concat();
    let without =
        |at| (REQUEST[at] == b'\r').then(|| [&REQUEST[..at], &REQUEST[at + 1..]].concat());
    (0..=REQUEST.len()).map(with_one).chain((0..REQUEST.len()).filter_map(without))
}

/// The requests with a prefix that determines how they are split.
pub(crate) fn connections() -> Vec<Vec<u8>> {
    let cut = |(number, request): (usize, Vec<u8>)| {
        [&(number as u64).to_be_bytes()[..], &request].concat()
    };
    requests().into_iter().enumerate().map(cut).collect()
}

/// The table is Latin-1: each character is a byte.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars().filter_map(|it| u8::try_from(u32::from(it)).ok()).collect()
}

pub(crate) fn paths() -> Vec<Vec<u8>> {
    bytes(&["", "book", "book.json", "b%6fok", "icon.svg?x=1", "a/../b", "%2e%2e/x", "book%2F"])
}

pub(crate) fn queries() -> Vec<Vec<u8>> {
    bytes(&[
        "",
        "a=b&c=d",
        "a=%20%2F",
        "next=https://a.example/",
        "a[b]=\"c\"",
        "100%",
        "%0d%0aX:y",
    ])
}

pub(crate) fn ranges() -> Vec<Vec<u8>> {
    bytes(&[
        "bytes=0-0",
        "bytes=5-",
        "bytes=-5",
        "bytes=0-1,5-6",
        "bytes=9-3",
        "lines=1-2",
        "bytes=0-1,",
    ])
}

pub(crate) fn entity_tags() -> Vec<Vec<u8>> {
    bytes(&["\x01", "W/\x01", "*", "\"x\", \x01", "\"x\" , W/\x01,", "\"x", ",,\x01 ,"])
}

pub(crate) fn codings() -> Vec<Vec<u8>> {
    bytes(&[
        "gzip, deflate, br, zstd",
        "gzip;q=0.5, br;q=0.4, *;q=0",
        "identity;q=0, gzip",
        "*;q=0.1",
        "x-gzip",
        "",
    ])
}

pub(crate) fn edits() -> Vec<Vec<u8>> {
    bytes(&["", "\0\x10\x01", "\x02\0\x01\x03\0\x01", "x"])
}

/// The small payload unchanged, and edits of it.
pub(crate) fn forgeries() -> Vec<Vec<u8>> {
    let mut seeds = bytes(&["", "\0", "\0\0\x48\x01", "\0\x02\0\x01\x03\0\x01", "\x02x"]);
    seeds.push([b"\x01", payload()].concat());
    seeds
}

/// The files of this name in the fixture sites.
fn of_fixtures(name: &str) -> Vec<Vec<u8>> {
    let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites");
    let entries = fs::read_dir(sites).expect("the fixture sites exist");
    let site = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("it can be listed").path().join("site").join(name)
    };
    let mut paths: Vec<_> = entries.map(site).filter(|it| it.exists()).collect();
    paths.sort();
    paths.into_iter().map(|it| fs::read(it).expect("it can be read")).collect()
}

pub(crate) fn headers() -> Vec<Vec<u8>> {
    let mut seeds = bytes(&[
        "/*\n  X-Frame-Options: DENY\n  Cache-Control: no-store\n",
        "/a/*\n  Link: </b>\n# note\n/a/b.txt\n  Access-Control-Allow-Origin: *\n",
    ]);
    seeds.extend(of_fixtures("_headers"));
    seeds
}

pub(crate) fn redirects() -> Vec<Vec<u8>> {
    let mut seeds = bytes(&[
        "/old /a/ 301\n/was/* /a/:splat 302\n",
        "/* /index.html 200\n",
        "/x https://example.com/y 308\n/y /a/b.txt?z=1#f\n",
    ]);
    seeds.extend(of_fixtures("_redirects"));
    seeds
}
