//! This file owns the guess what was meant by a name that is not there. It looks at few candidates
//! only, so that a site with thousands of dead links is judged as fast as one without.

use std::{
    collections::{HashMap, HashSet},
    ops::Bound,
    sync::{Mutex, OnceLock, PoisonError},
};

use crate::{routing::routes::Routes, walk::Source};

/// The names that paths may have been meant for.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    source: &'a Source,
    routes: &'a Routes,
    index: OnceLock<Index<'a>>,
    /// What was found before: one wrong link in a template is on every page.
    known: Mutex<HashMap<String, Option<&'a str>>>,
}

/// Made when the first dead end is met.
#[derive(Debug)]
struct Index<'a> {
    /// The keys by what they are in lower case.
    by_lower: HashMap<String, &'a str>,
    /// The keys by their last segment.
    by_last: HashMap<&'a str, Vec<&'a str>>,
    /// The folders, without their slashes.
    folders: HashSet<&'a str>,
}

/// The most candidates that are compared with one name.
const CANDIDATES_MAX: usize = 500;
/// Below this, a suggestion is more often a riddle than a help.
const LIKENESS_MIN: f64 = 0.7;

impl<'a> Names<'a> {
    pub(crate) fn new(source: &'a Source, routes: &'a Routes) -> Self {
        Self { source, routes, index: OnceLock::new(), known: Mutex::default() }
    }

    /// Whether there is a folder at this path within the site.
    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.index().folders.contains(path)
    }

    /// The key that differs from this one in letter case only.
    pub(crate) fn same_but_case(&self, key: &str) -> Option<&'a str> {
        self.index().by_lower.get(&key.to_lowercase()).copied()
    }

    /// The key that was probably meant by this one: a slip in its last segment, or the same name in
    /// another folder.
    pub(crate) fn nearest(&self, key: &str) -> Option<&'a str> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(key) {
            return *known;
        }
        let found = self.look_for(key);
        known().insert(key.to_owned(), found);
        found
    }

    fn look_for(&self, key: &str) -> Option<&'a str> {
        let cut = key.trim_end_matches('/').rfind('/')? + 1;
        let (folder, last) = key.split_at(cut);
        let from = (Bound::Included(folder), Bound::Unbounded);
        let beside = self.routes.exact.range::<str, _>(from).map(|(route, _)| route.as_str());
        let beside = beside
            .take_while(|route| route.starts_with(folder))
            .filter(|route| !route[cut..].trim_end_matches('/').contains('/'));
        let near = most_alike(last, beside.take(CANDIDATES_MAX), |route| &route[cut..]);
        near.or_else(|| {
            let elsewhere = self.index().by_last.get(last)?;
            let elsewhere = elsewhere.iter().copied().take(CANDIDATES_MAX);
            most_alike(key, elsewhere, |route| route).or_else(|| {
                let all = self.index().by_last.get(last)?;
                // One name of its kind is the one that was meant, wherever it is.
                if let [only] = all.as_slice() { Some(*only) } else { None }
            })
        })
    }

    fn index(&self) -> &Index<'a> {
        self.index.get_or_init(|| {
            let mut by_lower = HashMap::new();
            let mut by_last: HashMap<&str, Vec<&str>> = HashMap::new();
            for key in self.routes.exact.keys() {
                by_lower.entry(key.to_lowercase()).or_insert(key.as_str());
                let cut = key.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
                by_last.entry(&key[cut..]).or_default().push(key);
            }
            let folders = self.source.folders.iter().map(|it| it.trim_end_matches('/')).collect();
            Index { by_lower, by_last, folders }
        })
    }
}

/// The candidate whose name is most like the wanted one, if any is like it at all.
pub(crate) fn most_alike<'a, T: Copy>(
    wanted: &str,
    among: impl Iterator<Item = T>,
    name: impl Fn(T) -> &'a str,
) -> Option<T> {
    // What differs much in length is not alike, which is seen without comparing.
    let lengths = wanted.len() * 7 / 10..=wanted.len() * 10 / 7 + 1;
    among
        .filter(|candidate| lengths.contains(&name(*candidate).len()))
        .filter_map(|candidate| {
            let likeness = strsim::normalized_damerau_levenshtein(wanted, name(candidate));
            (likeness >= LIKENESS_MIN).then_some((likeness, candidate))
        })
        .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| name(*right).cmp(name(*left))))
        .map(|(_, candidate)| candidate)
}
