//! Damaged parts of a site, until they are reported.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// A part that cannot be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The part.
    pub part: String,
    /// Why it cannot be served, and what to do.
    pub reason: String,
}

/// A damaged part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DamagedPart {
    /// A block of records.
    Records(u32),
    /// The content with this number.
    Content(u32),
    /// The zeros between contents.
    Padding,
    /// A file of a folder.
    File(Damage),
}

/// Damaged parts that have not been reported.
#[derive(Debug, Default)]
pub(super) struct DamageQueue {
    parts: Mutex<Vec<DamagedPart>>,
    has_parts: AtomicBool,
}

impl DamageQueue {
    pub(super) fn push(&self, part: DamagedPart) {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(part);
        self.has_parts.store(true, Ordering::Release);
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.has_parts.load(Ordering::Acquire)
    }

    /// Empties the queue.
    pub(super) fn take(&self) -> Vec<DamagedPart> {
        self.has_parts.store(false, Ordering::Release);
        std::mem::take(&mut self.parts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
