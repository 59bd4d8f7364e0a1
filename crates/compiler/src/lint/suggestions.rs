//! Suggestions for paths that do not exist.
//!
//! The number of comparisons is bounded per missing path and per site, and each path is looked up
//! once, so that the time stays linear for a site with thousands of broken links. Suggestions are
//! made by one thread, in the order of the diagnostics, so that the bound affects the same
//! diagnostics each time.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use chapbook_format::path;
use icu_normalizer::ComposingNormalizerBorrowed;

use crate::{
    diagnostic::Diagnostic,
    routing::routes::{RouteEntry, Routes},
    site_folder::SiteFolder,
};

/// Looks up existing paths that resemble a missing one.
#[derive(Debug)]
pub(crate) struct Suggestions<'a> {
    folder: &'a SiteFolder,
    routes: &'a Routes,
    index: OnceLock<PathIndex<'a>>,
    /// Earlier results: a broken link in a template is on every page.
    known: Mutex<HashMap<String, Option<&'a str>>>,
    comparisons_left: AtomicUsize,
}

/// Indices of all paths. Built for the first missing path.
#[derive(Debug)]
struct PathIndex<'a> {
    /// The keys by their lower-case text.
    by_lower: HashMap<String, &'a str>,
    /// The keys with characters that have another normalization form, by their composed text.
    by_composed: HashMap<String, &'a str>,
    /// The keys by their folder.
    by_folder: HashMap<&'a str, Vec<&'a str>>,
    /// The keys by their last segment.
    by_last: HashMap<&'a str, Vec<&'a str>>,
    /// The folders without trailing slashes.
    folders: HashSet<&'a str>,
}

/// Maximum number of candidates of each kind that a missing path is compared with. A comparison
/// takes about a microsecond; with all routes as candidates, a large site with thousands of broken
/// links took minutes.
const CANDIDATES_MAX: usize = 500;
/// Maximum number of comparisons for a site, which take about two seconds.
const COMPARISONS_MAX: usize = 2_000_000;
/// Minimum similarity of a suggestion. Less similar paths are rarely what was meant.
const SIMILARITY_MIN: f64 = 0.7;

impl<'a> Suggestions<'a> {
    /// Suggestions from these routes.
    pub(crate) fn new(folder: &'a SiteFolder, routes: &'a Routes) -> Self {
        Self {
            folder,
            routes,
            index: OnceLock::new(),
            known: Mutex::default(),
            comparisons_left: AtomicUsize::new(COMPARISONS_MAX),
        }
    }

    /// Whether this number of comparisons is within the limit, from which they are subtracted.
    pub(crate) fn may_compare(&self, count: usize) -> bool {
        let subtracted = |left: usize| left.checked_sub(count);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.comparisons_left.fetch_update(set, fetch, subtracted).is_ok()
    }

    /// Names the similar path in the help of a diagnostic that needs it, if there is one.
    pub(crate) fn complete(&self, diagnostic: &mut Diagnostic) {
        let missing = diagnostic.similar_to.take();
        if let Some(nearest) = missing.and_then(|missing| self.nearest(&missing)) {
            diagnostic.help = format!("did you mean `{}`?", path::encode(nearest));
        }
    }

    /// Whether there is a folder at this path within the site.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.index().folders.contains(path)
    }

    /// The key that differs from this one only in letter case.
    pub(crate) fn ignoring_case(&self, key: &str) -> Option<&'a str> {
        self.index().by_lower.get(&key.to_lowercase()).copied()
    }

    /// The key that differs from this one only in Unicode normalization: macOS and Windows write
    /// accents in different ways.
    pub(crate) fn ignoring_normalization(&self, key: &str) -> Option<&'a str> {
        // ASCII has one form.
        let is_ambiguous = !key.is_ascii();
        is_ambiguous.then(|| self.index().by_composed.get(&*composed(key)).copied()).flatten()
    }

    /// The key that was probably meant: one with a similar last segment in the same folder, or the
    /// same last segment in another folder.
    pub(crate) fn nearest(&self, key: &str) -> Option<&'a str> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(key) {
            return *known;
        }
        let found = self.find(key);
        known().insert(key.to_owned(), found);
        found
    }

    fn find(&self, key: &str) -> Option<&'a str> {
        let cut = key.trim_end_matches('/').rfind('/')? + 1;
        let (folder, last) = key.split_at(cut);
        let siblings = self.candidates(self.index().by_folder.get(folder));
        let nearest = most_similar(last, siblings.iter().copied(), |route| &route[cut..]);
        nearest.or_else(|| {
            let same_name = self.index().by_last.get(last)?;
            let candidates = self.candidates(Some(same_name)).iter().copied();
            // If only one file has this name, suggest it, however different its folder is.
            let only = if let [only] = same_name.as_slice() { Some(*only) } else { None };
            most_similar(key, candidates, |route| route).or(only)
        })
    }

    /// The first of these paths, as many as may be compared.
    fn candidates<'p>(&self, paths: Option<&'p Vec<&'a str>>) -> &'p [&'a str] {
        let paths = paths.map_or(&[][..], Vec::as_slice);
        let paths = &paths[..paths.len().min(CANDIDATES_MAX)];
        if self.may_compare(paths.len()) { paths } else { &[] }
    }

    fn index(&self) -> &PathIndex<'a> {
        self.index.get_or_init(|| {
            let mut by_lower = HashMap::new();
            let mut by_composed = HashMap::new();
            let mut by_folder: HashMap<&str, Vec<&str>> = HashMap::new();
            let mut by_last: HashMap<&str, Vec<&str>> = HashMap::new();
            // A link to an alias costs a redirect, so aliases are not suggested.
            let is_alias = |entry: &RouteEntry| matches!(entry, RouteEntry::PageAlias(_));
            let routes = self.routes.exact.iter().filter(|(_, entry)| !is_alias(entry));
            for (key, _) in routes {
                by_lower.entry(key.to_lowercase()).or_insert(key.as_str());
                if !key.is_ascii() {
                    by_composed.entry(composed(key).into_owned()).or_insert(key.as_str());
                }
                let cut = key.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
                by_folder.entry(&key[..cut]).or_default().push(key);
                by_last.entry(&key[cut..]).or_default().push(key);
            }
            let folders = self.folder.folders.iter().map(|it| it.trim_end_matches('/')).collect();
            PathIndex { by_lower, by_composed, by_folder, by_last, folders }
        })
    }
}

