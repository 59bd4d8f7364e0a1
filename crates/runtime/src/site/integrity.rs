//! Integrity of the parts of a payload. Each part is verified once, when it is first needed.

use std::sync::atomic::{AtomicU8, Ordering};

/// What is known about a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Integrity {
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

const INTACT: u8 = 1;
const DAMAGED: u8 = 2;

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

    /// Stores the outcome. Returns whether it is the first one: two workers may verify a part at
    /// the same time, with the same outcome.
    pub(super) fn set(&self, is_intact: bool) -> bool {
        let outcome = if is_intact { INTACT } else { DAMAGED };
        self.0.swap(outcome, Ordering::AcqRel) == 0
    }
}
