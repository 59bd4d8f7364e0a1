//! Routes: the file or redirect at each path. They depend only on file names and rules.

use std::collections::{BTreeMap, btree_map::Entry};

use chapbook_format::path;

use super::mount::Mount;
use crate::{
    diagnostic::Diagnostic,
    diagnostics::FileDiagnostics,
    lints::Lint,
    parse::Text,
    rules::{
        self, Pattern,
        redirects::{Destination, Redirect, RuleStatus},
    },
    site_folder::{SiteFolder, SourceFile},
};

/// The target of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RouteEntry {
    /// The file with this index.
    File(usize),
    /// The redirect from the path of a folder without its slash to the path with it, the path of
    /// the file with this index.
    FolderSlash(usize),
    /// The redirect to the path of the page with this index, from a path that only differs from it
    /// in a trailing slash or in `index`.
    PageAlias(usize),
    /// The rule with this index.
    Redirect(usize),
}

/// The path that the redirect of a file leads to, from the key of the redirect.
pub(crate) fn canonical_key(key: &str, entry: RouteEntry) -> String {
    let stem = key.strip_suffix('/').or_else(|| key.strip_suffix("index"));
    match entry {
        RouteEntry::FolderSlash(_) => format!("{key}/"),
        RouteEntry::PageAlias(_) => stem.unwrap_or(key).to_owned(),
        RouteEntry::File(_) | RouteEntry::Redirect(_) => key.to_owned(),
    }
}

/// All routes of a site.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes {
    /// The path that the site is served under.
    pub(crate) mount: Mount,
    /// The prefix that references to the site are assumed to begin with, besides the mount.
    pub(crate) assumed_prefix: Option<String>,
    /// The routes of single keys.
    pub(crate) exact: BTreeMap<String, RouteEntry>,
    /// The rules of `_redirects`, in file order, and the implied ones.
    pub(crate) redirects: Vec<Redirect>,
    /// The indices of the reachable rules with `*`, in file order.
    pub(crate) patterns: Vec<usize>,
}

/// The result of following all redirects from a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// The file with this index, perhaps after a redirect from an alias of it.
    File(usize),
    /// The file with this index, after the redirect to a folder's slash.
    FolderSlash(usize),
    /// Another host.
    OtherHost,
    /// Nothing is served at this key.
    NotFound(String),
    /// A redirect loop.
    Loop,
}

/// The reason for which a file is a candidate for a path. The first one wins (see
/// ARCHITECTURE.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precedence {
    /// It is the file's own path.
    Exact,
    /// It is the path without `.html`, or the path of the folder of an `index.html`.
    Html,
    /// It is the path without `.json`.
    Json,
    /// It is the path of a folder without its slash.
    FolderSlash,
    /// It is the path of a page with a slash, or the path of a folder with `index`.
    PageAlias,
}

impl Routes {
    /// The routes of the files below a mount, and a warning for each file whose path another file
    /// takes.
    pub(crate) fn of_files(folder: &SiteFolder, mount: &Mount) -> (Self, Vec<Diagnostic>) {
        let mut candidates: Vec<(String, Precedence, usize)> =
            Vec::with_capacity(folder.files.len() * 2);
        for (index, file) in folder.files.iter().enumerate() {
            let keys = keys(mount, file).into_iter();
            candidates.extend(keys.map(|(key, precedence)| (key, precedence, index)));
        }
        candidates.sort_by_key(|(_, precedence, index)| (*precedence, *index));
        let mut exact = BTreeMap::new();
        let mut diagnostics = Vec::new();
        for (key, precedence, index) in candidates {
            let entry = match precedence {
                Precedence::FolderSlash => RouteEntry::FolderSlash(index),
                Precedence::PageAlias => RouteEntry::PageAlias(index),
                Precedence::Exact | Precedence::Html | Precedence::Json => RouteEntry::File(index),
            };
            match exact.entry(key) {
                Entry::Vacant(vacant) => {
                    vacant.insert(entry);
                }
                // Nothing is lost if an alias is taken: the page has a path of its own.
                Entry::Occupied(_) if precedence == Precedence::PageAlias => {}
                Entry::Occupied(taken) => {
                    if let RouteEntry::File(winner) | RouteEntry::FolderSlash(winner) = *taken.get()
                        && !is_same_not_found_page(folder, winner, index)
                    {
                        diagnostics.push(shadowed(folder, taken.key(), winner, index));
                    }
                }
            }
        }
        remove_misleading_aliases(&mut exact);
        (Self { mount: mount.clone(), exact, ..Self::default() }, diagnostics)
    }

