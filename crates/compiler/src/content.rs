//! This file owns the bytes of a content between coding and writing down: in memory or, where the
//! memory for all of them would be too much, set aside in a file. It doesn't know what they say.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    sync::{Arc, Mutex, PoisonError},
};

use chapbook_format::digest::{self, Hash};

/// Content, of which copies share the bytes.
#[derive(Debug, Clone)]
pub struct Content {
    hash: Hash,
    length: u64,
    storage: Storage,
}

#[derive(Debug, Clone)]
enum Storage {
    Memory(Arc<[u8]>),
    SpillFile(SpillFile, u64),
}

/// A file that contents are set aside in. It should be one that goes by itself, and nobody else
/// may write to it.
#[derive(Debug, Clone)]
pub struct SpillFile(Arc<Mutex<File>>);

impl SpillFile {
    /// Sets contents aside in this file, which is empty.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self(Arc::new(Mutex::new(file)))
    }

    fn put(&self, bytes: &[u8]) -> io::Result<u64> {
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

impl Content {
    /// Content with these bytes, which are set aside if there is a file for that.
    pub(crate) fn new(bytes: Vec<u8>, aside: Option<&SpillFile>) -> io::Result<Self> {
        let (hash, length) = (digest::of(&bytes), bytes.len() as u64);
        let storage = match aside {
            Some(aside) => Storage::SpillFile(aside.clone(), aside.put(&bytes)?),
            None => Storage::Memory(bytes.into()),
        };
        Ok(Self { hash, length, storage })
    }

    /// The SHA-256 of the bytes.
    #[must_use]
    pub fn hash(&self) -> &Hash {
        &self.hash
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
    /// If they were set aside and cannot be read again.
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
    /// If they were set aside and cannot be read again, or cannot be written.
    pub fn copy(&self, to: &mut dyn Write) -> io::Result<()> {
        match &self.storage {
            Storage::Memory(bytes) => to.write_all(bytes),
            Storage::SpillFile(aside, at) => aside.copy(*at, self.length, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_aside_is_found_again() {
        let aside = SpillFile::new(tempfile::tempfile().unwrap());
        let texts = [&b"one"[..], b"", b"three, which is longer"];
        let contents = texts.map(|text| Content::new(text.to_vec(), Some(&aside)).unwrap());
        for (content, text) in contents.iter().zip(texts).rev() {
            assert_eq!(content.bytes().unwrap(), text);
            assert_eq!((content.length(), *content.hash()), (text.len() as u64, digest::of(text)));
        }
    }
}
