//! The default site of the repository as a payload, for unit tests.

use std::{path::Path, sync::OnceLock};

use super::Site;

/// The default site.
pub(crate) fn default_site() -> Site<'static> {
    static SITE: OnceLock<Site<'static>> = OnceLock::new();
    *SITE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../site");
        let payload = chapbook_oracle::payload::payload_of(&folder);
        Site::of_payload(payload.leak()).expect("the compiler writes valid payloads")
    })
}
