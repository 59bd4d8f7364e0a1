//! Where a server listens, as far as its certificate depends on it.

use std::net::SocketAddr;

/// Where a server listens.
#[derive(Debug)]
#[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "there is no certificate"))]
pub(super) struct Listened<'a> {
    /// The address for this machine.
    pub(super) address: SocketAddr,
    /// The addresses for other machines; `None` if only this one can connect.
    pub(super) shared: Option<&'a [SocketAddr]>,
    /// The host of the site's own origin, if it is shown.
    pub(super) origin: Option<&'a str>,
    /// The path of the home page.
    pub(super) home: &'a str,
}
