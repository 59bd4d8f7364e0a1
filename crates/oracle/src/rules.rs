//! Any `_headers` or `_redirects` file: diagnostics have valid positions, and the compiled heads
//! are well-formed.

use std::{cell::RefCell, fs};

use chapbook::site::{Listed, Route};
use chapbook_compiler::{Compiled, Effort, LintLevels, Options, compile};
use tempfile::TempDir;

use crate::{payload::served, response};

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
            effort: Effort::Fast,
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
    for Listed { key, route, .. } in site.routes() {
        match route {
            Route::Resource(resource) => {
                for it in resource.representations() {
                    assert_head(it.head.text, key);
                }
            }
            Route::Redirect(head) => {
                let [before, between, after] = head.parts();
                assert_head(head.text, key);
                assert_head(&[before, b"rest", between, b"?query", after].concat(), key);
            }
            Route::Damaged => panic!("nothing was damaged"),
        }
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
