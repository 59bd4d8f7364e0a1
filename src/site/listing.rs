//! This file owns the site as a list: all that answers, and all files that it was made of. It is
//! for commands; no request is answered with it.

pub use chapbook_format::payload::MatchKind;
use chapbook_format::{
    digest::{self, Hash},
    payload::RootHasher,
};

use super::{Route, Site, Source, embedded};

/// A route and what answers there.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// How it answers at its key.
    pub match_kind: MatchKind,
    /// The key.
    pub key: &'static [u8],
    /// What answers.
    pub route: Route,
}

/// A file that the site was made of.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// The path within the site.
    pub path: &'static [u8],
    /// What it says.
    pub content: &'static [u8],
    /// Whether it says how others answer, and nothing answers with it.
    pub is_of_rules: bool,
}

impl File {
    pub(super) fn new(path: &'static [u8], content: &'static [u8], is_of_rules: bool) -> Self {
        Self { path, content, is_of_rules }
    }
}

impl Site {
    /// Everything that answers: what answers at exactly one key in the order of the keys, then the
    /// rules with `*`, then the pages for what is not found.
    #[must_use]
    pub fn routes(&self) -> Vec<Listed> {
        let mut all = match self.0 {
            Source::Embedded => embedded::routes(),
            Source::PackedSite(book) => book.routes(),
        };
        // The sort keeps the order of all that is not exact.
        all.sort_by_key(|it| match it.match_kind {
            MatchKind::Exact => (0, it.key),
            MatchKind::Below => (1, &[][..]),
            MatchKind::NotFound => (2, &[][..]),
        });
        all
    }

    /// The files that the site was made of, by their path.
    #[must_use]
    pub fn files(&self) -> Vec<File> {
        let mut all = match self.0 {
            Source::Embedded => embedded::files(),
            Source::PackedSite(book) => book.files(),
        };
        all.sort_by_key(|it| it.path);
        // A file may answer in several ways.
        all.dedup_by_key(|it| it.path);
        all
    }

    /// Looks at every part, and names those that are not what they were.
    #[must_use]
    pub fn look_at_all(&self) -> Vec<String> {
        match self.0 {
            Source::Embedded => embedded::damaged(),
            Source::PackedSite(book) => book.look_at_all(),
        }
    }

    /// The root hash of what is there now.
    #[must_use]
    pub fn computed_root_hash(&self) -> Hash {
        let mut root = RootHasher::default();
        for Listed { match_kind, key, route } in self.routes() {
            root.route(match_kind, key);
            match route {
                Route::Resource(resource) => {
                    for it in resource.representations() {
                        let hash = digest::of(it.content());
                        root.representation(it.coding(), it.head().whole(), &hash);
                    }
                }
                Route::Redirect(head) => root.redirect(head),
                Route::SplatRedirect { before, after } => root.splat_redirect(before, after),
                Route::Damaged => root.redirect(b""),
            }
        }
        for file in self.files().iter().filter(|it| it.is_of_rules) {
            root.rule_file(file.path, &digest::of(file.content));
        }
        root.finish()
    }
}
