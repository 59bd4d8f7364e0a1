//! This file owns which path finds which file or redirect, and who wins where several claim one
//! path. It reads names and rules only.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    code::Code,
    diagnostic::Diagnostic,
    path,
    rules::{
        self, Pattern,
        redirects::{Destination, Redirect, Status},
    },
    source::{File, Source},
    text::Text,
};

/// What a key leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The file with this index.
    File(usize),
    /// The redirect from a folder's path without its slash to the one with it, where the file with
    /// this index answers.
    FolderSlash(usize),
    /// The rule with this index.
    Redirect(usize),
}

/// Every path that has an answer.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// The answer to each key.
    pub(crate) exact: BTreeMap<String, Place>,
    /// The rules of `_redirects`, in their order.
    pub(crate) redirects: Vec<Redirect>,
}

/// Where a path leads in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lead {
    /// To the file with this index.
    File(usize),
    /// To the same, by way of the redirect to a folder's slash.
    FolderSlash(usize),
    /// To another host.
    Elsewhere,
    /// To nothing: this key has no answer.
    Nothing(String),
    /// To a redirect on the way.
    Loop,
}

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

impl Routes {
    /// The routes of the files, and a warning for each that doesn't answer where it could.
    pub(crate) fn of_files(source: &Source) -> (Self, Vec<Diagnostic>) {
        let mut claims: Vec<(String, Claim, usize)> = Vec::with_capacity(source.files.len() * 2);
        for (index, file) in source.files.iter().enumerate() {
            claims.extend(claims_of(file).into_iter().map(|(key, claim)| (key, claim, index)));
        }
        claims.sort_by_key(|(_, claim, index)| (*claim, *index));
        let mut exact = BTreeMap::new();
        let mut diagnostics = Vec::new();
        for (key, claim, index) in claims {
            let place = match claim {
                Claim::FolderSlash => Place::FolderSlash(index),
                Claim::Exact | Claim::Html | Claim::Json => Place::File(index),
            };
            match exact.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(place);
                }
                Entry::Occupied(taken) => {
                    if let Place::File(winner) | Place::FolderSlash(winner) = *taken.get() {
                        diagnostics.push(shadowed(source, taken.key(), winner, index));
                    }
                }
            }
        }
        (Self { exact, redirects: Vec::new() }, diagnostics)
    }

    /// Adds the rules of `_redirects`, and says which are never reached.
    pub(crate) fn add(
        &mut self,
        source: &Source,
        redirects: Vec<Redirect>,
        text: &Text<'_>,
    ) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let shadowed = |redirect: &Redirect, by: String, help: &str| {
            let message = format!("this rule is never reached: {by}");
            text.diagnostic(Code::ShadowedRule, redirect.from_span.clone(), message, help)
        };
        for (index, redirect) in redirects.iter().enumerate() {
            let mut earlier = redirects[..index].iter();
            if let Some(earlier) = earlier.find(|it| it.covers(redirect)) {
                let line = text.line(earlier.from_span.start);
                let help = "put it above that rule, or remove it";
                let by = format!("line {line} is for the same path and comes first");
                diagnostics.push(shadowed(redirect, by, help));
                continue;
            }
            let Pattern::Exact(key) = &redirect.from else { continue };
            match self.exact.entry(key.clone()) {
                Entry::Vacant(free) => {
                    free.insert(Place::Redirect(index));
                }
                Entry::Occupied(taken) => {
                    if let Place::File(file) | Place::FolderSlash(file) = *taken.get() {
                        let file = source.display(&source.files[file].path);
                        let help = "remove the file or the rule: files come first";
                        let by = format!("`{file}` answers at `{key}`");
                        diagnostics.push(shadowed(redirect, by, help));
                    }
                }
            }
        }
        self.redirects = redirects;
        diagnostics
    }

    /// What answers at a key, exactly or, where nothing does, by the first rule with `*`.
    pub(crate) fn find(&self, key: &str) -> Option<Place> {
        self.exact.get(key).copied().or_else(|| {
            let index = self.redirects.iter().position(|redirect| redirect.answers_below(key))?;
            Some(Place::Redirect(index))
        })
    }

    /// Where a path leads in the end.
    pub(crate) fn lead(&self, key: &str) -> Lead {
        let mut key = key.to_owned();
        // Browsers give up here, too.
        for _ in 0..20 {
            match self.find(&key) {
                None => return Lead::Nothing(key),
                Some(Place::File(index)) => return Lead::File(index),
                Some(Place::FolderSlash(index)) => return Lead::FolderSlash(index),
                Some(Place::Redirect(index)) => match self.redirects[index].next_key(&key) {
                    Some(next) => key = next,
                    None => return Lead::Elsewhere,
                },
            }
        }
        Lead::Loop
    }
}

