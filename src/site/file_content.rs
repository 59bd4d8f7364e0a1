//! Content in a file of the folder that is previewed. It is read while it is sent, so the preview
//! neither loads nor verifies it.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    sync::atomic::{AtomicBool, Ordering},
};

use super::damage::{Damage, DamageQueue, DamagedPart};

/// Maximum number of bytes that are read at a time.
const PIECE_MAX: usize = 128 * 1024;

/// A file of a folder.
pub trait FolderFile: fmt::Debug + Send + Sync {
    /// The path within the site.
    fn path(&self) -> &str;

    /// The length in bytes.
    fn length(&self) -> u64;

    /// Opens the file in the version that the site was compiled from.
    ///
    /// # Errors
    ///
    /// If the file has changed, or cannot be read.
    fn open(&self) -> io::Result<File>;
}

/// A file of a folder, and its offset in bytes from the start of the contents.
pub type PlacedFile = (u64, Box<dyn FolderFile>);

/// A file of a folder that is served.
#[derive(Debug)]
pub(super) struct ServedFile {
    pub(super) offset: u64,
    file: Box<dyn FolderFile>,
    damage: &'static DamageQueue,
    /// Whether a warning says that the file cannot be read.
    is_reported: AtomicBool,
}

impl ServedFile {
    pub(super) fn new((offset, file): PlacedFile, damage: &'static DamageQueue) -> Self {
        Self { offset, file, damage, is_reported: AtomicBool::new(false) }
    }
}

/// Content in a file. Its methods are cold, so that contents in memory are served as fast as
/// without it.
#[derive(Debug, Clone, Copy)]
pub struct FileContent(&'static ServedFile);

/// A file cannot be read, or has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnreadableFile;

impl FileContent {
    pub(super) fn new(file: &'static ServedFile) -> Self {
        Self(file)
    }

    #[cold]
    pub(super) fn len(self) -> usize {
        usize::try_from(self.0.file.length()).unwrap_or(usize::MAX)
    }

    /// Whether the file can be read.
    #[cold]
    pub(super) fn is_readable(self) -> bool {
        self.0.file.open().map_err(|error| self.report(&error)).is_ok()
    }

    /// Appends bytes between two positions. Returns their number. The file is opened for each
    /// piece, so that no connection holds a descriptor, and a change is noticed at the next one.
    #[cold]
    pub(super) fn read(
        self,
        start: usize,
        end: usize,
        to: &mut Vec<u8>,
    ) -> Result<usize, UnreadableFile> {
        let (before, count) = (to.len(), end.saturating_sub(start).min(PIECE_MAX));
        let mut read = || {
            let mut file = self.0.file.open()?;
            file.seek(SeekFrom::Start(start as u64))?;
            to.reserve(count);
            let read = file.take(count as u64).read_to_end(to)?;
            if read == count { Ok(count) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        };
        read().map_err(|error| {
            to.truncate(before);
            self.report(&error);
            UnreadableFile
        })
    }

    /// Reports the file once.
    #[cold]
    fn report(self, error: &io::Error) {
        if !self.0.is_reported.swap(true, Ordering::Relaxed) {
            let part = format!("`{}`", self.0.file.path());
            let reason = format!("{error}; start the preview again");
            self.0.damage.push(DamagedPart::File(Damage { part, reason }));
        }
    }
}
