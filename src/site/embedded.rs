//! Embedded site: the tables that `build.rs` wrote as Rust text when the executable was built. They
//! consist of the same types as a packed site.

#![allow(clippy::unreadable_literal, reason = "the key of the perfect hash is a random number")]

use std::sync::OnceLock;

use chapbook_format::{
    ContentCoding, PathFields, SharedHead, SiteInfo,
    digest::{self, Hash},
    payload::MatchKind,
};
use include_dir::{Dir, DirEntry, include_dir};

use super::{content, representation, route};

// The names in the text that `build.rs` writes.
type Content = content::Content<'static>;
type Head = representation::Head<'static>;
#[allow(dead_code, reason = "a site without redirects does not use it")]
type RedirectHead = representation::RedirectHead<'static>;
type Representation = representation::Representation<'static>;
type Resource = representation::Resource<'static>;
type Listed = route::Listed<'static>;
type Route = route::Route<'static>;
type File = route::SiteFile<'static>;

include!(concat!(env!("OUT_DIR"), "/routes.rs"));

/// The content with this index. Resolved at compile time, while `Dir::get_file` would search all
/// files at each call.
const fn content(index: usize) -> Content {
    match &CONTENTS.entries()[index] {
        DirEntry::File(file) => Content::Embedded(file),
        DirEntry::Dir(_) => panic!("the site compiler stages files only"),
    }
}

/// The identity of the site as JSON, once it was requested.
pub(super) static IDENTITY_JSON: OnceLock<String> = OnceLock::new();

pub(super) fn find(key: &[u8]) -> Option<Route> {
    ROUTES.get(key).copied()
}

pub(super) fn find_below(matches: impl Fn(&[u8], bool) -> bool) -> Option<(Route, usize)> {
    let is_for_navigations = |route: &Route| matches!(route, Route::Resource(_));
    let found = PATTERNS.iter().find(|it| matches(it.key, is_for_navigations(&it.route)))?;
    Some((found.route, found.key.len()))
}

pub(super) fn path_fields(key: &[u8]) -> Option<PathFields<&'static [u8]>> {
    PATH_FIELDS.iter().copied().find(|it| it.matches(key))
}

/// All fields of paths, the most specific ones first.
pub(super) fn all_path_fields() -> Vec<PathFields<&'static [u8]>> {
    PATH_FIELDS.to_vec()
}

pub(super) fn not_found(key: &[u8]) -> Option<Route> {
    NOT_FOUND.iter().find(|page| key.starts_with(page.key)).map(|page| page.route)
}

/// All routes. Those of one match kind are in the order in which they are matched.
pub(super) fn routes() -> Vec<Listed> {
    let exact = ROUTES.entries();
    let exact =
        exact.map(|(key, route)| Listed { match_kind: MatchKind::Exact, key, route: *route });
    exact.chain(PATTERNS.iter().copied()).chain(NOT_FOUND.iter().copied()).collect()
}

/// The files of the site. A file may occur several times.
pub(super) fn files() -> Vec<File> {
    FILES.to_vec()
}

/// The names of damaged contents. The file name of a content is its expected hash.
pub(super) fn verify_all() -> Vec<String> {
    let files = CONTENTS.entries().iter().filter_map(DirEntry::as_file);
    let damaged = files.filter_map(|file| {
        let name = file.path().to_str().unwrap_or_default();
        let is_damaged = digest::hexadecimal(&digest::of(file.contents())) != name;
        is_damaged.then(|| format!("content {name}"))
    });
    damaged.collect()
}
