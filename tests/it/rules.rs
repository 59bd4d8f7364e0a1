//! Responses that follow from `_redirects` and `_headers`.

use chapbook::site::Site;
use chapbook_oracle::payload::{open, payload_of};

use crate::harness::{Response, folder_of, page, parse_all, talk_to_site};

/// The site with these files.
fn site(files: &[(&str, &str)]) -> Site {
    open(payload_of(folder_of(files).path())).expect("the payload is intact")
}

fn response(site: Site, method: &str, target: &str, fields: &str) -> Response {
    let request = format!("{method} {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let heads: &[usize] = if method == "HEAD" { &[0] } else { &[] };
    let received = talk_to_site(site, &[request.as_bytes()], true, usize::MAX).bytes;
    let mut all = parse_all(&received, heads).expect("the response is complete");
    assert_eq!(all.len(), 1, "{request}");
    all.remove(0)
}

#[test]
fn a_redirect_keeps_the_query_unless_its_target_has_one() {
    let site = site(&[
        ("index.html", &page("")),
        ("docs/index.html", &page("<p id=intro>")),
        (
            "_redirects",
            "/old /docs/#intro\n/own /docs/?x=y#intro 302\n/empty /docs/? 302\n\
          /out https://example.com/ 307\n/was/* /docs/:splat#intro\n/top/* /:splat 302\n\
          /far/* https://example.com/:splat 302\n/find/* https://example.com/:splat?from=here 302\n",
        ),
    ]);
    let rows = [
        ("/docs", 308, "/docs/"),
        ("/docs?", 308, "/docs/?"),
        ("/docs?a=b&c=d", 308, "/docs/?a=b&c=d"),
        ("/d%6fcs?a=b%20c%2Fd/e?f", 308, "/docs/?a=b%20c%2Fd/e?f"),
        ("http://a/docs?a=b", 308, "/docs/?a=b"),
        ("/old", 301, "/docs/#intro"),
        ("/old?a=b", 301, "/docs/?a=b#intro"),
        ("/own?a=b", 302, "/docs/?x=y#intro"),
        ("/empty?a=b", 302, "/docs/?"),
        ("/out?a=b", 307, "https://example.com/?a=b"),
        ("/was/a?a=b", 301, "/docs/a?a=b#intro"),
        ("/was/?a=b", 301, "/docs/?a=b#intro"),
        ("/find/a?a=b", 302, "https://example.com/a?from=here"),
        // Bytes that no query contains are encoded.
        ("/docs?a[b]=\"<c>|{d}^`\\", 308, "/docs/?a%5Bb%5D=%22%3Cc%3E%7C%7Bd%7D%5E%60%5C"),
        ("/docs?100%&%zz&%4", 308, "/docs/?100%25&%25zz&%254"),
        // No query leads to another host or ends a line.
        ("/docs?//evil.example", 308, "/docs/?//evil.example"),
        ("/docs?\\\\evil.example", 308, "/docs/?%5C%5Cevil.example"),
        ("/docs?@evil.example", 308, "/docs/?@evil.example"),
        ("/docs?a=%0d%0aSet-Cookie:b=c", 308, "/docs/?a=%0d%0aSet-Cookie:b=c"),
        ("/top/?//evil.example", 302, "/?//evil.example"),
        ("/top//?@evil.example", 302, "/?@evil.example"),
        ("/top//evil.example?a=b", 302, "/evil.example?a=b"),
        ("/top/\\evil.example?a=b", 302, "/%5Cevil.example?a=b"),
        ("/far/?.evil.example", 302, "https://example.com/?.evil.example"),
        ("/far//@evil.example?a=b", 302, "https://example.com/@evil.example?a=b"),
    ];
    for (target, status, location) in rows {
        for method in ["GET", "HEAD"] {
            let response = response(site, method, target, "");
            let found = (response.status, response.field("location"));
            assert_eq!(found, (status, Some(location)), "{method} {target}");
            assert_eq!(response.field("content-length"), Some("0"), "{method} {target}");
        }
    }
    let refused =
        ["/docs?a#b", "/docs?a\u{1}", "/docs?a\rb", "/docs?a\u{e9}", "/docs?a b", "/docs?\t"];
    for target in refused {
        assert_eq!(response(site, "GET", target, "").status, 400, "{target:?}");
    }
    assert_eq!(response(site, "GET", "//docs?a=b", "").status, 404);
    // The query is not stored while request content is skipped: the connection closes.
    let posted = response(site, "GET", "/docs?a=b", "Content-Length: 0\r\nConnection: close\r\n");
    assert_eq!(posted.field("location"), Some("/docs/?a=b"));
}

#[test]
fn the_longest_query_is_kept_however_it_is_encoded() {
    let site = site(&[("index.html", &page("")), ("docs/index.html", &page(""))]);
    for (piece, encoded) in [("a", "a"), ("[", "%5B"), ("%", "%25"), ("%20", "%20")] {
        let count = 8000 / piece.len();
        let target = format!("/docs?{}", piece.repeat(count));
        let location = format!("/docs/?{}", encoded.repeat(count));
        let response = response(site, "GET", &target, "");
        assert_eq!(response.field("location"), Some(location.as_str()), "{piece}");
    }
}
