//! The site folder: its files in path order, and reading a file.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

pub(crate) use crate::folder_file::FileVersion;
use crate::{
    diagnostic::Diagnostic,
    file_identity::FileIdentity,
    file_reads::FileReads,
    folder_file::{FolderFile, unusable},
    progress::Progress,
    shared_texts::{SharedText, SharedTexts},
    site_file::SiteFile,
    site_root::{SiteRoot, changed},
};

/// A file of the site folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// The path within the site: segments separated by `/`, without a leading slash.
    pub(crate) path: String,
    /// The length in bytes when the folder was walked.
    pub(crate) length: u64,
    /// The identity of the file when the folder was walked.
    pub(crate) identity: Option<FileIdentity>,
    /// The path below the root without links, if it is another one.
    pub(crate) target: Option<Box<Path>>,
}

impl SourceFile {
    /// A file for tests that do not read it.
    #[cfg(test)]
    pub(crate) fn at(path: &str) -> Self {
        Self { path: path.to_owned(), length: 0, identity: None, target: None }
    }

    /// The path to open it at.
    fn target(&self) -> &Path {
        self.target.as_deref().unwrap_or(Path::new(&self.path))
    }

    /// The last segment of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The extension in lower case, without its dot; empty if there is none.
    pub(crate) fn extension(&self) -> String {
        let extension = Path::new(self.name()).extension();
        extension.and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase()
    }
}

/// A walked folder.
#[derive(Debug, Default)]
pub(crate) struct SiteFolder {
    root: Arc<SiteRoot>,
    /// The prefix of paths in diagnostics.
    label: String,
    /// Every file of the site, rule files included, sorted by path.
    pub(crate) files: Vec<SourceFile>,
    /// Every folder with a trailing `/`; the root is the empty string.
    pub(crate) folders: Vec<String>,
    /// The number of excluded files: dotfiles and desktop metadata.
    pub(crate) omitted: usize,
    /// Diagnostics about files that cannot be included.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Receives the progress of linting the files.
    pub(crate) progress: Progress,
    /// How often files were read.
    pub(crate) reads: FileReads,
    shared_texts: SharedTexts,
}

/// Maximum length of a file that is parsed. JSON takes its length in memory, and a page several
/// times that. Pages and scripts of this length are nearly unknown.
pub(crate) const PARSED_MAX: u64 = 64 << 20;

impl SiteFolder {
    /// A folder that has not been walked.
    pub(crate) fn at(root: &Path) -> Self {
        Self::named(root, &root.to_string_lossy())
    }

    /// A folder with another name in messages.
    pub(crate) fn named(root: &Path, name: &str) -> Self {
        let label = name.replace('\\', "/");
        let trimmed = label.trim_end_matches('/');
        // The label of `/` is empty, so that its files are displayed as `/index.html`.
        let root = Arc::new(SiteRoot::new(root));
        Self { root, label: trimmed.to_owned(), ..Self::default() }
    }

    /// A folder `site` with these files, for tests that do not read them.
    #[cfg(test)]
    pub(crate) fn of_paths(paths: &[&str]) -> Self {
        let files = paths.iter().map(|path| SourceFile::at(path)).collect();
        Self { files, ..Self::at(Path::new("site")) }
    }

    /// The path of the folder, as it was given.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// The folder as it would be typed on the command line.
    pub(crate) fn name(&self) -> &str {
        if self.label.is_empty() { "/" } else { &self.label }
    }

    /// The path of a file of the site as it would be typed on the command line.
    pub(crate) fn display(&self, path: &str) -> String {
        format!("{}/{path}", self.label)
    }

    /// Every file and folder that the result depends on.
    pub(crate) fn watched(&self) -> Vec<PathBuf> {
        let files = self.files.iter().map(|file| &file.path);
        self.folders.iter().chain(files).map(|path| self.root().join(path)).collect()
    }

    /// The version of a file, which must be readable.
    pub(crate) fn version(&self, file: &SourceFile) -> io::Result<FileVersion> {
        self.open(file).map(|(_, version)| version)
    }

    /// Opens a file, which may be another one than the walk found, though none by a link.
    pub(crate) fn open(&self, file: &SourceFile) -> io::Result<(SiteFile, FileVersion)> {
        let (open, metadata) = self.root.open(file.target())?;
        let version = FileVersion::of(&metadata);
        Ok((open.with_start(self.known_start(file, version)), version))
    }

    /// The first bytes of a file.
    pub(crate) fn start(&self, file: &SourceFile, length: u64) -> io::Result<Vec<u8>> {
        let (open, version) = self.open(file)?;
        let mut bytes = Vec::new();
        open.take(length).read_to_end(&mut bytes)?;
        if let Some(index) = self.index_of(&file.path) {
            self.reads.add_start(index, &bytes, version);
        }
        Ok(bytes)
    }

