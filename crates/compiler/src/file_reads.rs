//! How often the files of a site were read. What is read for the second time is stored, so that no
//! byte of the folder is read three times until the site is packed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    content::StoredPart, folder_file::FileVersion, render::sample::SHORT_MAX,
    shared_texts::SharedText, spill_file::SpillFile,
};

/// The readings of files, by index. Those of a site that is not packed are not counted.
#[derive(Debug, Default)]
pub(crate) struct FileReads {
    /// Whether each file was read once, or at least its start.
    read_once: Vec<AtomicBool>,
    /// The files that were read twice, in these versions.
    stored: Mutex<HashMap<usize, (StoredPart, FileVersion)>>,
    /// Where they are; without it they stay in memory.
    spill_file: Option<SpillFile>,
    /// The first bytes of long files, in these versions.
    starts: Mutex<HashMap<usize, SharedText>>,
    is_stopped: AtomicBool,
}

impl FileReads {
    /// Counts the readings of this number of files.
    pub(crate) fn new(files: usize, spill_file: Option<SpillFile>) -> Self {
        let read_once = (0..files).map(|_| AtomicBool::new(false)).collect();
        Self { read_once, spill_file, ..Self::default() }
    }

    /// Counts a file as read once, although its bytes were not kept.
    pub(crate) fn add_first(&self, index: usize) {
        if let Some(read_once) = self.read_once.get(index) {
            read_once.store(true, Ordering::Relaxed);
        }
    }

    /// Counts a file in this version as read once, although these are only its first bytes. They
    /// are kept if it is long: it is not stored, because it may have any length.
    pub(crate) fn add_start(&self, index: usize, bytes: &[u8], version: FileVersion) {
        self.add_first(index);
        if index < self.read_once.len() && version.length > SHORT_MAX {
            let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
            starts.insert(index, (bytes.into(), version));
        }
    }

    /// The first bytes of a long file in this version, if they were read.
    pub(crate) fn start(&self, index: usize, version: FileVersion) -> Option<Arc<[u8]>> {
        let starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        starts.get(&index).filter(|(_, of)| *of == version).map(|(start, _)| Arc::clone(start))
    }

    /// Counts the reading of these bytes, which are a file in this version. If they cannot be
    /// stored, rendering the file fails as well.
    pub(crate) fn add(&self, index: usize, bytes: &[u8], version: FileVersion) {
        let Some(read_once) = self.read_once.get(index) else { return };
        let is_second = read_once.swap(true, Ordering::Relaxed);
        if is_second
            && !self.is_stopped.load(Ordering::Relaxed)
            && let Ok(part) = StoredPart::new(bytes, self.spill_file.as_ref())
        {
            let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
            stored.insert(index, (part, version));
        }
    }

    /// Stores nothing from now on, because the site has errors and is not packed.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether a file was read, or its start.
    pub(crate) fn is_read(&self, index: usize) -> bool {
        self.read_once.get(index).is_some_and(|it| it.load(Ordering::Relaxed))
    }

    /// The bytes of a file that was read twice.
    pub(crate) fn stored(&self, index: usize) -> Option<(StoredPart, FileVersion)> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).get(&index).cloned()
    }
}