impl Redirect {
    /// Whether a rule with `*` answers at this key. One that answers with a page is for navigations
    /// only: in place of a missing script or picture, it would hide that it is missing.
    fn answers_below(&self, key: &str) -> bool {
        let is_for = matches!(self.from, Pattern::Below(_)) && self.from.matches(key);
        is_for && (self.status != Status::Answered || is_navigation(key))
    }

    /// Whether nothing that the other rule is for is left for it.
    fn covers(&self, other: &Self) -> bool {
        let leaves_some = match &other.from {
            _ if self.status != Status::Answered => false,
            Pattern::Exact(key) => !is_navigation(key),
            Pattern::Below(_) => other.status != Status::Answered,
        };
        self.from.covers(&other.from) && !leaves_some
    }

    /// The path that a request for `key` is led on to; `None` where that is another host's.
    pub(crate) fn next_key(&self, key: &str) -> Option<String> {
        let place = match (&self.to, &self.from) {
            (Destination::Fixed(place), _) => place.clone(),
            (Destination::Splat(before, after), Pattern::Below(prefix)) => {
                let rest = key.strip_prefix(prefix.as_str()).unwrap_or_default();
                format!("{before}{}{after}", path::encode(rest.trim_start_matches('/')))
            }
            (Destination::Splat(before, after), Pattern::Exact(_)) => format!("{before}{after}"),
        };
        if !place.starts_with('/') {
            return None;
        }
        let path = place.split(['?', '#']).next().unwrap_or_default();
        let mut scratch = vec![0; path.len()];
        let key = path::key(path.as_bytes(), &mut scratch).ok()?;
        // What is not UTF-8 is the name of no file.
        Some(String::from_utf8_lossy(key).into_owned())
    }
}

/// Whether a path is one that a person goes to, and no file of a page.
fn is_navigation(key: &str) -> bool {
    path::is_navigation(key.as_bytes())
}

fn claims_of(file: &File) -> Vec<(String, Claim)> {
    if rules::FILES.contains(&file.path.as_str()) {
        return Vec::new();
    }
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
    Diagnostic::of_file(Code::ShadowedRoute, loser, message, help)
}

#[cfg(test)]
mod tests {
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
        let rows: &[(&[&str], &str, Place, &str)] = &[
            (
                &["book", "book.html"],
                "/book",
                Place::File(0),
                "`site/book` and by `site/book.html`",
            ),
            (
                &["book.html", "book.json"],
                "/book",
                Place::File(0),
                "`site/book.html` and by `site/book.json`",
            ),
            (
                &["a.html", "a/index.html"],
                "/a",
                Place::File(0),
                "`site/a.html` and by `site/a/index.html`",
            ),
            (
                &["a.json", "a/index.html"],
                "/a",
                Place::File(0),
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
        assert_eq!(routes.exact["/a"], Place::FolderSlash(0));
        assert_eq!(routes.exact["/a/"], Place::File(0));
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
        let nothing = |key: &str| Lead::Nothing(key.to_owned());
        let rows = [
            ("/a", Lead::File(0)),
            ("/old", Lead::File(0)),
            ("/docs", Lead::FolderSlash(1)),
            ("/folder", Lead::FolderSlash(1)),
            ("/out", Lead::Elsewhere),
            ("/round", Lead::Loop),
            ("/self", Lead::Loop),
            ("/was/b", Lead::File(2)),
            ("/was/c", nothing("/is/c")),
            ("/was", nothing("/was")),
            ("/grows/x", Lead::Loop),
            ("/app/x/y", Lead::File(0)),
            ("/app/x.png", nothing("/app/x.png")),
            ("/none", nothing("/none")),
        ];
        for (key, expected) in rows {
            assert_eq!(routes.lead(key), expected, "{key}");
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
}
