//! Routes and files of a site.

use chapbook_format::payload::ListedRoute;

use super::{
    content::Content,
    representation::{RedirectHead, Resource},
};

/// What a key leads to.
#[derive(Debug, Clone, Copy)]
pub enum Route<'s> {
    /// A resource.
    Resource(Resource<'s>),
    /// A redirect with this response head.
    Redirect(RedirectHead<'s>),
    /// A route that cannot be used because its record is damaged.
    Damaged,
}

/// A route with its key and match kind.
pub type Listed<'s> = ListedRoute<&'s [u8], Route<'s>>;

/// A file that the site was compiled from.
#[derive(Debug, Clone, Copy)]
pub struct SiteFile<'s> {
    /// The path within the site.
    pub path: &'s [u8],
    /// The content, not encoded.
    pub content: Content<'s>,
    /// Whether it contains rules (`_redirects`, `_headers`), so that no route leads to it.
    pub is_rule_file: bool,
}