/// The text in Normalization Form C.
fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// The candidate whose name is most similar to this one, if any is similar enough.
pub(crate) fn most_similar<'a, T: Copy>(
    wanted: &str,
    candidates: impl Iterator<Item = T>,
    name: impl Fn(T) -> &'a str,
) -> Option<T> {
    // Names of very different lengths cannot be similar enough, so they need no comparison.
    let lengths = wanted.len() * 7 / 10..=wanted.len() * 10 / 7 + 1;
    candidates
        .filter(|candidate| lengths.contains(&name(*candidate).len()))
        .filter_map(|candidate| {
            let similarity = similarity(wanted, name(candidate));
            (similarity >= SIMILARITY_MIN).then_some((similarity, candidate))
        })
        .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| name(*right).cmp(name(*left))))
        .map(|(_, candidate)| candidate)
}

fn similarity(one: &str, other: &str) -> f64 {
    #[cfg(test)]
    tests::COMPARISONS.set(tests::COMPARISONS.get() + 1);
    strsim::normalized_damerau_levenshtein(one, other)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        pub(super) static COMPARISONS: Cell<usize> = const { Cell::new(0) };
    }

    /// The number of comparisons for thousands of broken links, of which `distinct` are different.
    fn comparisons(
        route: impl Fn(usize) -> String,
        broken: impl Fn(usize) -> String,
        distinct: usize,
    ) -> usize {
        let exact = (0..2000).map(|number| (route(number), RouteEntry::File(number))).collect();
        let (folder, routes) = (SiteFolder::default(), Routes { exact, ..Routes::default() });
        let suggestions = Suggestions::new(&folder, &routes);
        COMPARISONS.set(0);
        for number in 0..5000 {
            suggestions.nearest(&broken(number % distinct));
        }
        COMPARISONS.get()
    }

    #[test]
    fn thousands_of_broken_links_take_a_bounded_number_of_comparisons() {
        const DISTINCT: usize = 100;
        // All candidates have the length of the missing name, so that each is compared.
        let siblings =
            comparisons(|it| format!("/{it:04}.html"), |it| format!("/x{it:03}.json"), DISTINCT);
        let same_name = comparisons(
            |it| format!("/{it:04}/a.html"),
            |it| format!("/x{it:03}/a.html"),
            DISTINCT,
        );
        assert_eq!([siblings, same_name], [DISTINCT * CANDIDATES_MAX; 2]);
    }

    #[test]
    fn a_similar_path_is_suggested() {
        let paths = ["/", "/about", "/about.html", "/docs/guide.html", "/docs/", "/x/index.html"];
        let exact = paths.iter().map(|it| ((*it).to_owned(), RouteEntry::File(0)));
        let alias = ("/giude/".to_owned(), RouteEntry::PageAlias(0));
        let exact = exact.chain([alias]).collect();
        let (folder, routes) = (SiteFolder::default(), Routes { exact, ..Routes::default() });
        let suggestions = Suggestions::new(&folder, &routes);
        let rows = [
            ("/abuot", Some("/about")),
            ("/about/", Some("/about")),
            ("/guide.html", Some("/docs/guide.html")),
            ("/docs/giude.html", Some("/docs/guide.html")),
            ("/very/far/away/guide.html", Some("/docs/guide.html")),
            ("/nothing", None),
            ("/giude//", None),
        ];
        for (key, expected) in rows {
            assert_eq!(suggestions.nearest(key), expected, "{key}");
        }
    }
}
