//! What is known about a part of a payload: each is verified once, when it is first needed.

use std::sync::atomic::{AtomicU8, Ordering};

/// What is known about content before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Its hash is right.
    Sound,
    /// Its hash is wrong, and it must not be sent.
    Damaged,
    /// Its hash is not known yet.
    Unchecked,
}

/// The state of one part, shared by all workers.
#[derive(Debug, Default)]
pub(super) struct PartState(AtomicU8);

const UNCHECKED: u8 = 0;
const SOUND: u8 = 1;
const DAMAGED: u8 = 2;
/// A check is under way.
const BEING_CHECKED: u8 = 3;

impl PartState {
    /// The states of `count` parts.
    pub(super) fn unchecked(count: usize) -> Box<[Self]> {
        (0..count).map(|_| Self::default()).collect()
    }

    pub(super) fn readiness(&self) -> Readiness {
        match self.0.load(Ordering::Acquire) {
            SOUND => Readiness::Sound,
            DAMAGED => Readiness::Damaged,
            _ => Readiness::Unchecked,
        }
    }

    /// Marks the part as being checked; false where a check is under way or finished.
    pub(super) fn start_check(&self) -> bool {
        let (from, to) = (UNCHECKED, BEING_CHECKED);
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Stores the outcome of a check. Returns whether it is the first outcome.
    pub(super) fn finish_check(&self, is_sound: bool) -> bool {
        let outcome = if is_sound { SOUND } else { DAMAGED };
        !matches!(self.0.swap(outcome, Ordering::AcqRel), SOUND | DAMAGED)
    }
}
