//! The site: a key in, a route out. Everything was decided when the site was compiled; nothing here
//! depends on a request.
//!
//! `route.rs`, `representation.rs` and `content.rs` define the types. A site has one of two
//! sources: the tables that rustc compiled into the executable, or a payload that is read in place.

mod book;
mod content;
mod content_cursor;
mod damage;
#[cfg(test)]
mod default_site;
mod embedded_site;
mod file_content;
mod folder_site;
mod identity;
mod integrity;
mod listing;
mod load;
mod mapped_file;
mod opened_files;
mod packed_content;
mod packed_routes;
mod packed_site;
mod representation;
mod route;

use chapbook_format::{PathFields, SiteInfo, digest::Hash, path, payload::PayloadError};

#[cfg(target_os = "linux")]
pub(crate) use self::book::locate as locate_in_book;
#[cfg(test)]
pub(crate) use self::default_site::default_site;
pub use self::{
    book::book_path,
    content::Content,
    content_cursor::{ContentCursor, DamagedContent},
    damage::Damage,
    embedded_site::{EmbeddedSite, EmbeddedTables, embedded_content},
    file_content::{FileContent, FolderFile, PlacedFile},
    folder_site::FolderSite,
    identity::{IDENTITY_KEY, Identity},
    load::LoadError,
    opened_files::OpenedFile,
    packed_content::PackedContent,
    packed_site::PackedSite,
    representation::{Head, RedirectHead, Representation, Resource},
    route::{Listed, Route, SiteFile},
};
pub use chapbook_format::payload::MatchKind;

/// The name of a site whose texts have no letter and no digit.
pub const UNNAMED: &str = "site";

/// A site that can be served. A packed or embedded one lasts as long as the process, the one of a
/// folder until the folder changes.
#[derive(Debug, Clone, Copy)]
pub struct Site<'s>(SiteSource<'s>);

/// Where the tables of a site are.
#[derive(Debug, Clone, Copy)]
enum SiteSource<'s> {
    /// In the executable, compiled by rustc.
    Embedded(&'static EmbeddedSite),
    /// In a payload, packed into this executable or compiled from a folder.
    Packed(&'s PackedSite<'s>),
}

impl Site<'static> {
    /// A site that was embedded in the executable when it was built.
    #[must_use]
    pub fn embedded(site: &'static EmbeddedSite) -> Self {
        Self(SiteSource::Embedded(site))
    }

    /// The site of this executable: the packed one, or the one in its book, or else the embedded
    /// one.
    ///
    /// # Errors
    ///
    /// If the packed site or the book cannot be used, or the book is missing; the embedded site is
    /// not a substitute.
    pub fn load(embedded: &'static EmbeddedSite) -> Result<Self, LoadError> {
        let Some((payload, book)) = load::payload(embedded.is_default())? else {
            return Ok(Self::embedded(embedded));
        };
        Self::of_payload(payload).map_err(|error| match book {
            Some(path) => LoadError::Book(path, error),
            None => LoadError::Payload(error),
        })
    }

    /// The site in a payload.
    ///
    /// # Errors
    ///
    /// If the header or the index is damaged, or has another format.
    pub fn of_payload(payload: &'static [u8]) -> Result<Self, PayloadError> {
        Ok(Self::packed(Box::leak(Box::new(PackedSite::open(payload)?))))
    }
}

impl<'s> Site<'s> {
    /// The site in a payload that is open.
    #[must_use]
    pub fn packed(site: &'s PackedSite<'s>) -> Self {
        Self(SiteSource::Packed(site))
    }

    /// The route with exactly this key.
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<Route<'s>> {
        match self.0 {
            SiteSource::Embedded(site) => site.find(key),
            SiteSource::Packed(site) => site.find(key),
        }
    }

    /// The first rule with `*` that matches this key, and the length of the rule's prefix in bytes.
    /// A rule for a resource matches navigations only: a page in place of a missing script or image
    /// would hide the mistake.
    #[must_use]
    pub fn find_below(&self, key: &[u8]) -> Option<(Route<'s>, usize)> {
        let matches = |prefix: &[u8], is_for_navigations: bool| {
            key.starts_with(prefix) && (!is_for_navigations || path::is_navigation(key))
        };
        match self.0 {
            SiteSource::Embedded(site) => site.find_below(matches),
            SiteSource::Packed(site) => site.find_below(matches),
        }
    }

    /// The not-found page for this key, from the nearest folder above it that has one.
    #[must_use]
    pub fn not_found(&self, key: &[u8]) -> Option<Route<'s>> {
        match self.0 {
            SiteSource::Embedded(site) => site.not_found(key),
            SiteSource::Packed(site) => site.not_found(key),
        }
    }

    /// The fields of responses at this key that have no head of their own.
    #[must_use]
    pub fn path_fields(&self, key: &[u8]) -> PathFields<&'s [u8]> {
        self.author_fields(key).unwrap_or(PathFields::DEFAULT)
    }

    /// The same, if the author of the site gives this key fields.
    #[must_use]
    pub fn author_fields(&self, key: &[u8]) -> Option<PathFields<&'s [u8]>> {
        match self.0 {
            SiteSource::Embedded(site) => site.path_fields(key),
            SiteSource::Packed(site) => site.directory().path_fields().find(|it| it.matches(key)),
        }
    }

    /// Metadata of the site.
    #[must_use]
    pub fn info(&self) -> &'s SiteInfo<&'s str> {
        match self.0 {
            SiteSource::Embedded(site) => site.info(),
            SiteSource::Packed(site) => site.info(),
        }
    }

    /// The name in the site's own origin, `http://NAME.localhost`: a host label.
    #[must_use]
    pub fn name(&self) -> &'s str {
        self.info().name.unwrap_or(UNNAMED)
    }

    /// The identity of the site.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::new(self.name(), self.root_hash())
    }

    /// The identity of the site as JSON. The first call allocates it.
    #[must_use]
    pub fn identity_json(&self) -> &'s str {
        let json = match self.0 {
            SiteSource::Embedded(site) => site.identity_json(),
            SiteSource::Packed(site) => site.identity_json(),
        };
        json.get_or_init(|| self.identity().to_json())
    }

    /// Whether the site is in a payload and not compiled into the executable.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        matches!(self.0, SiteSource::Packed(_))
    }

    /// Whether a content may have at least this length, in bytes. Of a packed site, which may have
    /// a million contents, it is only known whether they have it together.
    #[must_use]
    pub fn may_have_content_of(&self, length: usize) -> bool {
        match self.0 {
            SiteSource::Embedded(site) => site.has_content_of(length),
            SiteSource::Packed(site) => site.has_contents_of(length),
        }
    }

    /// The root hash that was recorded when the site was compiled.
    #[must_use]
    pub fn root_hash(&self) -> &'s Hash {
        match self.0 {
            SiteSource::Embedded(site) => site.root_hash(),
            SiteSource::Packed(site) => site.root_hash(),
        }
    }

    /// Whether [`Site::take_damage`] would return a name.
    #[must_use]
    pub fn has_damage(&self) -> bool {
        match self.0 {
            SiteSource::Embedded(_) => false,
            SiteSource::Packed(site) => site.has_damage(),
        }
    }

    /// The parts that were found damaged since the last call.
    #[must_use]
    pub fn take_damage(&self) -> Vec<Damage> {
        match self.0 {
            SiteSource::Embedded(_) => Vec::new(),
            SiteSource::Packed(site) => site.take_damage(),
        }
    }
}
