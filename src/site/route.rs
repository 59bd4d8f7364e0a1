//! Routes and files of a site.

use chapbook_format::payload::ListedRoute;

use super::{
    content::Content,
    representation::{Head, Resource},
};

/// What a key leads to.
#[derive(Debug, Clone, Copy)]
pub enum Route {
    /// A resource.
    Resource(Resource),
    /// A redirect with this response head.
    Redirect(Head),
    /// A redirect to a location that contains the rest of the path.
    SplatRedirect {
        /// The status code.
        status: u16,
        /// The head before the rest of the path.
        before: &'static [u8],
        /// The head after the rest of the path.
        after: &'static [u8],
    },
    /// A route that cannot be used because its record is damaged.
    Damaged,
}

/// A route with its key and match kind.
pub type Listed = ListedRoute<&'static [u8], Route>;

/// A file that the site was compiled from.
#[derive(Debug, Clone, Copy)]
pub struct SiteFile {
    /// The path within the site.
    pub path: &'static [u8],
    /// The content, not encoded.
    pub content: Content,
    /// Whether it contains rules (`_redirects`, `_headers`), so that no route leads to it.
    pub is_rule_file: bool,
}
