//! What the startup message says about HTTPS.

/// URLs of a server with HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecureUrls {
    /// The page that helps to trust the local CA; `None` with a certificate of the user.
    pub(super) trust: Option<TrustPage>,
    /// The DNS name that a certificate of the user is for, if it is not for an address.
    pub(super) name: Option<String>,
}

/// The page that helps to trust the local CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TrustPage {
    /// Its path.
    pub(super) path: &'static str,
    /// The fingerprint of the CA, in two lines.
    pub(super) fingerprint: [String; 2],
}
