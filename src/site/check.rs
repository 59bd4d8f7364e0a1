//! Verification of one content, in pieces, so that a thread can do other work between them.

use chapbook_format::digest::{Hash, Hasher};

use super::{packed_site::PackedSite, part_state::PartState};
use crate::limits::CHECK_PIECE;

/// A check of a content.
#[derive(Debug)]
pub struct Check {
    site: &'static PackedSite,
    state: &'static PartState,
    number: u32,
    expected: &'static Hash,
    rest: &'static [u8],
    hasher: Hasher,
}

/// Whether a check is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is more to hash.
    More,
    /// The outcome is known to all workers.
    Done,
}

impl Check {
    /// Starts to check the content of the representation at a position; `None` where a check is
    /// finished or under way.
    pub(super) fn start(site: &'static PackedSite, at: u32) -> Option<Self> {
        let content = site.directory().representation(at)?.content;
        let (number, expected) = (content.number, content.hash);
        let (state, rest) = (site.content_state(number)?, site.content_bytes(&content)?);
        let hasher = Hasher::default();
        state.start_check().then_some(Self { site, state, number, expected, rest, hasher })
    }

    /// Hashes the next piece.
    pub fn advance(&mut self) -> Progress {
        let (piece, rest) = self.rest.split_at(CHECK_PIECE.min(self.rest.len()));
        self.hasher.update(piece);
        self.rest = rest;
        if !rest.is_empty() {
            return Progress::More;
        }
        let is_sound = std::mem::take(&mut self.hasher).finish() == *self.expected;
        if !is_sound {
            self.site.report_content(self.number);
        }
        self.state.finish_check(is_sound);
        Progress::Done
    }

    /// Hashes all pieces.
    pub(super) fn finish(mut self) {
        while self.advance() == Progress::More {}
    }
}