    fn known_start(&self, file: &SourceFile, version: FileVersion) -> Option<Arc<[u8]>> {
        self.reads.start(self.index_of(&file.path)?, version)
    }

    /// Reads a file to be parsed into `bytes`. Fails if it is too long for that, or if it changes
    /// meanwhile: the bytes would be a mixture of two versions.
    pub(crate) fn read(&self, file: &SourceFile, bytes: &mut Vec<u8>) -> io::Result<FileVersion> {
        if let Some((kept, version)) = self.shared_texts.find(&file.path) {
            bytes.clear();
            bytes.extend_from_slice(&kept);
            return Ok(version);
        }
        self.read_or_copy(file, bytes)
    }

    /// Reads a file, unless it was stored when it was read before.
    fn read_or_copy(&self, file: &SourceFile, bytes: &mut Vec<u8>) -> io::Result<FileVersion> {
        let index = self.index_of(&file.path);
        if let Some((stored, version)) = index.and_then(|it| self.reads.stored(it)) {
            bytes.clear();
            stored.copy(bytes)?;
            return Ok(version);
        }
        let version = self.read_within(PARSED_MAX, file, bytes)?;
        if let Some(index) = index {
            self.reads.add(index, bytes, version);
        }
        Ok(version)
    }

    /// Counts a file as read, though its bytes were not kept.
    pub(crate) fn add_first_read(&self, file: &SourceFile) {
        if let Some(index) = self.index_of(&file.path) {
            self.reads.add_first(index);
        }
    }

    /// Reads a file that is read for several purposes, and keeps it in memory.
    pub(crate) fn read_shared(&self, file: &SourceFile) -> io::Result<SharedText> {
        self.shared_texts.get(&file.path, || {
            let mut bytes = Vec::new();
            let version = self.read_or_copy(file, &mut bytes)?;
            Ok((bytes.into(), version))
        })
    }

    /// Keeps the text of a file in memory, which was read before.
    pub(crate) fn share(&self, file: &SourceFile, text: SharedText) {
        self.shared_texts.add(&file.path, text);
    }

    /// The file at a path within the site, if the walk has found it.
    pub(crate) fn find(&self, path: &str) -> Option<&SourceFile> {
        self.files.get(self.index_of(path)?)
    }

    fn index_of(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()
    }

    /// Frees the memory of files that are read for several purposes.
    pub(crate) fn drop_shared(&self) {
        self.shared_texts.clear();
    }

    fn read_within(
        &self,
        length_max: u64,
        file: &SourceFile,
        bytes: &mut Vec<u8>,
    ) -> io::Result<FileVersion> {
        let (mut open, before) = self.open(file)?;
        if before.length > length_max {
            let message =
                format!("it is longer than {} MiB, so it cannot be parsed", length_max >> 20);
            return Err(io::Error::other(message));
        }
        let length = usize::try_from(before.length).map_err(io::Error::other)?;
        read_to_length(&mut open, length, bytes)?;
        let after = FileVersion::of(&open.metadata()?);
        let is_unchanged = after == before && bytes.len() as u64 == before.length;
        if is_unchanged { Ok(before) } else { Err(changed()) }
    }

    /// The diagnostic about a file that cannot be part of the site.
    pub(crate) fn cannot_include(&self, path: &str, reason: &str) -> Diagnostic {
        self.unusable("include", path, reason)
    }

    /// The diagnostic about a file that cannot be read.
    pub(crate) fn cannot_read(&self, path: &str, error: &io::Error) -> Diagnostic {
        self.unusable("read", path, &error.to_string())
    }

    fn unusable(&self, verb: &str, path: &str, reason: &str) -> Diagnostic {
        let path = path.trim_end_matches('/');
        unusable(verb, &self.display(&path.escape_debug().to_string()), path, &reason)
    }

    /// A file in this version, to be read later.
    pub(crate) fn file(&self, file: &SourceFile, version: FileVersion) -> FolderFile {
        let paths = (file.path.as_str(), file.target());
        FolderFile::new(Arc::clone(&self.root), paths, self.display(&file.path), version)
            .with_start(self.known_start(file, version))
    }
}

/// Reads a file of this length into `bytes`, usually with one system call. A file that has grown,
/// or a device of the length 0, gives one byte more, so that this is noticed, but one that never
/// ends is not read.
fn read_to_length(file: &mut SiteFile, length: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
    // Without `clear`, so that a buffer that is reused is not filled with zeros again.
    bytes.resize(length.saturating_add(1), 0);
    let mut end = 0;
    loop {
        match file.read(&mut bytes[end..]) {
            Ok(count) => {
                end += count;
                if count == 0 || end >= length {
                    bytes.truncate(end);
                    return Ok(());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
