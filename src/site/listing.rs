//! The site as a list, for commands: its routes, its files, and whether it is intact.

use chapbook_format::{
    digest::{self, Hash},
    payload::{AnswerHasher, root_hash, sort},
};

use super::{
    Site, Source, embedded,
    route::{File, Listed, Route},
};

impl Site {
    /// All routes: exact ones by key, then rules with `*`, then not-found pages.
    #[must_use]
    pub fn routes(&self) -> Vec<Listed> {
        let mut routes = self.unsorted_routes();
        sort(&mut routes);
        routes
    }

    fn unsorted_routes(self) -> Vec<Listed> {
        match self.0 {
            Source::Embedded => embedded::routes(),
            Source::Packed(site) => site.routes(),
        }
    }

    /// The files that the site was made from, by path.
    #[must_use]
    pub fn files(&self) -> Vec<File> {
        let mut files = match self.0 {
            Source::Embedded => embedded::files(),
            Source::Packed(site) => site.files(),
        };
        files.sort_by_key(|it| it.path);
        files.dedup_by_key(|it| it.path);
        files
    }

    /// Verifies every part. Returns the names of damaged ones.
    #[must_use]
    pub fn verify_all(&self) -> Vec<String> {
        match self.0 {
            Source::Embedded => embedded::verify_all(),
            Source::Packed(site) => site.verify_all(),
        }
    }

    /// The root hash, computed from the site as it is now.
    #[must_use]
    pub fn computed_root_hash(&self) -> Hash {
        let answer = |route: &Route, hasher: &mut AnswerHasher| match route {
            Route::Resource(resource) => {
                for it in resource.representations() {
                    let hash = digest::of(it.content.bytes());
                    hasher.representation(it.coding, it.head.text, &hash);
                }
            }
            Route::Redirect(head) => hasher.redirect(head.text),
            Route::SplatRedirect { before, after, .. } => hasher.splat_redirect(before, after),
            Route::Damaged => hasher.damaged(),
        };
        let files = self.files();
        let rule_files = files.iter().filter(|it| it.is_rule_file);
        let rule_files = rule_files.map(|it| (it.path, digest::of(it.content.bytes())));
        root_hash(self.unsorted_routes(), answer, rule_files)
    }
}
