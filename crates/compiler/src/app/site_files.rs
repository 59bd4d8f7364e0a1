//! Files of a site folder by their URLs.

use chapbook_format::path;
use url::Url;

use crate::{routing::Mount, site_folder::SiteFolder};

/// A site folder, and the path that it is served at.
#[derive(Debug)]
pub(super) struct SiteFiles<'f> {
    folder: &'f SiteFolder,
    mount: &'f Mount,
}

impl<'f> SiteFiles<'f> {
    pub(super) fn new(folder: &'f SiteFolder, mount: &'f Mount) -> Self {
        Self { folder, mount }
    }

    /// The URL of a file, on a host that does not exist.
    pub(super) fn url_of(&self, file_path: &str) -> Option<Url> {
        let path = path::encode(file_path);
        Url::parse(&format!("http://site.invalid{}{path}", self.mount.url_path())).ok()
    }

    /// The path of the file at a URL; `None` if it is not a URL of the site.
    pub(super) fn path_of(&self, url: &Url) -> Option<String> {
        let is_own = url.scheme() == "http" && url.host_str() == Some("site.invalid");
        let key = path::text_key(url.path()).filter(|_| is_own)?;
        let path = self.mount.path_of(&key)?;
        (!path.is_empty()).then(|| path.to_owned())
    }

    /// A text of the site, which is kept in memory for the lints; `None` if it cannot be read.
    pub(super) fn text(&self, file_path: &str) -> Option<Vec<u8>> {
        let (bytes, _) = self.folder.read_shared(self.folder.find(file_path)?).ok()?;
        Some(bytes.to_vec())
    }
}
