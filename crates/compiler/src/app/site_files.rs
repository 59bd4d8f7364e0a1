//! Files of a site folder by their URLs.

use std::io::{self, Read};

use chapbook_format::path;
use url::Url;

use crate::{
    routing::Mount,
    site_folder::{SiteFolder, SourceFile},
};

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

    /// The first bytes of a file, at most this number. The folder need not have been walked, and no
    /// link is followed, so that nothing outside of it is read.
    pub(super) fn start(&self, file_path: &str, length_max: u64) -> io::Result<Vec<u8>> {
        self.folder.start(&source_file(file_path), length_max)
    }

    /// The bytes of a file, unless there are more than this number.
    pub(super) fn read(&self, file_path: &str, length_max: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let (file, _) = self.folder.open(&source_file(file_path))?;
        file.take(length_max + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > length_max {
            let mib = length_max >> 20;
            return Err(io::Error::other(format!("it is longer than {mib} MiB")));
        }
        Ok(bytes)
    }
}

fn source_file(path: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), length: 0, identity: None, target: None }
}
