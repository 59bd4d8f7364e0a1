//! Integrity of the parts of a payload. Each part is verified once, when it is first needed.

use std::sync::atomic::{AtomicU8, Ordering};

/// Whether content may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// Its hash matches.
    Intact,
    /// Its hash does not match, so it must not be sent.
    Damaged,
    /// Its hash has not been computed.
    Unverified,
}

/// State of one part, shared by all workers.
#[derive(Debug, Default)]
pub(super) struct PartState(AtomicU8);

const UNVERIFIED: u8 = 0;
const INTACT: u8 = 1;
const DAMAGED: u8 = 2;
/// Verification is in progress.
const BEING_VERIFIED: u8 = 3;

impl PartState {
    /// The states of `count` parts, none of which is verified.
    pub(super) fn unverified(count: usize) -> Box<[Self]> {
        (0..count).map(|_| Self::default()).collect()
    }

    pub(super) fn integrity(&self) -> Integrity {
        match self.0.load(Ordering::Acquire) {
            INTACT => Integrity::Intact,
            DAMAGED => Integrity::Damaged,
            _ => Integrity::Unverified,
        }
    }

    /// Marks the part as being verified. Returns false if that is in progress or finished.
    pub(super) fn start_verification(&self) -> bool {
        let (from, to) = (UNVERIFIED, BEING_VERIFIED);
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Stores the outcome. Returns whether it is the first one.
    pub(super) fn finish_verification(&self, is_intact: bool) -> bool {
        let outcome = if is_intact { INTACT } else { DAMAGED };
        !matches!(self.0.swap(outcome, Ordering::AcqRel), INTACT | DAMAGED)
    }
}
