//! Replacement for `https` in a build without the feature `tls`: it has the same names and no
//! options.

use std::net::SocketAddr;

use clap::Args;

use super::{failure::Failure, listened::Listened, secure_urls::SecureUrls};
use crate::{http::Gate, tls::TlsConfig};

#[derive(Debug, Args)]
pub(super) struct HttpsArguments {}

/// What a server needs for HTTPS, which no server has.
#[derive(Debug)]
pub(super) struct Https {
    pub(super) config: TlsConfig,
    pub(super) gate: Gate,
    pub(super) urls: SecureUrls,
    pub(super) warnings: Vec<String>,
}

#[expect(clippy::unused_self, reason = "there is no value to call it on")]
impl Https {
    pub(super) fn rank(&self, _: &mut [SocketAddr]) {}
}

#[expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "the methods are those of options that may be given"
)]
impl HttpsArguments {
    pub(super) fn check(&self) -> Result<(), Failure> {
        Ok(())
    }

    pub(super) fn is_requested(&self) -> bool {
        false
    }

    pub(super) fn prepare(&self, _: &Listened<'_>) -> Result<Option<Https>, Failure> {
        Ok(None)
    }
}
