//! Files of a site folder by their URLs, read before the site is compiled.

use std::{
    io::{self, Read},
    path::Path,
};

use chapbook_format::path;
use url::Url;

use crate::{
    routing::Mount,
    site_folder::{SiteFolder, SourceFile},
};

/// A site folder that has not been walked. No link is followed, so that nothing outside of it is
/// read.
#[derive(Debug)]
pub(super) struct SiteFiles {
    folder: SiteFolder,
    mount: Mount,
}

impl SiteFiles {
    pub(super) fn new(root: &Path, mount: &Mount) -> Self {
        Self { folder: SiteFolder::at(root), mount: mount.clone() }
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

    /// The first bytes of a file, at most this number.
    pub(super) fn start(&self, file_path: &str, length_max: u64) -> io::Result<Vec<u8>> {
        let path = file_path.to_owned();
        let file = SourceFile { path, length: 0, identity: None, target: None };
        self.folder.start(&file, length_max)
    }

    /// The bytes of a file, unless there are more than this number.
    pub(super) fn read(&self, file_path: &str, length_max: u64) -> io::Result<Vec<u8>> {
        let path = file_path.to_owned();
        let file = SourceFile { path, length: 0, identity: None, target: None };
        let mut bytes = Vec::new();
        self.folder.open(&file)?.0.take(length_max + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > length_max {
            let mib = length_max >> 20;
            return Err(io::Error::other(format!("it is longer than {mib} MiB")));
        }
        Ok(bytes)
    }
}
