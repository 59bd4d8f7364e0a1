//! Content in a file of the folder that is previewed. It is read while it is sent, so the preview
//! neither loads nor verifies it. A response keeps its file open, so that it ends with the bytes it
//! began with after the file is replaced.

use std::{
    fmt,
    fs::File,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    damage::{Damage, DamageQueue, DamagedPart},
    opened_files::{OpenedFile, OpenedFiles},
};

/// Maximum number of bytes that are read at a time.
const PIECE_MAX: usize = 64 * 1024;

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

    /// The text that it begins with, if it is a stream of events, which stays open after it and is
    /// never opened.
    fn event_stream(&self) -> Option<&[u8]> {
        None
    }

    /// Checks that a file that was opened has not been overwritten since.
    ///
    /// # Errors
    ///
    /// If it has changed.
    fn check(&self, file: &File) -> io::Result<()>;
}

/// A file of a folder, and its offset in bytes from the start of the contents.
pub type PlacedFile = (u64, Box<dyn FolderFile>);

/// A file of a folder that is served.
#[derive(Debug)]
pub(super) struct ServedFile<'s> {
    pub(super) offset: u64,
    file: &'s dyn FolderFile,
    damage: Arc<DamageQueue>,
    opened: Arc<OpenedFiles>,
    /// Whether a warning says that the file cannot be read.
    is_reported: AtomicBool,
}

impl<'s> ServedFile<'s> {
    pub(super) fn new(
        (offset, file): &'s PlacedFile,
        damage: &Arc<DamageQueue>,
        opened: &Arc<OpenedFiles>,
    ) -> Self {
        let (damage, opened) = (Arc::clone(damage), Arc::clone(opened));
        Self { offset: *offset, file: &**file, damage, opened, is_reported: AtomicBool::new(false) }
    }
}

/// Content in a file. Its methods are cold, so that contents in memory are served as fast as
/// without it.
#[derive(Debug, Clone, Copy)]
pub struct FileContent<'s>(&'s ServedFile<'s>);

/// A file cannot be read, or has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnreadableFile;

impl<'s> FileContent<'s> {
    pub(super) fn new(file: &'s ServedFile<'s>) -> Self {
        Self(file)
    }

    #[cold]
    pub(super) fn len(self) -> usize {
        usize::try_from(self.0.file.length()).unwrap_or(usize::MAX)
    }

    /// Whether the file can be read. It stays open for the response.
    #[cold]
    pub(super) fn is_readable(self) -> bool {
        if self.0.file.event_stream().is_some() {
            return true;
        }
        match self.0.file.open() {
            Ok(file) => {
                self.0.opened.push(self.0.offset, OpenedFile(file));
                true
            }
            Err(error) => {
                self.report(&error);
                false
            }
        }
    }

    /// Appends bytes between two positions. Returns their number. `opened` is the file of the
    /// response, which is opened for the first piece.
    #[cold]
    pub(super) fn read(
        self,
        start: usize,
        end: usize,
        to: &mut Vec<u8>,
        opened: &mut Option<OpenedFile>,
    ) -> Result<usize, UnreadableFile> {
        if let Some(text) = self.0.file.event_stream() {
            let text = text.get(start..).unwrap_or_default();
            to.extend_from_slice(text);
            return Ok(text.len());
        }
        let (before, count) = (to.len(), end.saturating_sub(start).min(PIECE_MAX));
        let mut read = || {
            let opened = match opened {
                Some(opened) => opened,
                None => opened.insert(match self.0.opened.take(self.0.offset) {
                    Some(opened) => opened,
                    None => OpenedFile(self.0.file.open()?),
                }),
            };
            to.resize(before + count, 0);
            opened.read_exact_at(start as u64, &mut to[before..])?;
            self.0.file.check(&opened.0)?;
            Ok(count)
        };
        read().map_err(|error| {
            to.truncate(before);
            self.report(&error);
            UnreadableFile
        })
    }

    /// Whether it is a stream of events that has no bytes from this position on.
    #[cold]
    pub(super) fn is_waiting_at(self, start: usize) -> bool {
        self.0.file.event_stream().is_some_and(|text| start >= text.len())
    }

    /// Reports the file once.
    #[cold]
    fn report(self, error: &io::Error) {
        if !self.0.is_reported.swap(true, Ordering::Relaxed) {
            let part = format!("`{}`", self.0.file.path());
            let reason = error.to_string();
            self.0.damage.push(DamagedPart::File(Damage { part, reason }));
        }
    }
}
