//! The site: a key in, what answers there out. All of it was decided when the site was compiled.
//!
//! There is one set of nouns (`route.rs`, `representation.rs`, `content.rs`) and two sources: the
//! tables that rustc built into the executable, and a payload that is read in place. Nothing here
//! depends on requests.

mod check;
mod content;
mod embedded;
mod listing;
mod load;
mod packed_routes;
mod packed_site;
mod part_state;
mod representation;
mod route;

use chapbook_format::{SiteInfo, digest::Hash, path, payload::PayloadError};

use self::packed_site::PackedSite;
pub use self::{
    check::{Check, Progress},
    content::{Content, PackedContent, UnverifiedContent},
    load::LoadError,
    part_state::Readiness,
    representation::{Head, Representation, Resource},
    route::{File, Listed, Route},
};
pub use chapbook_format::payload::MatchKind;

/// A site that can be served.
#[derive(Debug, Clone, Copy)]
pub struct Site(Source);

/// Where a site is. Each source has tables of its own, and none is copied into another's.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// In the tables that rustc built into the executable.
    Embedded,
    /// In a payload, packed into this executable or compiled from a folder.
    Packed(&'static PackedSite),
}

impl Site {
    /// The site that was embedded in this executable when it was built.
    #[must_use]
    pub fn embedded() -> Self {
        Self(Source::Embedded)
    }

    /// The site in this executable: the packed one if there is one, else the embedded one.
    ///
    /// # Errors
    ///
    /// If a site was packed and cannot be used. The embedded site must not answer instead.
    pub fn load() -> Result<Self, LoadError> {
        match load::packed()? {
            None => Ok(Self::embedded()),
            Some(payload) => Self::of_payload(payload).map_err(LoadError::Payload),
        }
    }

    /// The site in a payload.
    ///
    /// # Errors
    ///
    /// If the header or the index is damaged, or has another format.
    pub fn of_payload(payload: &'static [u8]) -> Result<Self, PayloadError> {
        Ok(Self(Source::Packed(Box::leak(Box::new(PackedSite::open(payload)?)))))
    }

    /// What answers at exactly this key.
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<Route> {
        match self.0 {
            Source::Embedded => embedded::find(key),
            Source::Packed(site) => site.find(key),
        }
    }

    /// What answers at this key by a rule with `*`, and the length of the prefix of that rule. A
    /// resource answers navigations only: instead of a missing script or image, it would hide that
    /// something is missing.
    #[must_use]
    pub fn find_below(&self, key: &[u8]) -> Option<(Route, usize)> {
        let matches = |prefix: &[u8], is_for_navigations: bool| {
            key.starts_with(prefix) && (!is_for_navigations || path::is_navigation(key))
        };
        match self.0 {
            Source::Embedded => embedded::find_below(matches),
            Source::Packed(site) => site.find_below(matches),
        }
    }

    /// The not-found page for this key: that of the nearest folder upward.
    #[must_use]
    pub fn not_found(&self, key: &[u8]) -> Option<Route> {
        match self.0 {
            Source::Embedded => embedded::not_found(key),
            Source::Packed(site) => site.not_found(key),
        }
    }

    /// Facts about the site.
    #[must_use]
    pub fn info(&self) -> &'static SiteInfo<&'static str> {
        match self.0 {
            Source::Embedded => &embedded::INFO,
            Source::Packed(site) => site.info(),
        }
    }

    /// The root hash that was recorded when the site was compiled.
    #[must_use]
    pub fn root_hash(&self) -> &'static Hash {
        match self.0 {
            Source::Embedded => &embedded::ROOT_HASH,
            Source::Packed(site) => site.root_hash(),
        }
    }

    /// Whether parts are verified while the site is served, so that damage may be found then.
    #[must_use]
    pub fn is_verified_lazily(&self) -> bool {
        matches!(self.0, Source::Packed(_))
    }

    /// Whether [`Site::take_damage`] would return anything.
    #[must_use]
    pub fn has_damage(&self) -> bool {
        match self.0 {
            Source::Embedded => false,
            Source::Packed(site) => site.has_damage(),
        }
    }

    /// The names of parts that were found damaged since the last call.
    #[must_use]
    pub fn take_damage(&self) -> Vec<String> {
        match self.0 {
            Source::Embedded => Vec::new(),
            Source::Packed(site) => site.take_damage(),
        }
    }
}
