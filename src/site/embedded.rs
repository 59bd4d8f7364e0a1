//! This file owns the site that was bound into the executable when it was built: what `build.rs`
//! wrote, made into what the door gives out.

#![allow(clippy::unreadable_literal, reason = "the perfect hash's key is nobody's to read")]

use chapbook_format::{ContentCoding, digest::Hash};
use include_dir::{Dir, DirEntry, File, include_dir};

use super::{MatchKind, Resource as AnyResource, Route as AnyRoute, listing};

include!(concat!(env!("OUT_DIR"), "/routes.rs"));

/// What answers at a key.
#[derive(Debug)]
#[allow(dead_code, reason = "which of them a site has is its author's to say")]
pub(super) enum Route {
    Resource(&'static Resource),
    Redirect(&'static str),
    SplatRedirect { before: &'static str, after: &'static str },
}

/// What answers at every key that begins with another, where nothing answers at the key itself.
#[derive(Debug)]
pub(super) struct PatternRoute {
    prefix: &'static [u8],
    route: Route,
}

/// A file in all the forms that it can be sent in.
#[derive(Debug)]
pub(super) struct Resource {
    path: &'static str,
    pub(super) representations: &'static [Representation],
}

/// One form of it.
#[derive(Debug)]
pub(super) struct Representation {
    pub(super) coding: ContentCoding,
    pub(super) content: Content,
    pub(super) entity_tag: &'static str,
    pub(super) head: Head,
}

/// A precomputed head.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) text: &'static str,
    pub(super) fields_for_206_at: usize,
    pub(super) fields_for_304_at: usize,
}

/// A page that is sent with status 404.
#[derive(Debug)]
pub(super) struct NotFoundPage {
    folder: &'static [u8],
    resource: &'static Resource,
}

/// A file that nothing answers with.
#[derive(Debug)]
#[allow(dead_code, reason = "likewise")]
pub(super) struct RuleFile {
    path: &'static str,
    content: Content,
}

/// Content in the executable. Which bytes these are is not known before it runs: `contents` is no
/// `const fn`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content(&'static File<'static>);

/// The n-th embedded file. It is found while compiling: `Dir::get_file` would walk the whole list
/// at every call.
const fn content(index: usize) -> Content {
    match &CONTENTS.entries()[index] {
        DirEntry::File(file) => Content(file),
        DirEntry::Dir(_) => panic!("the site compiler stages files only"),
    }
}

impl Content {
    pub(super) fn bytes(self) -> &'static [u8] {
        self.0.contents()
    }

    /// The hash that it had when it was bound, which is its name.
    fn name(self) -> &'static str {
        self.0.path().to_str().unwrap_or_default()
    }
}

impl Route {
    fn open(&'static self) -> AnyRoute {
        match self {
            Self::Resource(resource) => AnyRoute::Resource(AnyResource::embedded(resource)),
            Self::Redirect(head) => AnyRoute::Redirect(head.as_bytes()),
            Self::SplatRedirect { before, after } => {
                AnyRoute::SplatRedirect { before: before.as_bytes(), after: after.as_bytes() }
            }
        }
    }
}

/// What answers at this key.
pub(super) fn find(key: &[u8]) -> Option<AnyRoute> {
    ROUTES.get(key).map(Route::open)
}

/// The first rule whose prefix answers, given whether it is for navigations only.
pub(super) fn find_below(answers: impl Fn(&[u8], bool) -> bool) -> Option<(AnyRoute, usize)> {
    let is_for_navigations = |it: &PatternRoute| matches!(it.route, Route::Resource(_));
    let found = PATTERNS.iter().find(|it| answers(it.prefix, is_for_navigations(it)));
    found.map(|it| (it.route.open(), it.prefix.len()))
}

/// The page of the nearest folder upward.
pub(super) fn not_found(key: &[u8]) -> Option<AnyResource> {
    let page = NOT_FOUND.iter().find(|page| key.starts_with(page.folder));
    page.map(|page| AnyResource::embedded(page.resource))
}

/// All routes, in the order of the root hash but for that of the exact keys.
pub(super) fn routes() -> Vec<listing::Listed> {
    let exact = ROUTES.entries().map(|(key, route)| (MatchKind::Exact, *key, route.open()));
    let below = PATTERNS.iter().map(|it| (MatchKind::Below, it.prefix, it.route.open()));
    let not_found = NOT_FOUND.iter().map(|it| {
        (MatchKind::NotFound, it.folder, AnyRoute::Resource(AnyResource::embedded(it.resource)))
    });
    let listed = |(match_kind, key, route)| listing::Listed { match_kind, key, route };
    exact.chain(below).chain(not_found).map(listed).collect()
}

/// The files of the site, as its author has them.
pub(super) fn files() -> Vec<listing::File> {
    let identity = |it: &'static Resource| it.representations.first().map(|form| form.content);
    let served = RESOURCES.iter().filter_map(|it| Some((it.path, identity(it)?, false)));
    let rules = RULES.iter().map(|it| (it.path, it.content, true));
    let file = |(path, content, is_of_rules): (&'static str, Content, bool)| {
        listing::File::new(path.as_bytes(), content.bytes(), is_of_rules)
    };
    served.chain(rules).map(file).collect()
}

/// The names of contents that are not what they were.
pub(super) fn damaged() -> Vec<String> {
    use chapbook_format::digest;
    let files = CONTENTS.entries().iter().filter_map(DirEntry::as_file).map(Content);
    let is_damaged = |it: &Content| digest::hexadecimal(&digest::of(it.bytes())) != it.name();
    files.filter(is_damaged).map(|it| format!("content {}", it.name())).collect()
}
