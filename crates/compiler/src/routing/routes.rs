//! This file owns which path finds which file or redirect, and who wins where several claim one
//! path. It reads names and rules only.

use std::collections::{BTreeMap, btree_map::Entry};

use chapbook_format::path;

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::Text,
    rules::{
        self, Pattern,
        redirects::{Destination, Redirect, Status},
    },
    walk::{File, Source},
};

/// What a key leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RouteEntry {
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
    pub(crate) exact: BTreeMap<String, RouteEntry>,
    /// The rules of `_redirects`, in their order.
    pub(crate) redirects: Vec<Redirect>,
    /// Those of them that end in `*` and are reached, in their order.
    pub(crate) below: Vec<usize>,
}

/// Where a path leads in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolution {
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
enum Precedence {
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
        let mut claims: Vec<(String, Precedence, usize)> =
            Vec::with_capacity(source.files.len() * 2);
        for (index, file) in source.files.iter().enumerate() {
            claims.extend(claims_of(file).into_iter().map(|(key, claim)| (key, claim, index)));
        }
        claims.sort_by_key(|(_, claim, index)| (*claim, *index));
        let mut exact = BTreeMap::new();
        let mut diagnostics = Vec::new();
        for (key, claim, index) in claims {
            let place = match claim {
                Precedence::FolderSlash => RouteEntry::FolderSlash(index),
                Precedence::Exact | Precedence::Html | Precedence::Json => RouteEntry::File(index),
            };
            match exact.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(place);
                }
                Entry::Occupied(taken) => {
                    if let RouteEntry::File(winner) | RouteEntry::FolderSlash(winner) = *taken.get()
                    {
                        diagnostics.push(shadowed(source, taken.key(), winner, index));
                    }
                }
            }
        }
        (Self { exact, ..Self::default() }, diagnostics)
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
            text.diagnostic(Lint::ShadowedRule, redirect.from_span.clone(), message, help)
        };
        let by_line = |redirect: &Redirect, earlier: &Redirect| {
            let line = text.line(earlier.from_span.start);
            let help = "put it above that rule, or remove it";
            shadowed(redirect, format!("line {line} is for the same path and comes first"), help)
        };
        for (index, redirect) in redirects.iter().enumerate() {
            let mut earlier = self.below.iter().map(|index| &redirects[*index]);
            if let Some(earlier) = earlier.find(|it| it.covers(redirect)) {
                diagnostics.push(by_line(redirect, earlier));
                continue;
            }
            let Pattern::Exact(key) = &redirect.from else {
                self.below.push(index);
                continue;
            };
            match self.exact.entry(key.clone()) {
                Entry::Vacant(free) => {
                    free.insert(RouteEntry::Redirect(index));
                }
                Entry::Occupied(taken) => match *taken.get() {
                    RouteEntry::File(file) | RouteEntry::FolderSlash(file) => {
                        let file = source.display(&source.files[file].path);
                        let help = "remove the file or the rule: files come first";
                        let by = format!("`{file}` answers at `{key}`");
                        diagnostics.push(shadowed(redirect, by, help));
                    }
                    RouteEntry::Redirect(earlier) => {
                        diagnostics.push(by_line(redirect, &redirects[earlier]));
                    }
                },
            }
        }
        self.redirects = redirects;
        diagnostics
    }

    /// What answers at a key, exactly or, where nothing does, by the first rule with `*`.
    pub(crate) fn find(&self, key: &str) -> Option<RouteEntry> {
        self.exact.get(key).copied().or_else(|| {
            let answers = |index: &&usize| self.redirects[**index].answers_below(key);
            self.below.iter().find(answers).map(|index| RouteEntry::Redirect(*index))
        })
    }

    /// The file that a rule answers with, if it does.
    pub(crate) fn answer(&self, redirect: &Redirect) -> Option<usize> {
        let key = redirect.next_key("").filter(|_| redirect.status == Status::Answered)?;
        match self.exact.get(&key) {
            Some(RouteEntry::File(file)) => Some(*file),
            _ => None,
        }
    }

    /// Whether a rule leads on to where the rest of the path belongs.
    pub(crate) fn keeps_the_rest(&self, index: usize) -> bool {
        matches!(self.redirects[index].to, Destination::Splat(..))
    }

    /// Whether a rule answers at some of these paths: nothing else does, and no rule before it.
    pub(crate) fn reaches(&self, redirect: &Redirect, paths: &Pattern) -> bool {
        let below = self.below.iter().map(|index| &self.redirects[*index]);
        let mut earlier = below.take_while(|it| *it != redirect);
        match paths {
            Pattern::Exact(key) => {
                let found = self.find(key);
                matches!(found, Some(RouteEntry::Redirect(index)) if self.redirects[index] == *redirect)
            }
            Pattern::Below(_) => !earlier.any(|it| it.from.covers(paths)),
        }
    }

    /// Where a path leads in the end.
    pub(crate) fn resolve(&self, key: &str) -> Resolution {
        let mut key = key.to_owned();
        // Browsers give up here, too.
        for _ in 0..20 {
            match self.find(&key) {
                None => return Resolution::Nothing(key),
                Some(RouteEntry::File(index)) => return Resolution::File(index),
                Some(RouteEntry::FolderSlash(index)) => return Resolution::FolderSlash(index),
                Some(RouteEntry::Redirect(index)) => match self.redirects[index].next_key(&key) {
                    Some(next) => key = next,
                    None => return Resolution::Elsewhere,
                },
            }
        }
        Resolution::Loop
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
            _ if matches!(self.from, Pattern::Exact(_)) => false,
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

fn claims_of(file: &File) -> Vec<(String, Precedence)> {
    if rules::FILES.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let own = format!("/{}", file.path);
    let mut claims = Vec::with_capacity(3);
    if let Some(folder) = own.strip_suffix("index.html").filter(|it| it.ends_with('/')) {
        claims.push((folder.to_owned(), Precedence::Html));
        let without_slash = &folder[..folder.len() - 1];
        if !without_slash.is_empty() {
            claims.push((without_slash.to_owned(), Precedence::FolderSlash));
        }
    } else if let Some(stem) = own.strip_suffix(".html").filter(|it| !it.ends_with('/')) {
        claims.push((stem.to_owned(), Precedence::Html));
    } else if let Some(stem) = own.strip_suffix(".json").filter(|it| !it.ends_with('/')) {
        claims.push((stem.to_owned(), Precedence::Json));
    }
    claims.push((own, Precedence::Exact));
    claims
}

fn shadowed(source: &Source, key: &str, winner: usize, loser: usize) -> Diagnostic {
    let winner = source.display(&source.files[winner].path);
    let loser = source.display(&source.files[loser].path);
    let message = format!("`{key}` is claimed by `{winner}` and by `{loser}`; `{winner}` answers");
    let help = format!("rename one of them if `{loser}` should answer at `{key}`");
    Diagnostic::of_file(Lint::ShadowedRoute, loser, message, help)
}

#[cfg(test)]
mod tests;
