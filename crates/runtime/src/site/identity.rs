//! Identity of a site for other programs on this machine: which site listens at a port.

use chapbook_format::digest::{self, Hash};
use serde::{Deserialize, Serialize};

/// The key of the path that answers with the identity, unless the site has a route for it.
pub const IDENTITY_KEY: &[u8] = b"/.well-known/chapbook";

/// Which site a server serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The name in the site's own origin: a host label.
    pub name: String,
    /// The root hash in hexadecimal digits.
    pub root_hash: String,
    /// The version of Chapbook.
    pub version: String,
}

impl Identity {
    /// The identity of a site with this name and root hash.
    #[must_use]
    pub fn new(name: &str, root_hash: &Hash) -> Self {
        Self {
            name: name.to_owned(),
            root_hash: digest::hexadecimal(root_hash),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// The identity as JSON.
    pub(super) fn to_json(&self) -> String {
        // Text always has a form in JSON.
        serde_json::to_string(self).map(|json| json + "\n").unwrap_or_default()
    }
}
