//! This file owns which path finds which file, and who wins where several claim one path. It reads
//! names only.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    diagnostic::{Code, Diagnostic, Position},
    model::Route,
    source::{File, Source},
};

/// Why a file answers at a path; the first of these wins (ARCHITECTURE.md, "Who answers").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// The path is the file's own.
    Exact,
    /// The path is the file's without `.html`, or its folder's if it is an `index.html`.
    Html,
    /// The path is the file's without `.json`.
    Json,
    /// The path is a folder's without its slash.
    FolderSlash,
}

/// The routes of a site, and a warning for each file that doesn't answer where it could.
pub(crate) fn routes(source: &Source) -> (BTreeMap<String, Route>, Vec<Diagnostic>) {
    let mut claims: Vec<(String, Claim, usize)> = Vec::with_capacity(source.files.len() * 2);
    for (index, file) in source.files.iter().enumerate() {
        claims.extend(claims_of(file).into_iter().map(|(key, claim)| (key, claim, index)));
    }
    claims.sort_by_key(|(_, claim, index)| (*claim, *index));
    let mut routes = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for (key, claim, index) in claims {
        let route = match claim {
            Claim::FolderSlash => Route::FolderSlash(index),
            Claim::Exact | Claim::Html | Claim::Json => Route::Asset(index),
        };
        match routes.entry(key) {
            Entry::Vacant(free) => {
                free.insert(route);
            }
            Entry::Occupied(taken) => {
                let (Route::Asset(winner) | Route::FolderSlash(winner)) = *taken.get();
                diagnostics.push(shadowed(source, taken.key(), winner, index));
            }
        }
    }
    (routes, diagnostics)
}

fn claims_of(file: &File) -> Vec<(String, Claim)> {
    let own = format!("/{}", file.path);
    let mut claims = Vec::with_capacity(3);
    if let Some(folder) = own.strip_suffix("index.html").filter(|it| it.ends_with('/')) {
        claims.push((folder.to_owned(), Claim::Html));
        let without_slash = &folder[..folder.len() - 1];
        if !without_slash.is_empty() {
            claims.push((without_slash.to_owned(), Claim::FolderSlash));
        }
    } else if let Some(stem) = own.strip_suffix(".html").filter(|it| !it.ends_with('/')) {
        claims.push((stem.to_owned(), Claim::Html));
    } else if let Some(stem) = own.strip_suffix(".json").filter(|it| !it.ends_with('/')) {
        claims.push((stem.to_owned(), Claim::Json));
    }
    claims.push((own, Claim::Exact));
    claims
}

fn shadowed(source: &Source, key: &str, winner: usize, loser: usize) -> Diagnostic {
    let winner = source.display(&source.files[winner].path);
    let loser = source.display(&source.files[loser].path);
    let message = format!("`{key}` is claimed by `{winner}` and by `{loser}`; `{winner}` answers");
    let help = format!("rename one of them if `{loser}` should answer at `{key}`");
    Diagnostic::new(Code::ShadowedRoute, loser, Position::START, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(paths: &[&str]) -> Source {
        let file = |path: &&str| File { path: (*path).to_owned(), bytes: Vec::new() };
        let files = paths.iter().map(file).collect();
        Source { label: "site".to_owned(), files, ..Source::default() }
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
        ];
        for (paths, expected) in rows {
            let (routes, diagnostics) = routes(&source(paths));
            let keys: Vec<&str> = routes.keys().map(String::as_str).collect();
            assert_eq!(keys, *expected, "{paths:?}");
            assert_eq!(diagnostics, []);
        }
    }

    #[test]
    fn where_several_claim_one_path_the_order_decides_and_a_warning_names_both() {
        let rows: &[(&[&str], &str, Route, &str)] = &[
            (
                &["book", "book.html"],
                "/book",
                Route::Asset(0),
                "`site/book` and by `site/book.html`",
            ),
            (
                &["book.html", "book.json"],
                "/book",
                Route::Asset(0),
                "`site/book.html` and by `site/book.json`",
            ),
            (
                &["a.html", "a/index.html"],
                "/a",
                Route::Asset(0),
                "`site/a.html` and by `site/a/index.html`",
            ),
            (
                &["a.json", "a/index.html"],
                "/a",
                Route::Asset(0),
                "`site/a.json` and by `site/a/index.html`",
            ),
        ];
        for (paths, key, expected, names) in rows {
            let (routes, diagnostics) = routes(&source(paths));
            assert_eq!(routes.get(*key), Some(expected), "{paths:?}");
            assert_eq!(diagnostics.len(), 1, "{paths:?}");
            assert!(diagnostics[0].message.contains(names), "{}", diagnostics[0].message);
        }
    }

    #[test]
    fn a_folder_without_its_slash_redirects() {
        let (routes, _) = routes(&source(&["a/index.html"]));
        assert_eq!(routes["/a"], Route::FolderSlash(0));
        assert_eq!(routes["/a/"], Route::Asset(0));
    }
}
