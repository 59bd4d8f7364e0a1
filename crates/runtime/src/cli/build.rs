//! What the executable was built from, which its own package knows and this crate does not.

use std::sync::OnceLock;

use crate::site::{EmbeddedSite, LoadError, Site};

/// What an executable was built from.
#[derive(Debug)]
pub struct Build {
    /// The site that is embedded.
    pub site: &'static EmbeddedSite,
    /// The version of rustls, if it is known.
    pub rustls_version: Option<&'static str>,
    /// The licences of the software in the executable, compressed as a DEFLATE stream.
    pub notices: &'static [u8],
}

/// The build of this process: like its arguments, it is the same everywhere.
static BUILD: OnceLock<&'static Build> = OnceLock::new();

/// Sets the build of this process. Only the first call has an effect.
pub(super) fn set(build: &'static Build) {
    let _ = BUILD.set(build);
}

fn build() -> &'static Build {
    BUILD.get().expect("`run` sets it before it parses the command line")
}

/// The version of rustls, if it is known.
pub(super) fn rustls_version() -> Option<&'static str> {
    build().rustls_version
}

/// The licences of the software in this executable, compressed as a DEFLATE stream.
pub(super) fn notices() -> &'static [u8] {
    build().notices
}

/// The site of this executable.
///
/// # Errors
///
/// If the packed site or the book cannot be used.
pub(super) fn load_site() -> Result<Site<'static>, LoadError> {
    Site::load(build().site)
}
