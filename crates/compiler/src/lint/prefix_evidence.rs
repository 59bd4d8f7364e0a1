//! Evidence of a prefix that a site was built for: references that begin with the path of a folder
//! that the site lacks, and lead to a route only without it.

use std::{collections::BTreeMap, ops::Bound};

use crate::{
    parse::reference::{LoadedAs, Purpose},
    routing::routes::{RouteEntry, Routes},
};

/// What the references of a file say about a prefix. Only references that begin at the root count,
/// and those of pages with a `base` element: others do not depend on a prefix.
#[derive(Debug, Default, Clone)]
pub(crate) struct PrefixEvidence {
    /// The references with a route.
    served: References,
    /// The references without a route.
    missing: References,
    /// Whether a reference is relative, so that it works at any prefix.
    has_relative: bool,
    /// The references without a route that have one without a prefix, by that prefix.
    explained: BTreeMap<Box<str>, Explained>,
}

/// Numbers of references.
#[derive(Debug, Clone, Copy, Default)]
struct References {
    all: usize,
    /// Those that load scripts, style sheets and manifests. A build writes them, while a link may
    /// be old.
    of_build: usize,
}

/// The references that a prefix explains.
#[derive(Debug, Default, Clone)]
struct Explained {
    references: References,
    /// Whether one of them follows from a `base` element.
    has_base: bool,
    /// Whether one of them loads a file in a folder.
    has_nested_load: bool,
    /// The first few different paths without the prefix.
    paths: Vec<Box<str>>,
}

/// The maximum number of segments of a prefix.
const SEGMENTS_MAX: usize = 4;
/// The number of different paths that are enough for a prefix.
const PATHS_MAX: usize = 3;

impl References {
    fn count(&mut self, is_of_build: bool) {
        self.all += 1;
        self.of_build += usize::from(is_of_build);
    }

    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.of_build += other.of_build;
    }
}

impl Explained {
    fn add_path(&mut self, path: &str) {
        if self.paths.len() < PATHS_MAX && !self.paths.iter().any(|it| **it == *path) {
            self.paths.push(path.into());
        }
    }

    fn merge(&mut self, other: &Self) {
        self.references.add(other.references);
        self.has_base |= other.has_base;
        self.has_nested_load |= other.has_nested_load;
        other.paths.iter().for_each(|path| self.add_path(path));
    }

    /// Whether there are too many different paths for a few wrong links.
    fn is_convincing(&self) -> bool {
        let has_home = self.paths.iter().any(|path| path.is_empty());
        let is_strong = has_home || self.has_nested_load || self.references.of_build > 0;
        self.has_base || self.paths.len() >= if is_strong { PATHS_MAX - 1 } else { PATHS_MAX }
    }
}

impl PrefixEvidence {
    /// Records a reference to a key, and the route that was found there.
    pub(crate) fn record(
        &mut self,
        routes: &Routes,
        key: &str,
        (found, purpose): (Option<RouteEntry>, Purpose),
        has_base: bool,
    ) {
        let is_of_build = matches!(
            purpose,
            Purpose::Load(LoadedAs::Script | LoadedAs::StyleSheet | LoadedAs::Manifest)
        );
        match found {
            // A fallback answers at any path, with a prefix or without one.
            Some(RouteEntry::Redirect(_)) if !routes.exact.contains_key(key) => {}
            Some(_) => self.served.count(is_of_build),
            None => {
                self.missing.count(is_of_build);
                let slashes = key.match_indices('/').map(|(at, _)| at + 1);
                for start in slashes.skip(1).take(SEGMENTS_MAX) {
                    let (prefix, path) = key.split_at(start);
                    if routes.exact.contains_key(&routes.mount.key_of(path)) {
                        let explained = self.explained.entry(prefix.into()).or_default();
                        explained.references.count(is_of_build);
                        explained.has_base |= has_base;
                        let is_load = matches!(purpose, Purpose::Load(_));
                        explained.has_nested_load |= is_load && path.contains('/');
                        explained.add_path(path);
                    }
                }
            }
        }
    }

    /// Records a reference that is relative to its file.
    pub(crate) fn record_relative(&mut self) {
        self.has_relative = true;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.has_relative |= other.has_relative;
        self.served.add(other.served);
        self.missing.add(other.missing);
        for (prefix, explained) in &other.explained {
            self.explained.entry(prefix.clone()).or_default().merge(explained);
        }
    }

