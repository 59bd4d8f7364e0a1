//! What answers where, in rows.

use super::*;

fn source(paths: &[&str]) -> Source {
    let mut source = Source::at("site".as_ref());
    source.files = paths.iter().map(|path| File { path: (*path).to_owned() }).collect();
    source
}

#[test]
fn a_file_answers_at_its_path_and_at_its_clean_path() {
    let rows: &[(&[&str], &[&str])] = &[
        (&["index.html"], &["/", "/index.html"]),
        (&["about.html"], &["/about", "/about.html"]),
        (&["book.json"], &["/book", "/book.json"]),
        (&["a/index.html"], &["/a", "/a/", "/a/index.html"]),
        (&["a/b.css"], &["/a/b.css"]),
        (&["LICENSE"], &["/LICENSE"]),
        (&["a/.html"], &["/a/.html"]),
        (&["x.html.json"], &["/x.html", "/x.html.json"]),
        (&["_redirects", "_headers", "a/_headers"], &["/a/_headers"]),
    ];
    for (paths, expected) in rows {
        let (routes, diagnostics) = Routes::of_files(&source(paths));
        let keys: Vec<&str> = routes.exact.keys().map(String::as_str).collect();
        assert_eq!(keys, *expected, "{paths:?}");
        assert_eq!(diagnostics, []);
    }
}

#[test]
fn where_several_claim_one_path_the_order_decides_and_a_warning_names_both() {
    let rows: &[(&[&str], &str, RouteEntry, &str)] = &[
        (
            &["book", "book.html"],
            "/book",
            RouteEntry::File(0),
            "`site/book` and by `site/book.html`",
        ),
        (
            &["book.html", "book.json"],
            "/book",
            RouteEntry::File(0),
            "`site/book.html` and by `site/book.json`",
        ),
        (
            &["a.html", "a/index.html"],
            "/a",
            RouteEntry::File(0),
            "`site/a.html` and by `site/a/index.html`",
        ),
        (
            &["a.json", "a/index.html"],
            "/a",
            RouteEntry::File(0),
            "`site/a.json` and by `site/a/index.html`",
        ),
    ];
    for (paths, key, expected, names) in rows {
        let (routes, diagnostics) = Routes::of_files(&source(paths));
        assert_eq!(routes.exact.get(*key), Some(expected), "{paths:?}");
        assert_eq!(diagnostics.len(), 1, "{paths:?}");
        assert!(diagnostics[0].message.contains(names), "{}", diagnostics[0].message);
    }
}

#[test]
fn a_folder_without_its_slash_redirects() {
    let (routes, _) = Routes::of_files(&source(&["a/index.html"]));
    assert_eq!(routes.exact["/a"], RouteEntry::FolderSlash(0));
    assert_eq!(routes.exact["/a/"], RouteEntry::File(0));
}

/// The routes of some files with these lines in `_redirects`, and what is said of them.
fn with_rules(paths: &[&str], lines: &str) -> (Routes, Vec<String>) {
    let source = source(paths);
    let (mut routes, _) = Routes::of_files(&source);
    let text = Text::new("site/_redirects".to_owned(), lines.as_bytes());
    let (redirects, wrong) = rules::redirects::parse(&text);
    assert_eq!(wrong, []);
    let said = routes.add(&source, redirects, &text);
    (routes, said.iter().map(Diagnostic::headline).collect())
}

#[test]
fn a_path_is_followed_to_its_end() {
    let lines = "/old /new\n/new /a 302\n/out https://example.com/\n/round /about\n\
                 /about /round\n/self /self\n/folder /docs\n/was/* /is/:splat\n\
                 /grows/* /grows/more/:splat\n/app/* /a.html 200\n";
    let (routes, said) = with_rules(&["a.html", "docs/index.html", "is/b.html"], lines);
    assert_eq!(said, [] as [String; 0]);
    let nothing = |key: &str| Resolution::Nothing(key.to_owned());
    let rows = [
        ("/a", Resolution::File(0)),
        ("/old", Resolution::File(0)),
        ("/docs", Resolution::FolderSlash(1)),
        ("/folder", Resolution::FolderSlash(1)),
        ("/out", Resolution::Elsewhere),
        ("/round", Resolution::Loop),
        ("/self", Resolution::Loop),
        ("/was/b", Resolution::File(2)),
        ("/was/c", nothing("/is/c")),
        ("/was", nothing("/was")),
        ("/grows/x", Resolution::Loop),
        ("/app/x/y", Resolution::File(0)),
        ("/app/x.png", nothing("/app/x.png")),
        ("/none", nothing("/none")),
    ];
    for (key, expected) in rows {
        assert_eq!(routes.resolve(key), expected, "{key}");
    }
}

#[test]
fn a_rule_that_is_never_reached_is_named_with_what_comes_first() {
    let rows: &[(&[&str], &str, Option<&str>)] = &[
        (&["a.html"], "/a /b", Some("`site/a.html` answers at `/a`")),
        (&["a/index.html"], "/a /b", Some("`site/a/index.html` answers at `/a`")),
        (&[], "/a /b\n/a /c", Some("line 1 is for the same path")),
        (&[], "/a/* /b\n/a/b /c", Some("line 1 is for the same path")),
        (&[], "/* /b\n/a/* /c", Some("line 1 is for the same path")),
        (&[], "/* /i.html 200\n/a /c", Some("line 1 is for the same path")),
        (&[], "/a/b /c\n/a/* /b", None),
        (&["a.html"], "/* /a.html 200", None),
        (&[], "/* /i.html 200\n/a.png /b.png", None),
        (&[], "/* /i.html 200\n/a/* /b", None),
    ];
    for (paths, lines, expected) in rows {
        let (_, said) = with_rules(paths, lines);
        assert_eq!(said.len(), usize::from(expected.is_some()), "{lines}: {said:?}");
        for (said, expected) in said.iter().zip(*expected) {
            assert!(said.contains(expected), "{lines}: {said}");
        }
    }
}
