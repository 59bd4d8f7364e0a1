//! This file owns the door to the content: a key in, what answers there out. Everything behind it
//! was decided when the site was compiled. It knows no request, and not how the content came.

mod embedded;
#[cfg(feature = "pack")]
mod loaded;

use chapbook_bundle::{ContentCoding, path};
use include_dir::File;

/// A site, ready to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    routes: Routes,
    patterns: &'static [PatternRoute],
    not_found: &'static [NotFoundPage],
    last_modified: Option<u64>,
}

/// What answers at each key. It is asked for every request, so that each way of carrying a site has
/// its own table and none is copied into another's.
#[derive(Debug, Clone, Copy)]
enum Routes {
    /// A perfect hash that rustc made.
    Embedded(&'static phf::Map<&'static [u8], Route>),
    /// Of a folder that was compiled a moment ago.
    #[cfg(feature = "pack")]
    Loaded(&'static std::collections::HashMap<&'static [u8], Route>),
}

/// What answers at a key.
#[derive(Debug)]
pub enum Route {
    /// Content.
    Resource(&'static Resource),
    /// The head of a redirect, without its `Date`.
    Redirect(&'static str),
    /// The head of a redirect around the rest of the path, without its `Date`.
    RedirectAround {
        /// What stands before the rest of the path.
        before: &'static str,
        /// What stands behind it.
        after: &'static str,
    },
}

/// What answers at every key that begins with another, where nothing answers at the key itself.
#[derive(Debug)]
pub struct PatternRoute {
    prefix: &'static [u8],
    route: Route,
}

/// One thing in all the forms that it can be sent in.
#[derive(Debug)]
pub struct Resource {
    /// Identity first, the others from small to large.
    pub representations: &'static [Representation],
}

/// The exact bytes of one form, with the head they are sent with.
#[derive(Debug)]
pub struct Representation {
    /// How the content is coded.
    pub coding: ContentCoding,
    /// The bytes.
    pub content: Content,
    /// The strong entity tag, with its quotes.
    pub entity_tag: &'static str,
    /// The head that it is sent with.
    pub head: Head,
}

/// A precomputed head, without its `Date` and the empty line; see `crates/bundle/src/bind/head.rs`.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    text: &'static str,
    content_fields_at: usize,
    lasting_fields_at: usize,
}

impl Head {
    /// All of it, from the status line.
    #[must_use]
    pub fn whole(&self) -> &'static str {
        self.text
    }

    /// The fields from `Content-Type` on, which a 206 has too.
    #[must_use]
    pub fn content_fields(&self) -> &'static str {
        &self.text[self.content_fields_at..]
    }

    /// The fields from `ETag` on, which a 304 has too.
    #[must_use]
    pub fn lasting_fields(&self) -> &'static str {
        &self.text[self.lasting_fields_at..]
    }
}

/// Where content lies.
#[derive(Debug, Clone, Copy)]
pub struct Content(Place);

#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the executable. Which bytes these are is not known before it runs: `contents` is no
    /// `const fn`.
    Executable(&'static File<'static>),
    /// In memory that is never given back.
    #[cfg(feature = "pack")]
    Memory(&'static [u8]),
}

impl Content {
    /// The bytes, which live as long as the process.
    #[must_use]
    pub fn bytes(self) -> &'static [u8] {
        match self.0 {
            Place::Executable(file) => file.contents(),
            #[cfg(feature = "pack")]
            Place::Memory(bytes) => bytes,
        }
    }
}

/// A page that is sent with status 404.
#[derive(Debug)]
pub struct NotFoundPage {
    folder: &'static [u8],
    resource: &'static Resource,
}

impl Site {
    /// The site that was bound into this executable when it was built.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            routes: Routes::Embedded(&embedded::ROUTES),
            patterns: &embedded::PATTERNS,
            not_found: &embedded::NOT_FOUND,
            last_modified: embedded::LAST_MODIFIED,
        }
    }

    /// A site that was compiled a moment ago, and is served until the process ends: its memory is
    /// never given back.
    #[cfg(feature = "pack")]
    #[must_use]
    pub fn loaded(bundle: chapbook_bundle::Bundle) -> Self {
        loaded::site(bundle)
    }

    /// What answers at this key.
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<&'static Route> {
        match self.routes {
            Routes::Embedded(routes) => routes.get(key),
            #[cfg(feature = "pack")]
            Routes::Loaded(routes) => routes.get(key),
        }
    }

    /// What answers at this key by a rule for all that begin with another, and how long that one
    /// is. A resource answers navigations only: in place of a missing script or picture, it would
    /// hide that it is missing.
    #[must_use]
    pub fn find_below(&self, key: &[u8]) -> Option<(&'static Route, usize)> {
        let answers = |it: &&PatternRoute| {
            let is_for_all = !matches!(it.route, Route::Resource(_));
            key.starts_with(it.prefix) && (is_for_all || path::is_navigation(key))
        };
        let found = self.patterns.iter().find(answers);
        found.map(|it| (&it.route, it.prefix.len()))
    }

    /// The site's page for a key that nothing answers at: that of the nearest folder upward.
    #[must_use]
    pub fn not_found(&self, key: &[u8]) -> Option<&'static Resource> {
        let page = self.not_found.iter().find(|page| key.starts_with(page.folder));
        page.map(|page| page.resource)
    }

    /// When the site was made, in seconds since 1970, if its author said so.
    #[must_use]
    pub fn last_modified(&self) -> Option<u64> {
        self.last_modified
    }
}
