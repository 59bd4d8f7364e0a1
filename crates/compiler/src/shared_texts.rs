//! Texts of files that are read for several purposes, such as schemas.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use crate::folder_file::FileVersion;

/// A text with the version of its file.
pub(crate) type SharedText = (Arc<[u8]>, FileVersion);

/// The maximum length of all texts. Schemas are much shorter; further ones are read each time.
const LENGTH_MAX: usize = 16 << 20;

/// The texts, by path.
#[derive(Debug, Default)]
pub(crate) struct SharedTexts(Mutex<BTreeMap<String, SharedText>>);

impl SharedTexts {
    /// The text of the file at a path. Other threads wait until it is read.
    pub(crate) fn get(
        &self,
        path: &str,
        read: impl FnOnce() -> io::Result<SharedText>,
    ) -> io::Result<SharedText> {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = texts.get(path) {
            return Ok(text.clone());
        }
        let text = read()?;
        let length: usize = texts.values().map(|(bytes, _)| bytes.len()).sum();
        if length + text.0.len() <= LENGTH_MAX {
            texts.insert(path.to_owned(), text.clone());
        }
        Ok(text)
    }

    /// Adds the text of the file at a path.
    pub(crate) fn add(&self, path: &str, text: SharedText) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), text);
    }

    /// The text of the file at a path, if it was read.
    pub(crate) fn find(&self, path: &str) -> Option<SharedText> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// Frees the memory.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
