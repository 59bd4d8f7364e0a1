//! A temporary file for contents that would need too much memory.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    sync::{Arc, Mutex, PoisonError},
};

use crate::sink::Sink;

/// A file for contents, which should be a temporary one. Nothing else may write to it.
#[derive(Debug, Clone)]
pub struct SpillFile(Arc<Mutex<File>>);

impl SpillFile {
    /// Uses this file, which must be empty.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self(Arc::new(Mutex::new(file)))
    }

    /// Appends bytes. Returns their offset.
    pub(crate) fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)?;
        Ok(at)
    }

    /// Copies bytes from an offset.
    pub(crate) fn copy(&self, at: u64, length: u64, to: &mut dyn Sink) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        let copied = to.copy_file(&mut (&*file).take(length))?;
        if copied == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
