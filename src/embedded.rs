//! Embedded site: the tables that `build.rs` wrote as Rust text when the executable was built.

#![allow(clippy::unreadable_literal, reason = "the key of the perfect hash is a random number")]

#[allow(unused_imports, reason = "a small site uses only some of them")]
use chapbook_format::{
    ContentCoding, PathFields, SharedHead, SiteInfo, digest::Hash, payload::MatchKind,
};
use chapbook_runtime::{
    cli::Build,
    site::{self, EmbeddedSite, EmbeddedTables, Site, embedded_content},
};
use include_dir::{Dir, include_dir};

// The names in the text that `build.rs` writes.
type Content = site::Content<'static>;
type Head = site::Head<'static>;
#[allow(dead_code, reason = "a site without redirects does not use it")]
type RedirectHead = site::RedirectHead<'static>;
type Representation = site::Representation<'static>;
type Resource = site::Resource<'static>;
type Listed = site::Listed<'static>;
type Route = site::Route<'static>;
type File = site::SiteFile<'static>;

include!(concat!(env!("OUT_DIR"), "/routes.rs"));

const fn content(folder: usize, file: usize) -> Content {
    embedded_content(&CONTENTS, folder, file)
}

static SITE: EmbeddedSite = EmbeddedSite::new(EmbeddedTables {
    contents: &CONTENTS,
    routes: &ROUTES,
    patterns: &PATTERNS,
    not_found: &NOT_FOUND,
    path_fields: &PATH_FIELDS,
    files: &FILES,
    root_hash: &ROOT_HASH,
    info: &INFO,
    is_default: option_env!("CHAPBOOK_SITE").is_none(),
});

/// What this executable was built from.
pub static BUILD: Build = Build {
    site: &SITE,
    rustls_version: option_env!("CHAPBOOK_RUSTLS_VERSION"),
    notices: include_bytes!(concat!(env!("OUT_DIR"), "/notices.deflate")),
};

/// The site that was embedded in this executable when it was built.
#[must_use]
pub fn embedded_site() -> Site<'static> {
    Site::embedded(&SITE)
}
