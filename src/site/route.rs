//! Routes and files of a site, whatever its source.

use chapbook_format::payload::ListedRoute;

use super::{
    content::Content,
    representation::{Head, Resource},
};

/// What answers at a key.
#[derive(Debug, Clone, Copy)]
pub enum Route {
    /// Content.
    Resource(Resource),
    /// A redirect, with this head.
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
    /// A route whose record is damaged.
    Damaged,
}

/// A route with the keys it answers at.
pub type Listed = ListedRoute<&'static [u8], Route>;

/// A file that the site was made from.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// The path within the site.
    pub path: &'static [u8],
    /// The content, not encoded.
    pub content: Content,
    /// Whether it holds rules (`_redirects`, `_headers`), so that no route answers with it.
    pub is_rule_file: bool,
}
