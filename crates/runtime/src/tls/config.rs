//! Settings of TLS that all connections of a server share.

use std::sync::Arc;

use rustls::{
    Error, ServerConfig,
    crypto::ring,
    server::NoServerSessionStorage,
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::clock::{Clock, Tickets};

/// The certificate, its key and what is negotiated: TLS 1.3 or 1.2 with HTTP/1.1. The name that the
/// client asks for (SNI) does not matter, since there is one certificate.
#[derive(Debug, Clone)]
pub struct TlsConfig(Arc<ServerConfig>);

impl TlsConfig {
    /// Settings with a certificate, the intermediate ones after it, and its key.
    ///
    /// # Errors
    ///
    /// If the key does not belong to the certificate, or if the system clock is before 1970.
    pub fn new(certified: CertifiedKey) -> Result<Self, Error> {
        certified.keys_match()?;
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        let certificate = Arc::new(SingleCertAndKey::from(certified));
        let mut config = builder.with_no_client_auth().with_cert_resolver(certificate);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Tickets are encrypted for the server itself, with keys that rotate, so that resuming a
        // session takes no memory here. Browsers use one of them at a time.
        config.ticketer = Arc::new(Tickets::new(Clock::SYSTEM)?);
        config.time_provider = Arc::new(Clock::SYSTEM);
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 1;
        // Clients without instructions for AES, as many phones have been, prefer ChaCha20.
        config.ignore_client_order = false;
        Ok(Self(Arc::new(config)))
    }

    /// The settings for the sessions.
    pub(super) fn shared(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0)
    }
}
