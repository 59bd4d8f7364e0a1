//! Files that a link leads to, recorded while files are linted in parallel.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a link in another file leads to each file, by index. Flags take less memory than the
/// lists of all links.
#[derive(Debug, Default)]
pub(crate) struct FollowedFiles(Vec<AtomicBool>);

impl FollowedFiles {
    /// Flags for this number of files.
    pub(crate) fn new(count: usize) -> Self {
        Self(std::iter::repeat_with(AtomicBool::default).take(count).collect())
    }

    /// Records a link to a file.
    pub(crate) fn record(&self, index: usize) {
        if let Some(flag) = self.0.get(index) {
            flag.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a link to a file was recorded.
    pub(crate) fn contains(&self, index: usize) -> bool {
        self.0.get(index).is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}
