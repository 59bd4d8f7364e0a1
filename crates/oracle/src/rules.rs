//! Any `_headers` or `_redirects` file: diagnostics have valid positions, and the compiled heads
//! are well-formed.

use std::{cell::RefCell, fs};

use chapbook::site::{Listed, MatchKind, Route, Site};
use chapbook_compiler::{Compiled, Effort, LintLevels, Options, compile};
use tempfile::TempDir;

use crate::{
    conversation::talk_to_site,
    payload::served,
    response::{self, Response},
};

thread_local! {
    static SITE: RefCell<Option<TempDir>> = const { RefCell::new(None) };
}

/// Compiles a site with this `_headers` file.
pub fn run_headers(rules: &[u8]) {
    run("_headers", rules);
}

/// Compiles a site with this `_redirects` file.
pub fn run_redirects(rules: &[u8]) {
    run("_redirects", rules);
}

fn run(name: &str, rules: &[u8]) {
    SITE.with_borrow_mut(|site| {
        let folder = site.get_or_insert_with(folder).path();
        fs::write(folder.join(name), rules).expect("it can be written");
        let options = Options {
            root: folder.to_owned(),
            effort: Effort::Preview,
            lint_levels: LintLevels::lenient(),
            ..Options::default()
        };
        let compiled = compile(&options).expect("there is a folder");
        fs::remove_file(folder.join(name)).expect("it was written");
        check(&compiled);
    });
}

/// A site with few paths, so that rules often match them.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let page = "<!doctype html><html lang=en><meta charset=utf-8><title>x</title>";
    fs::create_dir(folder.path().join("a")).expect("it can be created");
    for path in ["index.html", "a/index.html", "a/b.txt"] {
        fs::write(folder.path().join(path), page).expect("it can be written");
    }
    folder
}

fn check(compiled: &Compiled) {
    for diagnostic in &compiled.report.diagnostics {
        if let Some(excerpt) = &diagnostic.excerpt {
            assert!(excerpt.text.get(excerpt.start..excerpt.end).is_some(), "{diagnostic:?}");
        }
        assert!(!diagnostic.headline().contains(char::is_control), "{diagnostic:?}");
    }
    let has_errors = compiled.report.tally.errors > 0;
    assert_eq!(has_errors, compiled.site.is_none());
    let Some(compiled) = &compiled.site else { return };
    let site = served(compiled);
    for Listed { match_kind, key, route } in site.routes() {
        match route {
            Route::Resource(resource) => {
                // No request can have a control character in its path.
                let is_requestable = !key.iter().any(u8::is_ascii_control);
                if match_kind == MatchKind::Exact && is_requestable {
                    check_path_fields(site, key);
                }
                for it in resource.representations() {
                    assert_head(&it.head.text(), key);
                }
            }
            Route::Redirect(head) => {
                let [shared, before, between, after] = head.parts();
                let inserted = |at: Option<u32>, part: &'static [u8]| at.map_or(&b""[..], |_| part);
                let rest = inserted(head.splat_at, b"rest");
                let query = inserted(head.query_at, b"?query");
                assert_head(&[shared, head.location].concat(), key);
                assert_head(&[shared, before, rest, between, query, after].concat(), key);
            }
            Route::Damaged => panic!("nothing was damaged"),
        }
    }
}

/// Asserts that OPTIONS and errors have the author's fields that the content at the same path has.
fn check_path_fields(site: Site<'_>, key: &[u8]) {
    // About the content, the connection, or the kind of response.
    const OTHERS: [&str; 15] = [
        "accept-ranges",
        "allow",
        "cache-control",
        "connection",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "vary",
    ];
    let respond = |method: &str, field: &str| {
        let encoded = |byte: &u8| match byte {
            b'/' => "/".to_owned(),
            byte => format!("%{byte:02x}"),
        };
        let path = key.iter().map(encoded).collect::<Vec<_>>().concat();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{field}\r\n");
        let received = talk_to_site(site, &[request.as_bytes()], true, usize::MAX).bytes;
        response::parse(&received, false).expect("the response is complete").0
    };
    let fields_of = |response: Response| {
        let is_author_field = |(name, _): &(String, String)| !OTHERS.contains(&name.as_str());
        response.fields.into_iter().filter(is_author_field).collect::<Vec<_>>()
    };
    let content = respond("GET", "");
    assert_eq!(content.status, 200);
    let expected = fields_of(content);
    let rows = [("OPTIONS", "", 204), ("GET", "Range: bytes=99999-\r\n", 416), ("POST", "", 405)];
    for (method, field, status) in rows {
        let response = respond(method, field);
        assert_eq!(response.status, status, "{method}");
        assert_eq!(status == 204, response.field("content-type").is_none(), "{response:?}");
        assert_eq!(fields_of(response), expected, "{method}");
    }
}

/// Asserts that a head without its `Date` is well-formed and complete.
fn assert_head(head: &[u8], key: &[u8]) {
    let ended = [head, b"\r\n"].concat();
    let (response, end) = response::parse(&ended, true).expect("a complete head");
    assert_eq!(end, ended.len(), "{}: a head in a head", key.escape_ascii());
    // `field` panics at duplicates.
    for name in ["content-length", "content-type", "cache-control", "etag", "location", "vary"] {
        let _ = response.field(name);
    }
    let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
    assert_eq!(response.field("location").is_some(), is_redirect, "{response:?}");
    assert!(is_redirect || response.field("content-type").is_some(), "{response:?}");
    assert!(response.field("content-length").is_some(), "{response:?}");
}
