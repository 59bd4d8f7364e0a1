//! Responses that follow from `_redirects` and `_headers`.

use chapbook::site::Site;
use chapbook_oracle::payload::{open, payload_of};

use crate::harness::{Response, folder_of, page, parse_all, talk_to_site};

/// The site with these files.
fn site(files: &[(&str, &str)]) -> Site<'static> {
    open(payload_of(folder_of(files).path())).expect("the payload is intact")
}

fn response(site: Site<'_>, method: &str, target: &str, fields: &str) -> Response {
    let request = format!("{method} {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let heads: &[usize] = if method == "HEAD" { &[0] } else { &[] };
    let received = talk_to_site(site, &[request.as_bytes()], true, usize::MAX).bytes;
    let mut all = parse_all(&received, heads).expect("the response is complete");
    assert_eq!(all.len(), 1, "{request}");
    all.remove(0)
}

const REDIRECTS: &str = "/old /docs/#intro\n/own /docs/?x=y#intro 302\n/empty /docs/? 302\n\
     /out https://example.com/ 307\n/was/* /docs/:splat#intro\n/top/* /:splat 302\n\
     /far/* https://example.com/:splat 302\n\
     /find/* https://example.com/:splat?from=here 302\n";

#[test]
fn a_redirect_keeps_the_query_unless_its_target_has_one() {
    let site = site(&[
        ("index.html", &page("")),
        ("docs/index.html", &page("<p id=intro>")),
        ("_redirects", REDIRECTS),
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

const NAMES: [&str; 3] = ["access-control-allow-origin", "x-only", "cache-control"];

/// The fields of these names that the response has, joined.
fn fields(response: &Response) -> String {
    NAMES.map(|name| response.field(name).unwrap_or("-")).join(" ")
}

/// A site with rules for all paths, for those below a folder and for single ones.
fn site_with_fields(not_found_pages: &[(&str, &str)]) -> Site<'static> {
    let headers = "/*\n  Access-Control-Allow-Origin: *\n  Content-Language: en\n\
         /api/*\n  X-Only: api\n  Cache-Control: max-age=60\n\
         /api/d.json\n  X-Only: d\n  Content-Type: text/plain\n\
         /api/none\n  Access-Control-Allow-Origin: null\n/old\n  X-Only: old\n";
    let compressible = format!("\"{}\"", "e".repeat(2000));
    let page = page("");
    let files = [
        ("index.html", page.as_str()),
        ("api/d.json", "{}"),
        ("api/e.json", &compressible),
        ("docs/index.html", &page),
        ("_redirects", "/old /docs/\n/was/* /docs/:splat\n"),
        ("_headers", headers),
    ];
    site(&[&files, not_found_pages].concat())
}

/// Method, target and fields of a request; status and fields of the response.
const ROWS: [(&str, &str, &str, u16, &str); 27] = [
    ("OPTIONS", "/", "", 204, "* - -"),
    ("OPTIONS", "/api/d.json", "", 204, "* d max-age=60"),
    ("OPTIONS", "/api/d", "", 204, "* api max-age=60"),
    ("OPTIONS", "/api/%64.json?a=b", "", 204, "* d max-age=60"),
    ("OPTIONS", "/docs", "", 204, "* - -"),
    ("OPTIONS", "/old", "", 204, "* old -"),
    ("OPTIONS", "/was/x", "", 204, "* - -"),
    ("OPTIONS", "*", "", 204, "- - -"),
    ("OPTIONS", "/none", "", 204, "* - -"),
    ("OPTIONS", "/api/none", "", 204, "null api max-age=60"),
    ("OPTIONS", "/api/a%2fb", "", 204, "* api max-age=60"),
    ("OPTIONS", "/%zz", "", 400, "- - no-store"),
    ("GET", "/none", "", 404, "* - no-store"),
    ("HEAD", "/none", "", 404, "* - no-store"),
    ("GET", "/api", "", 404, "* - no-store"),
    ("GET", "/api/x/y", "", 404, "* api no-store"),
    ("GET", "/api/none", "", 404, "null api no-store"),
    ("GET", "/api/none/x", "", 404, "* api no-store"),
    ("GET", "/api/a%2fb", "", 404, "* api no-store"),
    ("GET", "/api/d.json", "Range: bytes=99-\r\n", 416, "* d no-store"),
    ("GET", "/api/d.json", "If-Match: \"x\"\r\n", 412, "* d no-store"),
    ("GET", "/api/e.json", "Accept-Encoding: identity;q=0, *;q=0\r\n", 406, "* api no-store"),
    ("PUT", "/api/d.json", "", 405, "* d no-store"),
    ("PUT", "/none", "", 405, "* - no-store"),
    ("PUT", "/%zz", "", 405, "- - no-store"),
    ("BREW", "/", "", 501, "- - no-store"),
    ("GET", "/%zz", "", 400, "- - no-store"),
];

#[test]
fn options_and_errors_have_the_fields_of_the_path() {
    let site = site_with_fields(&[]);
    for (method, target, fields, status, expected) in ROWS {
        let response = response(site, method, target, fields);
        let found = (response.status, self::fields(&response));
        assert_eq!(found, (status, expected.to_owned()), "{method} {target} {fields}");
        assert_eq!(response.field("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.field("content-language"), None, "{method} {target}");
        let has_allow = matches!(status, 204 | 405);
        assert_eq!(response.field("allow").is_some(), has_allow, "{method} {target}");
        if status == 204 {
            let absent = ["content-length", "content-type", "content-encoding", "etag", "vary"];
            assert!(absent.iter().all(|it| response.field(it).is_none()), "{response:?}");
        }
    }
}

#[test]
fn a_not_found_page_has_the_fields_of_the_path_and_the_caching_of_its_folder() {
    let page = page("");
    let site = site_with_fields(&[("404.html", &page), ("api/404.html", &page)]);
    for (method, target, fields, status, expected) in ROWS {
        let is_below = target.starts_with("/api/");
        let caching = if is_below { "max-age=60" } else { "no-cache" };
        let response = response(site, method, target, fields);
        let expected = match status {
            404 => expected.replace("no-store", caching),
            _ => expected.to_owned(),
        };
        let found = (response.status, self::fields(&response));
        assert_eq!(found, (status, expected), "{method} {target} {fields}");
        assert_eq!(response.field("x-content-type-options"), Some("nosniff"));
        let language = (status == 404).then_some("en");
        assert_eq!(response.field("content-language"), language, "{method} {target}");
    }
}

#[test]
fn a_response_has_no_more_fields_than_the_author_wrote() {
    let site = site(&[("index.html", &page("")), ("d.json", "{}")]);
    for (method, target, status, count) in [
        ("OPTIONS", "/d.json", 204, 3),
        ("PUT", "/d.json", 405, 6),
        ("GET", "/none", 404, 5),
        ("OPTIONS", "/none", 404, 5),
    ] {
        let response = response(site, method, target, "");
        assert_eq!((response.status, response.fields.len()), (status, count), "{response:?}");
    }
}
