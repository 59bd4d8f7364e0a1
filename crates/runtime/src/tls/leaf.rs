//! A certificate that the local CA issues, and what it is requested for.

use std::net::IpAddr;

use rustls::sign::CertifiedKey;

/// Addresses and names that a certificate is requested for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hosts<'a> {
    /// The addresses of this machine for others.
    pub addresses: &'a [IpAddr],
    /// The host name of this machine.
    pub host_name: Option<&'a str>,
    /// Further names, such as that of the site below `localhost`.
    pub names: &'a [&'a str],
}

/// A certificate for a server, with its key.
#[derive(Debug)]
pub struct Leaf {
    /// The certificate alone, since clients have that of the CA, and its private key.
    pub certified: CertifiedKey,
    /// Addresses and host names that the CA may not certify.
    pub left_out: Vec<LeftOut>,
}

/// What a certificate was requested for and does not have. One name that the constraints do not
/// permit would make clients reject all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftOut {
    /// An address that is neither private nor local.
    Address(IpAddr),
    /// A host name that the machine did not have when the CA was made.
    HostName(String),
    /// A host name that may be that of a public site.
    PublicHostName(String),
    /// A host name that may be a top-level domain.
    TopLevelHostName(String),
}
