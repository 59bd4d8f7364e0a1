//! Content in a payload, and the verification of its blocks.

use std::ops::Range;

use chapbook_format::payload::{CONTENT_BLOCK, ContentRecord, block_hash_number};

use super::{integrity::Integrity, packed_site::PackedSite};

/// Content in a payload.
#[derive(Debug, Clone, Copy)]
pub struct PackedContent<'s> {
    site: &'s PackedSite<'s>,
    /// The number of its hash.
    number: u32,
    bytes: &'s [u8],
}

impl<'s> PackedContent<'s> {
    /// The content of a record; `None` if its bytes are outside of the payload.
    pub(super) fn of(site: &'s PackedSite<'s>, content: &ContentRecord) -> Option<Self> {
        Some(Self { site, number: content.number, bytes: site.content_bytes(content)? })
    }

    pub(super) fn bytes(&self) -> &'s [u8] {
        self.bytes
    }

    /// Whether all blocks between two positions are intact. Verifies them if necessary.
    pub(super) fn verify(&self, start: usize, end: usize) -> bool {
        let last = end.max(start + 1).saturating_sub(1) / CONTENT_BLOCK;
        (start / CONTENT_BLOCK..=last).all(|block| self.verify_block(block))
    }

    /// Verifies all blocks, and the content if it has several.
    pub(super) fn verify_all(&self) {
        let is_intact = self.verify(0, self.bytes.len());
        if is_intact && self.bytes.len() > CONTENT_BLOCK {
            let is_known = self.site.integrity(self.number) != Integrity::Unverified;
            let _ = is_known || self.site.verify_bytes(self.number, self.number, self.bytes);
        }
    }

    /// Whether a block is intact. Verifies it if necessary.
    fn verify_block(&self, block: usize) -> bool {
        match self.integrity(block) {
            Integrity::Intact => true,
            Integrity::Damaged => false,
            Integrity::Unverified => self.hash_block(block),
        }
    }

    /// What is known about the block at a position.
    pub(super) fn integrity_at(&self, at: usize) -> Integrity {
        self.integrity(at / CONTENT_BLOCK)
    }

    /// Verifies the block at a position, and returns whether it is intact.
    pub(super) fn verify_at(&self, at: usize) -> bool {
        self.verify_block(at / CONTENT_BLOCK)
    }

    fn integrity(&self, block: usize) -> Integrity {
        let number = self.hash_number(block);
        number.map_or(Integrity::Damaged, |number| self.site.integrity(number))
    }

    #[cold]
    fn hash_block(&self, block: usize) -> bool {
        let bytes = self.bytes.get(block_range(block, self.bytes.len()));
        match (self.hash_number(block), bytes) {
            (Some(number), Some(bytes)) => self.site.verify_bytes(self.number, number, bytes),
            _ => false,
        }
    }

    fn hash_number(&self, block: usize) -> Option<u32> {
        block_hash_number(self.number, self.bytes.len() as u64, block as u64)
    }
}

/// The positions of a block in a content of this length.
fn block_range(block: usize, length: usize) -> Range<usize> {
    let start = block.saturating_mul(CONTENT_BLOCK).min(length);
    start..start.saturating_add(CONTENT_BLOCK).min(length)
}
