//! Tables of files and rules, and the routes that follow from them.

use super::*;

#[test]
fn a_file_is_served_at_its_path_and_its_clean_path() {
    let rows: &[(&[&str], &[&str])] = &[
        (&["index.html"], &["/", "/index", "/index.html"]),
        (&["about.html"], &["/about", "/about.html", "/about/"]),
        (&["book.json"], &["/book", "/book.json"]),
        (&["a/index.html"], &["/a", "/a/", "/a/index", "/a/index.html"]),
        (&["a/b.css"], &["/a/b.css"]),
        (&["LICENSE"], &["/LICENSE"]),
        (&["a/.html"], &["/a/.html"]),
        (&["x.html.json"], &["/x.html", "/x.html.json"]),
        (&["_redirects", "_headers", "a/_headers"], &["/a/_headers"]),
    ];
    for (paths, expected) in rows {
        let (routes, diagnostics) =
            Routes::of_files(&SiteFolder::of_paths(paths), &Mount::default());
        let keys: Vec<&str> = routes.exact.keys().map(String::as_str).collect();
        assert_eq!(keys, *expected, "{paths:?}");
        assert_eq!(diagnostics, []);
    }
}

#[test]
fn of_two_files_for_one_path_one_is_served_and_a_warning_names_both() {
    let rows: &[(&[&str], &str, RouteEntry, &str)] = &[
        (&["book", "book.html"], "/book", RouteEntry::File(0), "`site/book` and `site/book.html`"),
        (
            &["book.html", "book.json"],
            "/book",
            RouteEntry::File(0),
            "`site/book.html` and `site/book.json`",
        ),
        (
            &["a.html", "a/index.html"],
            "/a",
            RouteEntry::File(0),
            "`site/a.html` and `site/a/index.html`",
        ),
        (
            &["a.json", "a/index.html"],
            "/a",
            RouteEntry::File(0),
            "`site/a.json` and `site/a/index.html`",
        ),
    ];
    for (paths, key, expected, names) in rows {
        let (routes, diagnostics) =
            Routes::of_files(&SiteFolder::of_paths(paths), &Mount::default());
        assert_eq!(routes.exact.get(*key), Some(expected), "{paths:?}");
        assert_eq!(diagnostics.len(), 1, "{paths:?}");
        assert!(diagnostics[0].message.contains(names), "{}", diagnostics[0].message);
    }
}

#[test]
fn a_folder_without_its_slash_redirects() {
    let (routes, _) = Routes::of_files(&SiteFolder::of_paths(&["a/index.html"]), &Mount::default());
    assert_eq!(routes.exact["/a"], RouteEntry::FolderSlash(0));
    assert_eq!(routes.exact["/a/"], RouteEntry::File(0));
}

#[test]
fn a_page_redirects_from_its_aliases_unless_something_else_is_there() {
    let rows: &[(&[&str], &str, Option<RouteEntry>)] = &[
        (&["about.html"], "/about/", Some(RouteEntry::PageAlias(0))),
        (&["a/about.html"], "/a/about/", Some(RouteEntry::PageAlias(0))),
        (&["about.html", "about/data.txt"], "/about/", Some(RouteEntry::PageAlias(0))),
        (&["about.html", "about/index.html"], "/about/", Some(RouteEntry::File(1))),
        // The clean path is that of another file.
        (&["about", "about.html"], "/about/", None),
        (&["s.css"], "/s.css/", None),
        (&["book.json"], "/book/", None),
        (&["about.html"], "/about.html/", None),
        (&["index.html"], "/index", Some(RouteEntry::PageAlias(0))),
        (&["a/index.html"], "/a/index", Some(RouteEntry::PageAlias(0))),
        (&["a/index.html", "a/index.json"], "/a/index", Some(RouteEntry::File(1))),
        (&["a/index.html", "a/index/index.html"], "/a/index", Some(RouteEntry::FolderSlash(1))),
        (&["index.html"], "/index/", None),
        (&["index.html"], "/index.html/", None),
    ];
    for (paths, key, expected) in rows {
        let (routes, diagnostics) =
            Routes::of_files(&SiteFolder::of_paths(paths), &Mount::default());
        assert_eq!(routes.exact.get(*key), expected.as_ref(), "{paths:?} {key}");
        assert!(diagnostics.iter().all(|it| !it.message.contains(&format!("`{key}`"))));
    }
}

