//! Contents between compression and writing: in memory, or in a spill file if the contents of a
//! site would need too much memory.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    sync::{Arc, Mutex, PoisonError},
};

use chapbook_format::{digest::Hash, payload::ContentHashes};

/// Content; clones share the bytes.
#[derive(Debug, Clone)]
pub struct StoredContent {
    hashes: Arc<ContentHashes>,
    length: u64,
    storage: Storage,
}

#[derive(Debug, Clone)]
enum Storage {
    Memory(Arc<[u8]>),
    /// In a spill file, at this offset.
    SpillFile(SpillFile, u64),
}

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
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)?;
        Ok(at)
    }

    fn copy(&self, at: u64, length: u64, to: &mut dyn Write) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        let copied = io::copy(&mut (&mut *file).take(length), to)?;
        if copied == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl StoredContent {
    /// Stores content in the spill file, or in memory if there is no spill file.
    pub(crate) fn new(bytes: Vec<u8>, spill_file: Option<&SpillFile>) -> io::Result<Self> {
        let (hashes, length) = (Arc::new(ContentHashes::of(&bytes)), bytes.len() as u64);
        let storage = match spill_file {
            Some(file) => Storage::SpillFile(file.clone(), file.append(&bytes)?),
            None => Storage::Memory(bytes.into()),
        };
        Ok(Self { hashes, length, storage })
    }

    /// The SHA-256 of the bytes.
    #[must_use]
    pub fn hash(&self) -> &Hash {
        &self.hashes.content
    }

    /// The SHA-256 of the bytes and of each block.
    #[must_use]
    pub fn hashes(&self) -> &ContentHashes {
        &self.hashes
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be read back from the spill file.
    pub fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        match &self.storage {
            Storage::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
            Storage::SpillFile(..) => {
                let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or(0));
                self.copy(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// Writes the bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be read back from the spill file, or cannot be written.
    pub fn copy(&self, to: &mut dyn Write) -> io::Result<()> {
        match &self.storage {
            Storage::Memory(bytes) => to.write_all(bytes),
            Storage::SpillFile(file, at) => file.copy(*at, self.length, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use chapbook_format::digest;

    use super::*;

    #[test]
    fn content_is_read_back_from_the_spill_file() {
        let file = SpillFile::new(tempfile::tempfile().unwrap());
        let texts = [&b"one"[..], b"", b"three, which is longer"];
        let contents = texts.map(|text| StoredContent::new(text.to_vec(), Some(&file)).unwrap());
        for (content, text) in contents.iter().zip(texts).rev() {
            assert_eq!(content.bytes().unwrap(), text);
            assert_eq!((content.length(), *content.hash()), (text.len() as u64, digest::of(text)));
        }
    }
}
