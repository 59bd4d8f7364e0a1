//! Embedded site: tables that a build script has written as Rust text, and that rustc has compiled
//! into the executable. They consist of the same types as a packed site.

use std::{ffi::OsStr, sync::OnceLock};

use chapbook_format::{
    PathFields, SiteInfo,
    digest::{self, Hash},
    payload::MatchKind,
};
use include_dir::{Dir, DirEntry, File};

use super::{
    content::Content,
    route::{Listed, Route, SiteFile},
};

/// The tables of an embedded site.
#[derive(Debug)]
pub struct EmbeddedTables {
    /// Folders with each different content, in a file whose name is the hash of its bytes.
    pub contents: &'static Dir<'static>,
    /// The routes with exactly one key.
    pub routes: &'static phf::Map<&'static [u8], Route<'static>>,
    /// The rules with `*`, in the order in which they are matched.
    pub patterns: &'static [Listed<'static>],
    /// The not-found pages, those of the deepest folders first.
    pub not_found: &'static [Listed<'static>],
    /// The fields of paths, the most specific ones first.
    pub path_fields: &'static [PathFields<&'static [u8]>],
    /// The files that the site was compiled from. A file may occur several times.
    pub files: &'static [SiteFile<'static>],
    /// The root hash.
    pub root_hash: &'static Hash,
    /// Metadata of the site.
    pub info: &'static SiteInfo<&'static str>,
    /// Whether this is the default site: the executable was built without `CHAPBOOK_SITE`.
    pub is_default: bool,
}

/// A site that is embedded in an executable.
#[derive(Debug)]
pub struct EmbeddedSite {
    tables: EmbeddedTables,
    /// The identity of the site as JSON, once it was requested.
    identity_json: OnceLock<String>,
}

impl EmbeddedSite {
    /// The site in these tables.
    #[must_use]
    pub const fn new(tables: EmbeddedTables) -> Self {
        Self { tables, identity_json: OnceLock::new() }
    }

    pub(super) fn find(&self, key: &[u8]) -> Option<Route<'static>> {
        self.tables.routes.get(key).copied()
    }

    pub(super) fn find_below(
        &self,
        matches: impl Fn(&[u8], bool) -> bool,
    ) -> Option<(Route<'static>, usize)> {
        let is_for_navigations = |route: &Route<'_>| matches!(route, Route::Resource(_));
        let mut patterns = self.tables.patterns.iter();
        let found = patterns.find(|it| matches(it.key, is_for_navigations(&it.route)))?;
        Some((found.route, found.key.len()))
    }

    pub(super) fn path_fields(&self, key: &[u8]) -> Option<PathFields<&'static [u8]>> {
        self.tables.path_fields.iter().copied().find(|it| it.matches(key))
    }

    /// All fields of paths, the most specific ones first.
    pub(super) fn all_path_fields(&self) -> Vec<PathFields<&'static [u8]>> {
        self.tables.path_fields.to_vec()
    }

    pub(super) fn not_found(&self, key: &[u8]) -> Option<Route<'static>> {
        let mut pages = self.tables.not_found.iter();
        pages.find(|page| key.starts_with(page.key)).map(|page| page.route)
    }

    /// All routes. Those of one match kind are in the order in which they are matched.
    pub(super) fn routes(&self) -> Vec<Listed<'static>> {
        let EmbeddedTables { routes, patterns, not_found, .. } = &self.tables;
        let exact = routes.entries();
        let exact =
            exact.map(|(key, route)| Listed { match_kind: MatchKind::Exact, key, route: *route });
        exact.chain(patterns.iter().copied()).chain(not_found.iter().copied()).collect()
    }

    /// The files of the site. A file may occur several times.
    pub(super) fn files(&self) -> Vec<SiteFile<'static>> {
        self.tables.files.to_vec()
    }

    pub(super) fn info(&self) -> &'static SiteInfo<&'static str> {
        self.tables.info
    }

    pub(super) fn is_default(&self) -> bool {
        self.tables.is_default
    }

    pub(super) fn root_hash(&self) -> &'static Hash {
        self.tables.root_hash
    }

    pub(super) fn identity_json(&self) -> &OnceLock<String> {
        &self.identity_json
    }

    /// The contents as files, whose names are the hashes that are expected.
    fn contents(&self) -> impl Iterator<Item = &'static File<'static>> {
        let folders = self.tables.contents.entries().iter().filter_map(DirEntry::as_dir);
        folders.flat_map(Dir::entries).filter_map(DirEntry::as_file)
    }

    /// Whether a content has at least this length, in bytes.
    pub(super) fn has_content_of(&self, length: usize) -> bool {
        self.contents().any(|file| file.contents().len() >= length)
    }

    /// The names of damaged contents.
    pub(super) fn verify_all(&self) -> Vec<String> {
        let damaged = self.contents().filter_map(|file| {
            let name = file.path().file_name().and_then(OsStr::to_str).unwrap_or_default();
            let is_damaged = digest::hexadecimal(&digest::of(file.contents())) != name;
            is_damaged.then(|| format!("content {name}"))
        });
        damaged.collect()
    }
}

/// The content with these indices in the folders of contents. Resolved at compile time, while
/// `Dir::get_file` would search all files at each call.
///
/// # Panics
///
/// If there is no such file: at compile time, since this initializes the tables.
#[must_use]
pub const fn embedded_content(
    contents: &'static Dir<'static>,
    folder: usize,
    file: usize,
) -> Content<'static> {
    let DirEntry::Dir(folder) = &contents.entries()[folder] else {
        panic!("the site compiler stages folders")
    };
    match &folder.entries()[file] {
        DirEntry::File(file) => Content::Embedded(file),
        DirEntry::Dir(_) => panic!("the site compiler stages files in them"),
    }
}
