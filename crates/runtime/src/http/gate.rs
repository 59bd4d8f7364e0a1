//! Gate of a server: what a request needs besides a route, and the files that need nothing.

use super::secret::Secret;

/// What a server requires of requests before its site responds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gate {
    /// Whether plain HTTP leads to HTTPS. Browsers on this machine, to which `localhost` is as
    /// secure, are served without it.
    pub requires_tls: bool,
    /// Files of the server itself, which are served over plain HTTP, too, and before those of the
    /// site.
    pub files: Vec<WellKnownFile>,
    /// The secret without which no request reaches the site; `None` if none is needed.
    pub secret: Option<Secret>,
}

/// A file of the server itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WellKnownFile {
    /// The key of its path.
    pub key: &'static str,
    /// The media type.
    pub media_type: &'static str,
    /// The content.
    pub content: Vec<u8>,
}
