//! An open file of the site folder. Tests count the bytes that are read from it.

use std::{
    fs::{File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use crate::sink::Sink;

/// A file that [`SiteRoot::open`] has opened.
///
/// [`SiteRoot::open`]: crate::site_root::SiteRoot::open
#[derive(Debug)]
pub(crate) struct SiteFile {
    file: File,
    /// The first bytes, if they were read before.
    start: Option<Arc<[u8]>>,
    /// The number of bytes that were taken from the start.
    taken: usize,
    #[cfg(test)]
    path: std::path::PathBuf,
}

impl SiteFile {
    /// The file at a path below a root.
    pub(crate) fn new(file: File, root: &Path, path: &Path) -> Self {
        #[cfg(not(test))]
        let _ = (root, path);
        Self {
            file,
            start: None,
            taken: 0,
            #[cfg(test)]
            path: root.join(path),
        }
    }

    /// The same file, which begins with these bytes: they are not read again.
    pub(crate) fn with_start(self, start: Option<Arc<[u8]>>) -> Self {
        Self { start, ..self }
    }

    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    pub(crate) fn into_file(self) -> File {
        self.file
    }

    /// Copies at most this many bytes. Returns their number.
    pub(crate) fn copy(&mut self, length: u64, to: &mut dyn Sink) -> io::Result<u64> {
        let copied = to.copy_file(&mut (&self.file).take(length))?;
        #[cfg(test)]
        tests::count(&self.path, copied);
        Ok(copied)
    }
}

impl Read for SiteFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(start) = &self.start {
            let count = (&start[self.taken..]).read(buffer)?;
            self.taken += count;
            if self.taken == start.len() {
                self.file.seek(SeekFrom::Start(start.len() as u64))?;
                self.start = None;
            }
            return Ok(count);
        }
        let count = self.file.read(buffer)?;
        #[cfg(test)]
        tests::count(&self.path, count as u64);
        Ok(count)
    }
}

impl Seek for SiteFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.start = None;
        self.file.seek(to)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        collections::BTreeMap,
        path::{Path, PathBuf},
        sync::Mutex,
    };

    static BYTES_READ: Mutex<BTreeMap<PathBuf, u64>> = Mutex::new(BTreeMap::new());

    pub(super) fn count(path: &Path, read: u64) {
        *BYTES_READ.lock().unwrap().entry(path.to_owned()).or_default() += read;
    }

    /// The number of bytes that were read from a file, since it was last requested.
    pub(crate) fn take_bytes_read(path: &Path) -> u64 {
        BYTES_READ.lock().unwrap().remove(path).unwrap_or_default()
    }
}
