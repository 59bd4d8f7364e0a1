//! This file owns the door to the content: a key in, what answers there out. Everything behind it
//! was decided when the site was compiled. It knows no request, and not how the content came.

mod embedded;
mod listing;
mod load;
mod packed_site;
mod resource;

use chapbook_format::{digest::Hash, path};

use self::packed_site::PackedSite;
pub use self::{
    listing::{File, Listed, MatchKind},
    load::LoadError,
    packed_site::{Check, Progress},
    resource::{Head, Readiness, Representation, Resource},
};

/// A site, ready to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Site(Source);

/// Each way of carrying a site has its own tables, and none is copied into another's.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// Bound into this executable when it was built: a perfect hash that rustc made.
    Embedded,
    /// A payload, packed into this executable or made of a folder a moment ago.
    PackedSite(&'static PackedSite),
}

/// What answers at a key.
#[derive(Debug, Clone, Copy)]
pub enum Route {
    /// Content.
    Resource(Resource),
    /// The head of a redirect, without its `Date`.
    Redirect(&'static [u8]),
    /// The head of a redirect around the rest of the path, without its `Date`.
    SplatRedirect {
        /// What stands before the rest of the path.
        before: &'static [u8],
        /// What stands behind it.
        after: &'static [u8],
    },
    /// There was something, but what is left of it is not what it was.
    Damaged,
}

impl Site {
    /// The site that was bound into this executable when it was built.
    #[must_use]
    pub fn embedded() -> Self {
        Self(Source::Embedded)
    }

    /// The site that this executable carries: the one that was packed into it, or else the one that
    /// was bound into it when it was built.
    ///
    /// # Errors
    ///
    /// If a site was packed, and is not there whole.
    pub fn load() -> Result<Self, LoadError> {
        load::site()
    }

    /// The site of a payload.
    ///
    /// # Errors
    ///
    /// If it is none, or its index is damaged.
    pub fn of_payload(
        bytes: &'static [u8],
    ) -> Result<Self, chapbook_format::payload::PayloadError> {
        Ok(Self(Source::PackedSite(Box::leak(Box::new(PackedSite::open(bytes)?)))))
    }

    /// What answers at this key.
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<Route> {
        match self.0 {
            Source::Embedded => embedded::find(key),
            Source::PackedSite(book) => book.find(key),
        }
    }

    /// What answers at this key by a rule for all that begin with another, and how long that one
    /// is. A resource answers navigations only: in place of a missing script or picture, it would
    /// hide that it is missing.
    #[must_use]
    pub fn find_below(&self, key: &[u8]) -> Option<(Route, usize)> {
        let answers = |prefix: &[u8], is_for_navigations: bool| {
            key.starts_with(prefix) && (!is_for_navigations || path::is_navigation(key))
        };
        match self.0 {
            Source::Embedded => embedded::find_below(answers),
            Source::PackedSite(book) => book.find_below(answers),
        }
    }

    /// The site's page for a key that nothing answers at: that of the nearest folder upward.
    #[must_use]
    pub fn not_found(&self, key: &[u8]) -> Option<Route> {
        match self.0 {
            Source::Embedded => embedded::not_found(key).map(Route::Resource),
            Source::PackedSite(book) => book.not_found(key),
        }
    }

    /// The title of the page at `/`, if there is one that has one. It may hold any characters.
    #[must_use]
    pub fn title(&self) -> Option<&'static str> {
        match self.0 {
            Source::Embedded => embedded::TITLE,
            Source::PackedSite(book) => book.title(),
        }
    }

    /// When the site was made, in seconds since 1970, if its author said so.
    #[must_use]
    pub fn last_modified(&self) -> Option<u64> {
        match self.0 {
            Source::Embedded => embedded::LAST_MODIFIED,
            Source::PackedSite(book) => book.last_modified(),
        }
    }

    /// The root hash that was written down with the site.
    #[must_use]
    pub fn root_hash(&self) -> &'static Hash {
        match self.0 {
            Source::Embedded => &embedded::ROOT_HASH,
            Source::PackedSite(book) => book.root_hash(),
        }
    }

    /// Whether content may be found damaged while it is served.
    #[must_use]
    pub fn is_checked_late(&self) -> bool {
        matches!(self.0, Source::PackedSite(_))
    }

    /// Whether damage was found that [`Site::damage`] has not told yet.
    #[must_use]
    pub fn has_damage_to_tell(&self) -> bool {
        match self.0 {
            Source::Embedded => false,
            Source::PackedSite(book) => book.has_damage_to_tell(),
        }
    }

    /// What was found damaged since this was last asked, each told once.
    #[must_use]
    pub fn damage(&self) -> Vec<String> {
        match self.0 {
            Source::Embedded => Vec::new(),
            Source::PackedSite(book) => book.damage(),
        }
    }
}
