//! A version of a file of the site, which can be opened again and checked for changes.

use std::{
    error,
    fmt::{self, Display},
    fs::{File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
    sync::Arc,
    time::SystemTime,
};

use chapbook_format::{digest::Hash, payload::ContentHashes};

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    sink::Sink,
    site_file::SiteFile,
    site_root::{SiteRoot, changed},
};

/// The length and modification time of a file. If they differ, the file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileVersion {
    /// The length in bytes.
    pub(crate) length: u64,
    pub(crate) modified: Option<SystemTime>,
}

impl FileVersion {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// A file in the version that was linted.
#[derive(Debug)]
pub struct FolderFile {
    root: Arc<SiteRoot>,
    /// Its path below the root, without links.
    target: Box<Path>,
    /// Its path within the site.
    path: Box<str>,
    /// Its path as it would be typed on the command line.
    shown: Box<str>,
    version: FileVersion,
    /// The first bytes, if they were read before.
    start: Option<Arc<[u8]>>,
}

impl FolderFile {
    pub(crate) fn new(
        root: Arc<SiteRoot>,
        (path, target): (&str, &Path),
        shown: String,
        version: FileVersion,
    ) -> Self {
        let (target, path) = (target.into(), path.into());
        Self { root, target, path, shown: shown.into(), version, start: None }
    }

    /// The same file, which begins with these bytes.
    pub(crate) fn with_start(self, start: Option<Arc<[u8]>>) -> Self {
        Self { start, ..self }
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.version.length
    }

    /// The path within the site.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Opens the file.
    ///
    /// # Errors
    ///
    /// If it has changed since it was linted, or cannot be read.
    pub fn open_unchanged(&self) -> io::Result<File> {
        self.open_version().map(SiteFile::into_file)
    }

    fn open_version(&self) -> io::Result<SiteFile> {
        let (file, metadata) = self.root.open(&self.target)?;
        if FileVersion::of(&metadata) == self.version { Ok(file) } else { Err(changed()) }
    }

    /// Checks a file that [`FolderFile::open_unchanged`] has opened.
    ///
    /// # Errors
    ///
    /// If it has changed since it was linted.
    pub fn check(&self, file: &File) -> io::Result<()> {
        self.check_metadata(&file.metadata()?)
    }

    fn check_metadata(&self, metadata: &Metadata) -> io::Result<()> {
        if FileVersion::of(metadata) == self.version { Ok(()) } else { Err(changed()) }
    }

    /// Opens the file. Fails if it has changed.
    pub(crate) fn open(&self) -> io::Result<OpenFile<'_>> {
        let file = self.open_version().map_err(|error| self.unusable(&error))?;
        let file = file.with_start(self.start.clone());
        Ok(OpenFile { file, of: self, remaining: self.length() })
    }

    /// A hash of the name and the version, which need not be read.
    #[must_use]
    pub fn version_hash(&self) -> Hash {
        self.version_hashes().content
    }

    /// Hashes of the name and the version instead of the bytes, which need not be read for it.
    pub(crate) fn version_hashes(&self) -> ContentHashes {
        ContentHashes::of(format!("{}\0{:?}", self.path, self.version).as_bytes())
    }

    /// Reads these bytes, which must exist. Fails if the file has changed.
    pub(crate) fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut open = self.open()?;
        let length = range.end.saturating_sub(range.start);
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        let read = open.file.seek(SeekFrom::Start(range.start));
        let read = read.and_then(|_| (&mut open.file).take(length).read_to_end(&mut bytes));
        match read {
            Ok(count) if count as u64 == length => open.check().map(|()| bytes),
            Ok(_) => Err(self.unusable(&changed())),
            Err(error) => Err(self.unusable(&error)),
        }
    }

    /// Writes the bytes. Fails if the file changes meanwhile.
    pub(crate) fn copy(&self, to: &mut dyn Sink) -> io::Result<()> {
        let mut open = self.open()?;
        let copied = open.file.copy(self.length(), to)?;
        if copied == self.length() { open.check() } else { Err(self.unusable(&changed())) }
    }

    fn unusable(&self, error: &io::Error) -> io::Error {
        UnusableFile(Box::new(unusable("read", &self.shown, &self.path, error))).into()
    }
}

/// A file that was opened. Reading it to its end fails if it has changed: the bytes would be a
/// mixture of two versions.
#[derive(Debug)]
pub(crate) struct OpenFile<'a> {
    file: SiteFile,
    of: &'a FolderFile,
    /// The number of bytes to read. A file that never ends has more.
    remaining: u64,
}

impl OpenFile<'_> {
    /// Fails if the file has changed since it was linted.
    fn check(&self) -> io::Result<()> {
        let checked = self.file.metadata().and_then(|it| self.of.check_metadata(&it));
        checked.map_err(|error| self.of.unusable(&error))
    }
}

impl Read for OpenFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer).map_err(|error| self.of.unusable(&error))?;
        let remaining = self.remaining.checked_sub(count as u64);
        self.remaining = remaining.ok_or_else(|| self.of.unusable(&changed()))?;
        if count == 0 && !buffer.is_empty() {
            self.check()?;
        }
        Ok(count)
    }
}

/// A file that changed after it was linted, or can no longer be read, with its diagnostic. It is
/// the inner error of an [`io::Error`].
#[derive(Debug)]
pub struct UnusableFile(pub Box<Diagnostic>);

impl Display for UnusableFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl error::Error for UnusableFile {}

impl From<UnusableFile> for io::Error {
    fn from(file: UnusableFile) -> Self {
        Self::other(file)
    }
}

/// The diagnostic about a file that cannot be part of the site.
pub(crate) fn unusable(verb: &str, shown: &str, path: &str, reason: &dyn Display) -> Diagnostic {
    let message = format!("cannot {verb} `{}`: {reason}", path.escape_debug());
    let help = "remove it from the folder, or replace it with a readable file";
    Diagnostic::of_file(Lint::UnboundFile, shown, message, help)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_has_changed_is_not_read() {
        type Change = fn(&Path);
        let rows: [(&str, Change, Option<&str>); 5] = [
            ("nothing", |_| {}, None),
            ("longer", |path| fs::write(path, "12345").unwrap(), Some("changed")),
            ("shorter", |path| fs::write(path, "123").unwrap(), Some("changed")),
            (
                "newer",
                |path| {
                    let file = File::options().append(true).open(path).unwrap();
                    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
                },
                Some("changed"),
            ),
            ("removed", |path| fs::remove_file(path).unwrap(), Some("(os error 2)")),
        ];
        for (change, apply, expected) in rows {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            fs::write(&path, "1234").unwrap();
            let version = FileVersion::of(&fs::metadata(&path).unwrap());
            let root = Arc::new(SiteRoot::new(folder.path()));
            let paths = ("file", Path::new("file"));
            let file = FolderFile::new(root, paths, "site/file".to_owned(), version);
            apply(&path);
            let read = |mut open: OpenFile<'_>| open.read_to_end(&mut Vec::new()).map(|_| ());
            for result in [file.copy(&mut Vec::new()), file.open().and_then(read)] {
                let unusable = result.err().map(|it| it.downcast::<UnusableFile>().unwrap());
                let message = unusable.map(|it| it.0.message).unwrap_or_default();
                match expected {
                    None => assert_eq!(message, "", "{change}"),
                    Some(reason) => {
                        assert!(message.starts_with("cannot read `file`: "), "{change}: {message}");
                        assert!(message.contains(reason), "{change}: {message}");
                    }
                }
            }
        }
    }
}