#[test]
fn the_redirect_of_a_page_leads_to_its_clean_path() {
    let rows = [
        ("/a", RouteEntry::FolderSlash(0), "/a/"),
        ("/a/", RouteEntry::PageAlias(0), "/a"),
        ("/a/index", RouteEntry::PageAlias(0), "/a/"),
        ("/index", RouteEntry::PageAlias(0), "/"),
    ];
    for (key, entry, expected) in rows {
        assert_eq!(canonical_key(key, entry), expected, "{key}");
    }
}

/// The routes of files and these lines of `_redirects`, and the diagnostics about the lines.
fn with_rules(paths: &[&str], lines: &str) -> (Routes, Vec<String>) {
    let folder = SiteFolder::of_paths(paths);
    let (mut routes, _) = Routes::of_files(&folder, &Mount::default());
    let text = Text::new("site/_redirects".to_owned(), lines.as_bytes());
    let (redirects, errors) = rules::redirects::parse(&text);
    assert_eq!(errors.listed(), []);
    let diagnostics = routes.add(&folder, redirects, &text);
    (routes, diagnostics.listed().iter().map(Diagnostic::headline).collect())
}

#[test]
fn redirects_are_followed_to_the_end() {
    let lines = "/old /new\n/new /a 302\n/out https://example.com/\n/round /about\n\
                 /about /round\n/self /self\n/folder /docs\n/was/* /is/:splat\n\
                 /grows/* /grows/more/:splat\n/app/* /a.html 200\n";
    let (routes, diagnostics) = with_rules(&["a.html", "docs/index.html", "is/b.html"], lines);
    assert_eq!(diagnostics, [] as [String; 0]);
    let not_found = |key: &str| Resolution::NotFound(key.to_owned());
    let rows = [
        ("/a", Resolution::File(0)),
        ("/old", Resolution::File(0)),
        ("/docs", Resolution::FolderSlash(1)),
        ("/docs/index", Resolution::File(1)),
        ("/a/", Resolution::File(0)),
        ("/folder", Resolution::FolderSlash(1)),
        ("/out", Resolution::OtherHost),
        ("/round", Resolution::Loop),
        ("/self", Resolution::Loop),
        ("/was/b", Resolution::File(2)),
        ("/was/c", not_found("/is/c")),
        ("/was", not_found("/was")),
        ("/grows/x", Resolution::Loop),
        ("/app/x/y", Resolution::File(0)),
        ("/app/x.png", not_found("/app/x.png")),
        ("/none", not_found("/none")),
    ];
    for (key, expected) in rows {
        assert_eq!(routes.resolve(key), expected, "{key}");
    }
}

#[test]
fn a_rule_that_never_applies_is_reported_with_the_reason() {
    let rows: &[(&[&str], &str, Option<&str>)] = &[
        (&["a.html"], "/a /b", Some("`site/a.html` is served at `/a`")),
        (&["a/index.html"], "/a /b", Some("`site/a/index.html` is served at `/a`")),
        (&["a.html"], "/a/ /b", None),
        (&["a.html"], "/a/ /b\n/a/ /c", Some("line 1 matches the same path")),
        (&["index.html"], "/index /a", None),
        (&[], "/a /b\n/a /c", Some("line 1 matches the same path")),
        (&[], "/a/* /b\n/a/b /c", Some("line 1 matches the same path")),
        (&[], "/* /b\n/a/* /c", Some("line 1 matches the same path")),
        (&[], "/* /i.html 200\n/a /c", Some("line 1 matches the same path")),
        (&[], "/a/b /c\n/a/* /b", None),
        (&["a.html"], "/* /a.html 200", None),
        (&[], "/* /i.html 200\n/a.png /b.png", None),
        (&[], "/* /i.html 200\n/a/* /b", None),
    ];
    for (paths, lines, expected) in rows {
        let (_, diagnostics) = with_rules(paths, lines);
        assert_eq!(diagnostics.len(), usize::from(expected.is_some()), "{lines}: {diagnostics:?}");
        for (diagnostic, expected) in diagnostics.iter().zip(*expected) {
            assert!(diagnostic.contains(expected), "{lines}: {diagnostic}");
        }
    }
}