    /// The prefix that explains most references, if they are enough.
    pub(crate) fn prefix(&self, routes: &Routes) -> Option<(&str, usize)> {
        let is_missing = |prefix: &str| {
            let bounds = (Bound::Included(prefix), Bound::Unbounded);
            let next = routes.exact.range::<str, _>(bounds).next();
            next.is_none_or(|(key, _)| !key.starts_with(prefix))
        };
        let missing = self.explained.iter().filter(|(prefix, _)| is_missing(prefix));
        let (prefix, explained) = missing.max_by_key(|(_, it)| (it.has_base, it.references.all))?;
        let References { all, of_build } = explained.references;
        let is_most = all * 2 > self.served.all + self.missing.all;
        // A site that loads its scripts and styles from the root was built for the root.
        let is_most_of_build = of_build >= self.served.of_build;
        let is_built = explained.has_base || (is_most && is_most_of_build);
        // An application can consist of a page and one script.
        let is_all = !self.has_relative && all == self.served.all + self.missing.all;
        let is_only_script = is_all && of_build > 0 && explained.has_nested_load;
        let is_convincing = is_only_script || explained.is_convincing();
        (is_built && is_convincing).then_some((&**prefix, all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{routing::Mount, site_folder::SiteFolder};

    const BUILD: Purpose = Purpose::Load(LoadedAs::Script);
    const IMAGE: Purpose = Purpose::Load(LoadedAs::Other);
    const LINK: Purpose = Purpose::Follow;

    const FILES: [&str; 8] = [
        "index.html",
        "a.html",
        "b.html",
        "c.html",
        "assets/x.js",
        "docs/index.html",
        "img/a.png",
        "img/b.png",
    ];

    /// The prefix that these references suggest, if any.
    fn prefix(mount: &str, references: &[(&str, Purpose)], has_base: bool) -> Option<String> {
        let folder = SiteFolder::of_paths(&FILES);
        let mount: Mount = mount.parse().unwrap();
        let (routes, _) = Routes::of_files(&folder, &mount);
        let mut evidence = PrefixEvidence::default();
        for (key, purpose) in references {
            let mut of_file = PrefixEvidence::default();
            if key.starts_with('/') {
                of_file.record(&routes, key, (routes.find(key), *purpose), has_base);
            } else {
                of_file.record_relative();
            }
            evidence.merge(&of_file);
        }
        evidence.prefix(&routes).map(|(prefix, _)| prefix.to_owned())
    }

    #[test]
    fn a_prefix_is_found_if_most_references_need_it() {
        type Row<'a> = (&'a [(&'a str, Purpose)], Option<&'a str>);
        let rows: &[Row<'_>] = &[
            (&[("/r/assets/x.js", BUILD), ("/r/a", LINK)], Some("/r/")),
            (&[("/g/p/assets/x.js", BUILD), ("/g/p/", LINK)], Some("/g/p/")),
            (&[("/r/", LINK), ("/r/a.html", LINK)], Some("/r/")),
            (&[("/r/a", LINK), ("/r/b", LINK), ("/r/c", LINK)], Some("/r/")),
            // A dead link with the prefix, and a picture without it.
            (&[("/r/assets/x.js", BUILD), ("/r/a", LINK), ("/r/none", LINK), ("/b", IMAGE)], None),
            (
                &[
                    ("/r/assets/x.js", BUILD),
                    ("/r/a", LINK),
                    ("/r/b", LINK),
                    ("/r/none", LINK),
                    ("/b", IMAGE),
                ],
                Some("/r/"),
            ),
            // A few wrong references.
            (&[("/r/", LINK)], None),
            (&[("/js/x.js", BUILD)], None),
            // An application of one script.
            (&[("/r/assets/x.js", BUILD)], Some("/r/")),
            (&[("/r/assets/x.js", BUILD), ("b.html", LINK)], None),
            (&[("/r/img/a.png", IMAGE)], None),
            (&[("/r/a", LINK), ("/r/b", LINK)], None),
            (&[("/r/a", IMAGE), ("/r/b", IMAGE)], None),
            (&[("/r/img/a.png", IMAGE), ("/r/img/b.png", IMAGE)], Some("/r/")),
            (&[("/r/img/a.png", LINK), ("/r/img/b.png", LINK)], None),
            (&[("/r/a", LINK), ("/r/a", LINK), ("/r/a", LINK)], None),
            (&[("/r/one/", LINK), ("/r/two/", LINK), ("/r/three/", LINK)], None),
            // The site loads its script from the root, and an old menu is on every page.
            (
                &[
                    ("/assets/x.js", BUILD),
                    ("/r/a", LINK),
                    ("/r/b", LINK),
                    ("/r/c", LINK),
                    ("/r/", LINK),
                ],
                None,
            ),
            // The folder exists.
            (&[("/docs/a", LINK), ("/docs/b", LINK), ("/docs/c", LINK)], None),
        ];
        for (references, expected) in rows {
            assert_eq!(prefix("/", references, false).as_deref(), *expected, "{references:?}");
        }
    }

    #[test]
    fn a_base_element_is_enough_for_a_prefix() {
        assert_eq!(prefix("/", &[("/r/assets/x.js", BUILD)], true).as_deref(), Some("/r/"));
        assert_eq!(prefix("/", &[("/docs/a", LINK)], true), None);
        assert_eq!(prefix("/", &[("/r/none.js", BUILD)], true), None);
    }

    #[test]
    fn a_mounted_site_can_be_built_for_another_prefix_but_not_for_the_root() {
        let references = [("/r/assets/x.js", BUILD), ("/r/a", LINK)];
        assert_eq!(prefix("/r/", &references, false), None);
        assert_eq!(prefix("/other/", &references, false).as_deref(), Some("/r/"));
        assert_eq!(prefix("/r/", &[("/assets/x.js", BUILD), ("/a", LINK)], false), None);
    }
}
