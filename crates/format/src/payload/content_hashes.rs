//! Hashes of contents and of their blocks.
//!
//! In a payload, the records begin with the hashes, 32 bytes each: for each content its SHA-256,
//! followed by the SHA-256 of each of its blocks if it is longer than a block. A hash lies within
//! one block of records.

use std::io;

use crate::digest::{Hash, Hasher};

/// The length of a block of content in bytes; the last block of a content is shorter. A block is
/// verified before it is sent for the first time, so it is small enough that hashing it delays
/// nothing noticeably, even without CPU instructions for it.
pub const CONTENT_BLOCK: usize = 64 * 1024;

/// The number of blocks of a content of this length.
#[must_use]
pub const fn block_count(length: u64) -> u64 {
    length.div_ceil(CONTENT_BLOCK as u64)
}

/// The number of the hash of a block, for a content with this number and length; `None` if there is
/// no such block.
#[must_use]
pub fn block_hash_number(content: u32, length: u64, block: u64) -> Option<u32> {
    let count = block_count(length);
    if count <= 1 {
        return (block == 0).then_some(content);
    }
    let number = content.checked_add(u32::try_from(block).ok()?)?.checked_add(1);
    number.filter(|_| block < count)
}

/// The position of a hash in the records; `None` if it overflows.
pub(super) fn hash_position(number: u32) -> Option<u32> {
    number.checked_mul(32)
}

/// The hashes of one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentHashes {
    /// The SHA-256 of the content.
    pub content: Hash,
    /// The SHA-256 of each block; empty if the content is not longer than a block.
    pub blocks: Vec<Hash>,
}

impl ContentHashes {
    /// The hashes of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = ContentHasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The hashes in the order of a payload.
    pub fn iter(&self) -> impl Iterator<Item = &Hash> {
        std::iter::once(&self.content).chain(&self.blocks)
    }
}

/// Computes the hashes of a content that arrives in pieces.
#[derive(Debug, Default)]
pub struct ContentHasher {
    content: Hasher,
    /// Hashes the current block, of which this many bytes have arrived.
    block: (Hasher, usize),
    blocks: Vec<Hash>,
}

impl ContentHasher {
    /// Adds the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            // A block ends only if more bytes follow, so a content of one block is hashed once.
            if self.block.1 == CONTENT_BLOCK {
                self.end_block();
            }
            let (piece, rest) = bytes.split_at(bytes.len().min(CONTENT_BLOCK - self.block.1));
            if !self.blocks.is_empty() {
                self.content.update(piece);
            }
            self.block.0.update(piece);
            self.block.1 += piece.len();
            bytes = rest;
        }
    }

    fn end_block(&mut self) {
        let (hasher, _) = std::mem::take(&mut self.block);
        // So far, the hash of the first block is that of the content.
        if self.blocks.is_empty() {
            self.content = hasher.clone();
        }
        self.blocks.push(hasher.finish());
    }

    /// The hashes of all bytes.
    #[must_use]
    pub fn finish(mut self) -> ContentHashes {
        self.end_block();
        let content = self.content.finish();
        let blocks = if self.blocks.len() > 1 { self.blocks } else { Vec::new() };
        ContentHashes { content, blocks }
    }
}

impl io::Write for ContentHasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest;

    #[test]
    fn the_hashes_are_those_of_the_content_and_of_each_block_if_there_are_several() {
        let bytes: Vec<u8> = (0..=250).cycle().take(3 * CONTENT_BLOCK + 5).collect();
        for length in [0, 1, CONTENT_BLOCK - 1, CONTENT_BLOCK, CONTENT_BLOCK + 1, bytes.len()] {
            let bytes = &bytes[..length];
            let blocks: Vec<Hash> = bytes.chunks(CONTENT_BLOCK).map(digest::of).collect();
            let blocks = if blocks.len() > 1 { blocks } else { Vec::new() };
            let expected = ContentHashes { content: digest::of(bytes), blocks };
            for piece in [1000, CONTENT_BLOCK, usize::MAX] {
                let mut hasher = ContentHasher::default();
                bytes.chunks(piece).for_each(|piece| hasher.update(piece));
                assert_eq!(hasher.finish(), expected, "{length}, {piece}");
            }
        }
    }

    #[test]
    fn the_hashes_of_blocks_follow_that_of_the_content() {
        let block = CONTENT_BLOCK as u64;
        let rows: [(u64, u64, Option<u32>); 8] = [
            (0, 0, Some(7)),
            (block, 0, Some(7)),
            (block, 1, None),
            (block + 1, 0, Some(8)),
            (block + 1, 1, Some(9)),
            (block + 1, 2, None),
            (u64::MAX, 0, Some(8)),
            (u64::MAX, u64::from(u32::MAX), None),
        ];
        for (length, block, expected) in rows {
            assert_eq!(block_hash_number(7, length, block), expected, "{length}, {block}");
        }
    }
}
