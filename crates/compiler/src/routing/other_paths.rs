//! Paths other than its own at which a file is served: those of rewrites and of not-found pages.
//! Relative references are resolved against the path of the request (RFC 3986 section 5.1.3), so
//! each of these paths is another base URL.

use std::collections::HashMap;

use super::routes::{RouteEntry, Routes};
use crate::{
    rules::{Pattern, redirects::Redirect},
    site_folder::SiteFolder,
};

/// A path at which a file is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OtherPath {
    /// The key of the path.
    pub(crate) key: String,
    /// Whether the file is served there as a not-found page.
    pub(crate) is_not_found: bool,
}

/// The other paths of each file that has any, by its index.
#[derive(Debug, Default)]
pub(crate) struct OtherPaths(HashMap<usize, Vec<OtherPath>>);

impl OtherPaths {
    /// The paths that follow from the rules and from the names of not-found pages.
    pub(crate) fn new(folder: &SiteFolder, routes: &Routes) -> Self {
        let mut paths = Self::default();
        let exact = routes.exact.values().filter_map(|entry| match entry {
            RouteEntry::Redirect(rule) => Some(*rule),
            _ => None,
        });
        for rule in exact.chain(routes.patterns.iter().copied()) {
            paths.add_rewrite(routes, &routes.redirects[rule]);
        }
        for (index, file) in folder.files.iter().enumerate() {
            if file.name() == "404.html" {
                let own = routes.key_of(file);
                let prefix = own.trim_end_matches("404.html");
                paths.add_below(index, prefix, true);
            }
        }
        paths
    }

    /// The other paths of a file.
    pub(crate) fn of(&self, index: usize) -> &[OtherPath] {
        self.0.get(&index).map_or(&[], Vec::as_slice)
    }

    fn add_rewrite(&mut self, routes: &Routes, redirect: &Redirect) {
        let Some(file) = routes.rewrite_target(redirect) else { return };
        match &redirect.from {
            Pattern::Exact(key) => self.add(file, key.clone(), false),
            Pattern::Below(prefix) => self.add_below(file, prefix, false),
        }
    }

    /// Adds examples of the paths below a prefix: in its folder, one folder deeper, and so deep
    /// that `../` does not lead above the site.
    fn add_below(&mut self, file: usize, prefix: &str, is_not_found: bool) {
        for example in ["any", "any/path", "any/path/far/below/the/root"] {
            self.add(file, format!("{prefix}{example}"), is_not_found);
        }
    }

    fn add(&mut self, file: usize, key: String, is_not_found: bool) {
        self.0.entry(file).or_default().push(OtherPath { key, is_not_found });
    }
}
