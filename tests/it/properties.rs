//! Relations that hold between any two responses.

use std::collections::HashSet;

use chapbook_format::ContentCoding;

use crate::harness::{Response, parse_all, talk, talk_in_pieces};

/// Every path of the default site, and some that it does not have.
const PATHS: [&str; 10] = [
    "/",
    "/index.html",
    "/book",
    "/book.json",
    "/book.schema.json",
    "/style.css",
    "/icon.svg",
    "/404.html",
    "/nope",
    "/nope/deeper?x=1",
];

/// Fields that change the response.
const FIELDS: [&str; 9] = [
    "",
    "Accept-Encoding: gzip\r\n",
    "Accept-Encoding: br\r\n",
    "Accept-Encoding: identity;q=0, gzip;q=0, br;q=0\r\n",
    "If-None-Match: *\r\n",
    "If-Match: \"nope\"\r\n",
    "Range: bytes=3-9\r\n",
    "Range: bytes=999999999-\r\n",
    "Expect: nothing\r\n",
];

fn request(method: &str, path: &str, fields: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

fn response_to(request: &str) -> Response {
    let is_head = request.starts_with("HEAD");
    let transcript = talk(request.as_bytes(), false);
    let mut all =
        parse_all(&transcript.bytes, if is_head { &[0] } else { &[] }).expect("a response");
    assert_eq!(all.len(), 1, "{request}");
    all.remove(0)
}

fn for_each(check: impl Fn(&str, &str)) {
    for path in PATHS {
        for fields in FIELDS {
            check(path, fields);
        }
    }
}

#[test]
fn head_is_get_without_content() {
    for_each(|path, fields| {
        let get = response_to(&request("GET", path, fields));
        let head = response_to(&request("HEAD", path, fields));
        assert!(head.content.is_empty());
        if fields.starts_with("Range") {
            // A range is for GET only (RFC 9110 section 14.2), so HEAD ignores it.
            assert_eq!(head.status, response_to(&request("GET", path, "")).status, "{path}");
            return;
        }
        assert_eq!((head.status, &head.fields), (get.status, &get.fields), "{path} {fields}");
    });
}

#[test]
fn error_responses_to_head_have_no_content() {
    for (request, status) in [
        ("HEAD / HTTP/1.1\r\n\r\n", 400),
        ("HEAD / HTTP/2.0\r\n\r\n", 505),
        ("HEAD /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
        ("HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n", 400),
        ("\r\nHEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n123", 400),
    ] {
        let transcript = talk(request.as_bytes(), true);
        let all = parse_all(&transcript.bytes, &[0]).expect("a response without content");
        assert_eq!((all.len(), all[0].status), (1, status), "{request}");
        assert_ne!(all[0].field("content-length"), Some("0"), "{request}");
    }
}

#[test]
fn pipelined_requests_get_the_same_responses_as_single_ones() {
    let mut pipeline = String::new();
    let mut one_by_one = Vec::new();
    for path in PATHS {
        for fields in FIELDS {
            let request = request("GET", path, fields);
            one_by_one.extend(talk(request.as_bytes(), false).bytes);
            pipeline.push_str(&request);
        }
    }
    let together = talk(pipeline.as_bytes(), false);
    assert!(together.bytes == one_by_one && !together.is_closed);
    for take_max in [1, 7, 1000, 100_000] {
        let slowly = talk_in_pieces(&[pipeline.as_bytes()], false, take_max);
        assert!(slowly == together, "received {take_max} bytes at a time");
    }
}

#[test]
fn ranges_joined_are_the_complete_content_in_every_coding() {
    for path in ["/", "/book", "/style.css", "/icon.svg"] {
        let each = ContentCoding::ALL.map(|coding| format!("Accept-Encoding: {coding}\r\n"));
        for fields in std::iter::once(String::new()).chain(each) {
            let complete = response_to(&request("GET", path, &fields));
            for size in [1, 64, 1000] {
                let mut parts = Vec::new();
                while parts.len() < complete.content.len() {
                    let (first, last) = (parts.len(), parts.len() + size - 1);
                    let range = format!("{fields}Range: bytes={first}-{last}\r\n");
                    let part = response_to(&request("GET", path, &range));
                    assert_eq!(part.status, 206);
                    for name in ["etag", "content-encoding", "content-type", "vary"] {
                        assert_eq!(part.field(name), complete.field(name), "{path} {name}");
                    }
                    parts.extend(part.content);
                }
                assert!(parts == complete.content, "{path} {fields} by {size}");
            }
        }
    }
}

#[test]
fn percent_encoding_an_unreserved_character_changes_nothing() {
    for path in PATHS {
        let plain = response_to(&request("GET", path, ""));
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let path_end = path.find('?').unwrap_or(path.len());
        for (at, byte) in path.bytes().enumerate().take(path_end) {
            if !unreserved(byte) {
                continue;
            }
            for escape in [format!("%{byte:02x}"), format!("%{byte:02X}")] {
                let encoded = format!("{}{escape}{}", &path[..at], &path[at + 1..]);
                assert_eq!(response_to(&request("GET", &encoded, "")), plain, "{encoded}");
            }
        }
    }
}

#[test]
fn the_case_of_a_field_name_changes_nothing() {
    for_each(|path, fields| {
        let plain = response_to(&request("GET", path, fields));
        let (name, value) = fields.split_once(':').unwrap_or(("X", " y\r\n"));
        for name in [name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
            assert_eq!(response_to(&request("GET", path, &format!("{name}:{value}"))), plain);
        }
    });
}

#[test]
fn a_304_has_the_fields_of_the_corresponding_200() {
    for path in ["/", "/book", "/icon.svg"] {
        for coding in ContentCoding::ALL {
            let fields = format!("Accept-Encoding: {coding}\r\n");
            let complete = response_to(&request("GET", path, &fields));
            let tag = complete.field("etag").expect("content has an entity tag").to_owned();
            let again =
                response_to(&request("GET", path, &format!("{fields}If-None-Match: {tag}\r\n")));
            assert_eq!((again.status, again.content.len()), (304, 0));
            // RFC 9110 section 15.4.5.
            for name in ["date", "etag", "vary", "cache-control"] {
                assert_eq!(again.field(name), complete.field(name), "{path} {name}");
            }
        }
    }
}

#[test]
fn every_coding_has_its_own_entity_tag() {
    for path in ["/", "/style.css"] {
        let tag = |coding: ContentCoding| {
            let complete =
                response_to(&request("GET", path, &format!("Accept-Encoding: {coding}\r\n")));
            let expected = (coding != ContentCoding::Identity).then(|| coding.token());
            assert_eq!(complete.field("content-encoding"), expected);
            complete.field("etag").expect("content has an entity tag").to_owned()
        };
        let tags = ContentCoding::ALL.map(tag);
        let distinct: HashSet<&String> = tags.iter().collect();
        assert_eq!(distinct.len(), tags.len(), "{tags:?}");
        assert!(tags.iter().all(|it| it.starts_with('"')), "strong: {tags:?}");
    }
}
