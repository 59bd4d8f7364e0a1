//! Listings of a site for commands: routes, files, damaged parts, and the root hash.

use std::{cell::RefCell, collections::HashMap};

use chapbook_format::{
    PathFields,
    digest::{self, Hash},
    payload::{AnswerHasher, root_hash, sort},
};

use super::{
    Site, SiteSource,
    content::Content,
    route::{Listed, Route, SiteFile},
};

impl<'s> Site<'s> {
    /// All routes: exact ones sorted by key, then rules with `*` in their order, then not-found
    /// pages.
    #[must_use]
    pub fn routes(&self) -> Vec<Listed<'s>> {
        let mut routes = self.unsorted_routes();
        sort(&mut routes);
        routes
    }

    fn unsorted_routes(self) -> Vec<Listed<'s>> {
        match self.0 {
            SiteSource::Embedded(site) => site.routes(),
            SiteSource::Packed(site) => site.routes(),
        }
    }

    /// All fields of paths, the most specific ones first.
    #[must_use]
    pub fn all_path_fields(&self) -> Vec<PathFields<&'s [u8]>> {
        match self.0 {
            SiteSource::Embedded(site) => site.all_path_fields(),
            SiteSource::Packed(site) => site.directory().path_fields().collect(),
        }
    }

    /// The files that the site was compiled from, sorted by path.
    #[must_use]
    pub fn files(&self) -> Vec<SiteFile<'s>> {
        let mut files = self.all_files();
        // The original of a precompressed file comes before its decoded form.
        files.sort_by_key(|it| (it.path, !it.is_rule_file));
        files.dedup_by_key(|it| it.path);
        files
    }

    /// The files, some of them several times.
    fn all_files(self) -> Vec<SiteFile<'s>> {
        match self.0 {
            SiteSource::Embedded(site) => site.files(),
            SiteSource::Packed(site) => site.files(),
        }
    }

    /// Verifies every part. Returns the names of the damaged ones.
    #[must_use]
    pub fn verify_all(&self) -> Vec<String> {
        match self.0 {
            SiteSource::Embedded(site) => site.verify_all(),
            SiteSource::Packed(site) => site.verify_all(),
        }
    }

    /// The root hash, computed from the current bytes of the site.
    #[must_use]
    pub fn computed_root_hash(&self) -> Hash {
        // Most contents are at several routes, and those of files are needed once more.
        let hashes: RefCell<HashMap<(usize, usize), Hash>> = RefCell::default();
        let hash_of = |content: &Content<'_>| {
            let bytes = content.bytes();
            let mut hashes = hashes.borrow_mut();
            let place = (bytes.as_ptr().addr(), bytes.len());
            *hashes.entry(place).or_insert_with(|| digest::of(bytes))
        };
        let answer = |route: &Route<'_>, hasher: &mut AnswerHasher| match route {
            Route::Resource(resource) => {
                for representation in resource.representations() {
                    let hash = hash_of(&representation.content);
                    hasher.representation(representation.coding, &representation.head, &hash);
                }
            }
            Route::Redirect(head) => hasher.redirect(head),
            Route::Damaged => hasher.damaged(),
        };
        let files = self.all_files();
        let files = files.iter().map(|it| (it.path, hash_of(&it.content)));
        root_hash(self.unsorted_routes(), answer, self.all_path_fields(), files)
    }
}
