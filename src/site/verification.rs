//! Verification of a content in pieces, so that a thread can do other work between them.

use chapbook_format::digest::{Hash, Hasher};

use super::{integrity::PartState, packed_site::PackedSite};
use crate::limits::VERIFY_PIECE;

/// Verification of a content that is in progress.
#[derive(Debug)]
pub struct Verification {
    site: &'static PackedSite,
    state: &'static PartState,
    /// The number of the content.
    number: u32,
    expected: &'static Hash,
    /// The bytes that are not hashed yet.
    rest: &'static [u8],
    hasher: Hasher,
}

impl Verification {
    /// Starts to verify the content of the representation at a position; `None` if that is finished
    /// or in progress.
    pub(super) fn start(site: &'static PackedSite, at: u32) -> Option<Self> {
        let content = site.directory().representation(at)?.content;
        let number = content.number;
        let (state, rest) = (site.content_state(number)?, site.content_bytes(&content)?);
        let Some(expected) = site.hash(number) else {
            state.finish_verification(false);
            return None;
        };
        let hasher = Hasher::default();
        state.start_verification().then_some(Self { site, state, number, expected, rest, hasher })
    }

    /// Hashes the next piece. Returns whether that was the last one: then the integrity of the
    /// content is known to all workers.
    #[must_use]
    pub fn advance(&mut self) -> bool {
        let (piece, rest) = self.rest.split_at(VERIFY_PIECE.min(self.rest.len()));
        self.hasher.update(piece);
        self.rest = rest;
        if !rest.is_empty() {
            return false;
        }
        let is_intact = std::mem::take(&mut self.hasher).finish() == *self.expected;
        if !is_intact {
            self.site.report_content(self.number);
        }
        self.state.finish_verification(is_intact);
        true
    }

    /// Hashes all pieces.
    pub(super) fn finish(mut self) {
        while !self.advance() {}
    }
}
