//! Files that were opened for the head of a response, until its content is read.

use std::{
    collections::VecDeque,
    fs::File,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::limits::OPENED_FILES_MAX;

/// A file that a response reads its content from.
#[derive(Debug)]
pub struct OpenedFile(pub(super) File);

impl OpenedFile {
    /// Reads bytes at an offset, whatever the position of the file: duplicates of a descriptor
    /// share it.
    #[cfg(unix)]
    pub(super) fn read_exact_at(&self, offset: u64, to: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, to, offset)
    }

    /// Reads bytes at an offset.
    #[cfg(windows)]
    pub(super) fn read_exact_at(&self, mut offset: u64, mut to: &mut [u8]) -> io::Result<()> {
        while !to.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(&self.0, to, offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => {
                    to = &mut to[count..];
                    offset += count as u64;
                }
            }
        }
        Ok(())
    }
}

/// Open files with the offsets of their contents, the newest last. Responses without content, as to
/// HEAD, leave theirs here, so the number is limited.
#[derive(Debug, Default)]
pub(super) struct OpenedFiles(Mutex<VecDeque<(u64, OpenedFile)>>);

impl OpenedFiles {
    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, OpenedFile)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a file, and closes the oldest one if there are too many.
    pub(super) fn push(&self, offset: u64, file: OpenedFile) {
        let mut files = self.lock();
        if files.len() == OPENED_FILES_MAX {
            files.pop_front();
        }
        files.push_back((offset, file));
    }

    /// Removes the newest file with this offset.
    pub(super) fn take(&self, offset: u64) -> Option<OpenedFile> {
        let mut files = self.lock();
        let index = files.iter().rposition(|(of, _)| *of == offset)?;
        files.remove(index).map(|(_, file)| file)
    }
}
