//! Content in a file of the folder that is previewed. It is read while it is sent, so the preview
//! neither loads nor verifies it.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::damage::{Damage, DamageQueue, DamagedPart};

/// Maximum number of bytes that are read at a time.
const PIECE_MAX: usize = 128 * 1024;

/// A file of a folder.
pub trait FolderFile: fmt::Debug + Send + Sync {
    /// The path within the site.
    fn path(&self) -> &str;

    /// Opens the file in the version that the site was compiled from.
    ///
    /// # Errors
    ///
    /// If the file has changed, or cannot be read.
    fn open(&self) -> io::Result<File>;
}

/// A file of a folder, and its place among the contents.
#[derive(Debug)]
pub struct PlacedFile {
    /// In bytes from the start of the contents.
    pub offset: u64,
    /// The file.
    pub file: Box<dyn FolderFile>,
    /// Whether a warning says that the file cannot be read.
    is_reported: AtomicBool,
}

impl PlacedFile {
    /// A file at this offset of the contents.
    #[must_use]
    pub fn new(offset: u64, file: Box<dyn FolderFile>) -> Self {
        Self { offset, file, is_reported: AtomicBool::new(false) }
    }
}

/// Content in a file.
#[derive(Debug, Clone, Copy)]
pub struct FileContent {
    damage: &'static DamageQueue,
    placed: &'static PlacedFile,
    length: usize,
}

impl FileContent {
    pub(super) fn new(
        damage: &'static DamageQueue,
        placed: &'static PlacedFile,
        length: usize,
    ) -> Self {
        Self { damage, placed, length }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Whether the file can be read.
    pub(super) fn is_readable(&self) -> bool {
        self.open_at(0).is_some()
    }

    /// The part between two positions.
    pub(super) fn part(&self, start: usize, end: usize) -> FilePart {
        let end = end.min(self.length);
        FilePart { content: *self, file: self.open_at(start), left: end.saturating_sub(start) }
    }

    fn open_at(&self, start: usize) -> Option<Arc<File>> {
        let open = || {
            let mut file = self.placed.file.open()?;
            file.seek(SeekFrom::Start(start as u64))?;
            Ok(Arc::new(file))
        };
        open().map_err(|error| self.report(&error)).ok()
    }

    /// Reports the file once.
    #[cold]
    fn report(&self, error: &io::Error) {
        if !self.placed.is_reported.swap(true, Ordering::Relaxed) {
            let part = format!("`{}`", self.placed.file.path());
            let reason = format!("{error}; start the preview again");
            self.damage.push(DamagedPart::File(Damage { part, reason }));
        }
    }
}

/// The bytes of a file that are left to send.
#[derive(Debug, Clone)]
pub(super) struct FilePart {
    content: FileContent,
    /// The file, at the next byte. `None` if it cannot be read.
    file: Option<Arc<File>>,
    left: usize,
}

impl FilePart {
    pub(super) fn len(&self) -> usize {
        self.left
    }

    /// Appends the next bytes. Fails if there are fewer than expected.
    pub(super) fn read(&mut self, to: &mut Vec<u8>) -> Result<(), UnreadableFile> {
        let file = self.file.as_deref().ok_or(UnreadableFile)?;
        let count = self.left.min(PIECE_MAX);
        let before = to.len();
        to.reserve(count);
        let read = file.take(count as u64).read_to_end(to);
        if read.as_ref().is_ok_and(|it| *it == count) {
            self.left -= count;
            return Ok(());
        }
        to.truncate(before);
        self.content.report(&read.err().unwrap_or(io::ErrorKind::UnexpectedEof.into()));
        Err(UnreadableFile)
    }
}

/// A file cannot be read, or has become shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnreadableFile;