    /// Adds the rules of `_redirects`. Returns diagnostics about rules that never apply.
    pub(crate) fn add(
        &mut self,
        folder: &SiteFolder,
        redirects: Vec<Redirect>,
        text: &Text<'_>,
    ) -> FileDiagnostics {
        let mut diagnostics = FileDiagnostics::default();
        let shadowed = |redirect: &Redirect, reason: String, help: &str| {
            let message = format!("this rule never applies: {reason}");
            text.diagnostic(Lint::ShadowedRule, redirect.from_span.clone(), message, help)
        };
        let by_line = |redirect: &Redirect, earlier: &Redirect| {
            let line = text.line(earlier.from_span.start);
            let help = "move it above that rule, or remove it";
            shadowed(redirect, format!("line {line} matches the same path first"), help)
        };
        for (index, redirect) in redirects.iter().enumerate() {
            let mut earlier = self.patterns.iter().map(|index| &redirects[*index]);
            if let Some(earlier) = earlier.find(|it| it.covers(redirect)) {
                diagnostics.push(by_line(redirect, earlier));
                continue;
            }
            let Pattern::Exact(key) = &redirect.from else {
                self.patterns.push(index);
                continue;
            };
            match self.exact.entry(key.clone()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(RouteEntry::Redirect(index));
                }
                Entry::Occupied(mut taken) => match *taken.get() {
                    RouteEntry::PageAlias(_) => {
                        taken.insert(RouteEntry::Redirect(index));
                    }
                    RouteEntry::File(file) | RouteEntry::FolderSlash(file) => {
                        let file = folder.display(&folder.files[file].path);
                        let help = "remove the file or the rule: files take precedence";
                        let reason = format!("`{file}` is served at `{key}`");
                        diagnostics.push(shadowed(redirect, reason, help));
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

    /// The key of the path of a file.
    pub(crate) fn key_of(&self, file: &SourceFile) -> String {
        self.mount.key_of(&file.path)
    }

    /// Adds an implied rule after all others, unless something else answers at its paths.
    pub(super) fn add_last(&mut self, redirect: Redirect) {
        let index = self.redirects.len();
        let mut earlier = self.patterns.iter().map(|index| &self.redirects[*index]);
        if earlier.any(|it| it.covers(&redirect)) {
            return;
        }
        match &redirect.from {
            Pattern::Exact(key) if self.exact.contains_key(key) => return,
            Pattern::Exact(key) => {
                self.exact.insert(key.clone(), RouteEntry::Redirect(index));
            }
            Pattern::Below(_) => self.patterns.push(index),
        }
        self.redirects.push(redirect);
    }

    /// The number of routes of single keys without aliases.
    pub(crate) fn count(&self) -> usize {
        let is_alias = |entry: &&RouteEntry| matches!(entry, RouteEntry::PageAlias(_));
        self.exact.values().filter(|entry| !is_alias(entry)).count()
    }

    /// The route of a key: an exact one, otherwise the first rule with `*` that matches. The same
    /// path without the assumed prefix comes before such rules, since a fallback answers anything.
    pub(crate) fn find(&self, key: &str) -> Option<RouteEntry> {
        let exact = self.exact.get(key).copied().or_else(|| self.find_unprefixed(key));
        exact.or_else(|| {
            let applies = |index: &&usize| self.redirects[**index].applies_to(key);
            self.patterns.iter().find(applies).map(|index| RouteEntry::Redirect(*index))
        })
    }

    /// The exact route of the path without the assumed prefix.
    fn find_unprefixed(&self, key: &str) -> Option<RouteEntry> {
        let prefix = self.assumed_prefix.as_deref()?;
        if let Some(path) = key.strip_prefix(prefix) {
            return self.exact.get(&self.mount.key_of(path)).copied();
        }
        match self.exact.get(self.mount.key())? {
            RouteEntry::File(home) if prefix.strip_suffix('/') == Some(key) => {
                Some(RouteEntry::FolderSlash(*home))
            }
            _ => None,
        }
    }

    /// Whether a rule is a fallback: a script fills its page for each path.
    pub(crate) fn is_fallback(&self, rule: usize) -> bool {
        let Redirect { from, status, .. } = &self.redirects[rule];
        matches!((from, status), (Pattern::Below(_), RuleStatus::Rewrite))
    }

    /// The file that a rewrite serves; `None` for a redirect.
    pub(crate) fn rewrite_target(&self, redirect: &Redirect) -> Option<usize> {
        let key = redirect.next_key("").filter(|_| redirect.status == RuleStatus::Rewrite)?;
        match self.exact.get(&key) {
            Some(RouteEntry::File(file)) => Some(*file),
            _ => None,
        }
    }

    /// Whether the target of a rule contains `:splat`.
    pub(crate) fn has_splat(&self, index: usize) -> bool {
        matches!(self.redirects[index].to, Destination::Splat(..))
    }

    /// Whether a rule applies to any of these paths: no file and no earlier rule takes precedence
    /// there.
    pub(crate) fn reaches(&self, redirect: &Redirect, paths: &Pattern) -> bool {
        let patterns = self.patterns.iter().map(|index| &self.redirects[*index]);
        let mut earlier = patterns.take_while(|it| *it != redirect);
        match paths {
            Pattern::Exact(key) => {
                let Some(RouteEntry::Redirect(index)) = self.find(key) else { return false };
                self.redirects[index] == *redirect
            }
            Pattern::Below(_) => !earlier.any(|it| it.from.covers(paths)),
        }
    }

    /// Follows redirects from a path.
    pub(crate) fn resolve(&self, key: &str) -> Resolution {
        /// The limit of browsers (Fetch standard, HTTP-redirect fetch).
        const REDIRECTS_MAX: usize = 20;
        let mut key = key.to_owned();
        for _ in 0..REDIRECTS_MAX {
            match self.find(&key) {
                None => return Resolution::NotFound(key),
                Some(RouteEntry::File(index) | RouteEntry::PageAlias(index)) => {
                    return Resolution::File(index);
                }
                Some(RouteEntry::FolderSlash(index)) => return Resolution::FolderSlash(index),
                Some(RouteEntry::Redirect(index)) => match self.redirects[index].next_key(&key) {
                    Some(next) => key = next,
                    None => return Resolution::OtherHost,
                },
            }
        }
        Resolution::Loop
    }
}

impl Redirect {
    /// Whether this is a rule with `*` that applies to this key. A rewrite applies to navigations
    /// only: a page in place of a missing script or image would hide the error.
    fn applies_to(&self, key: &str) -> bool {
        let matches = matches!(self.from, Pattern::Below(_)) && self.from.matches(key);
        matches && (self.status != RuleStatus::Rewrite || is_navigation(key))
    }

    /// Whether this rule applies to every path that the other rule could apply to.
    fn covers(&self, other: &Self) -> bool {
        let has_exceptions = match &other.from {
            _ if self.status != RuleStatus::Rewrite => false,
            _ if matches!(self.from, Pattern::Exact(_)) => false,
            Pattern::Exact(key) => !is_navigation(key),
            Pattern::Below(_) => other.status != RuleStatus::Rewrite,
        };
        self.from.covers(&other.from) && !has_exceptions
    }

    /// The key of the target for a request of `key`; `None` if it is on another host.
    pub(crate) fn next_key(&self, key: &str) -> Option<String> {
        let target = match (&self.to, &self.from) {
            (Destination::Fixed(target), _) => target.clone(),
            (Destination::Splat(before, after), Pattern::Below(prefix)) => {
                let rest = key.strip_prefix(prefix.as_str()).unwrap_or_default();
                format!("{before}{}{after}", path::encode(rest.trim_start_matches('/')))
            }
            (Destination::Splat(before, after), Pattern::Exact(_)) => format!("{before}{after}"),
        };
        if !target.starts_with('/') {
            return None;
        }
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let mut scratch = vec![0; path.len()];
        let key = path::key(path.as_bytes(), &mut scratch).ok()?;
        // No file has a name that is not UTF-8.
        Some(String::from_utf8_lossy(key).into_owned())
    }
}

/// Whether a path is that of a page rather than of an asset.
fn is_navigation(key: &str) -> bool {
    path::is_navigation(key.as_bytes())
}

/// Removes the aliases of pages whose clean path leads to another file, as `/about` does if there
/// are `about` and `about.html`.
fn remove_misleading_aliases(exact: &mut BTreeMap<String, RouteEntry>) {
    let is_misleading = |(key, entry): &(&String, &RouteEntry)| match entry {
        RouteEntry::PageAlias(file) => {
            exact.get(&canonical_key(key, **entry)) != Some(&RouteEntry::File(*file))
        }
        _ => false,
    };
    let misleading: Vec<String> =
        exact.iter().filter(is_misleading).map(|(key, _)| key.clone()).collect();
    for key in misleading {
        exact.remove(&key);
    }
}

/// The keys that a file is a candidate for.
fn keys(mount: &Mount, file: &SourceFile) -> Vec<(String, Precedence)> {
    if rules::FILES.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let file_key = mount.key_of(&file.path);
    let mut keys = Vec::with_capacity(4);
    if let Some(folder) = file_key.strip_suffix("index.html").filter(|it| it.ends_with('/')) {
        keys.push((folder.to_owned(), Precedence::Html));
        keys.push((format!("{folder}index"), Precedence::PageAlias));
        let without_slash = &folder[..folder.len() - 1];
        if !without_slash.is_empty() {
            keys.push((without_slash.to_owned(), Precedence::FolderSlash));
        }
    } else if let Some(stem) = file_key.strip_suffix(".html").filter(|it| !it.ends_with('/')) {
        keys.push((stem.to_owned(), Precedence::Html));
        keys.push((format!("{stem}/"), Precedence::PageAlias));
    } else if let Some(stem) = file_key.strip_suffix(".json").filter(|it| !it.ends_with('/')) {
        keys.push((stem.to_owned(), Precedence::Json));
    }
    keys.push((file_key, Precedence::Exact));
    keys
}

/// Whether both files are the not-found page of one folder: Next.js writes `404.html` and
/// `404/index.html`, for hosts that expect the one or the other.
fn is_same_not_found_page(folder: &SiteFolder, winner: usize, loser: usize) -> bool {
    let [winner, loser] = [winner, loser].map(|index| folder.files[index].path.as_str());
    let page = winner.strip_suffix("404.html").filter(|it| it.is_empty() || it.ends_with('/'));
    page.is_some() && page == loser.strip_suffix("404/index.html")
}

fn shadowed(folder: &SiteFolder, key: &str, winner: usize, loser: usize) -> Diagnostic {
    let winner = folder.display(&folder.files[winner].path);
    let loser = folder.display(&folder.files[loser].path);
    let message = format!("`{winner}` and `{loser}` share the path `{key}`; `{winner}` is served");
    let help = format!("rename one of them if `{loser}` should be served there");
    Diagnostic::of_file(Lint::ShadowedRoute, loser, message, help)
}

#[cfg(test)]
mod tests;
