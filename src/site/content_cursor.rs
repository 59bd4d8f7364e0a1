//! Part of a content that is being sent: first bytes that are verified, then the rest, in memory or
//! in a file.

use chapbook_format::payload::CONTENT_BLOCK;

use super::{file_content::FilePart, integrity::Integrity, packed_content::PackedContent};

/// The bytes of a content that are left to send. Only verified bytes can be read.
#[derive(Debug, Clone, Default)]
pub struct ContentCursor {
    verified: &'static [u8],
    /// What follows `verified`.
    rest: Option<Rest>,
    /// A part in a file, not empty. Nothing is before or after it. In a box, because only a preview
    /// has it.
    in_file: Option<Box<FilePart>>,
}

/// A part of a content in a payload that is not known to be verified; not empty.
#[derive(Debug, Clone, Copy)]
struct Rest {
    content: PackedContent,
    start: usize,
    end: usize,
}

/// The next block of a content is damaged, or cannot be read from its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedContent;

impl ContentCursor {
    /// A part that needs no verification.
    #[must_use]
    pub const fn intact(bytes: &'static [u8]) -> Self {
        Self { verified: bytes, rest: None, in_file: None }
    }

    /// A part of a content in a payload.
    pub(super) fn packed(content: PackedContent, start: usize, end: usize) -> Self {
        let end = end.min(content.bytes().len());
        let rest = (start < end).then_some(Rest { content, start, end });
        Self { verified: &[], rest, in_file: None }
    }

    /// A part in a file.
    pub(super) fn in_file(part: FilePart) -> Self {
        Self { in_file: (part.len() > 0).then(|| Box::new(part)), ..Self::default() }
    }

    /// The number of bytes that are left.
    #[must_use]
    pub fn len(&self) -> usize {
        let in_file = self.in_file.as_ref().map_or(0, |part| part.len());
        self.verified.len() + self.rest.map_or(0, |rest| rest.end - rest.start) + in_file
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.verified.is_empty() && self.is_verified()
    }

    /// The next bytes, as far as they are verified.
    #[must_use]
    pub fn verified(&self) -> &'static [u8] {
        self.verified
    }

    /// Whether all bytes that are left are verified.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.rest.is_none() && self.in_file.is_none()
    }

    /// Whether the bytes are in a file.
    #[must_use]
    pub fn is_in_file(&self) -> bool {
        self.in_file.is_some()
    }

    /// Appends the next bytes, if they are in a file.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub fn read_file(&mut self, to: &mut Vec<u8>) -> Result<(), DamagedContent> {
        let Some(part) = &mut self.in_file else { return Ok(()) };
        part.read(to).map_err(|_| DamagedContent)?;
        if part.len() == 0 {
            self.in_file = None;
        }
        Ok(())
    }

    /// Drops verified bytes that are sent.
    pub fn advance(&mut self, count: usize) {
        self.verified = &self.verified[count.min(self.verified.len())..];
    }

    /// Adds blocks that have been verified before, until `length` bytes are verified. Nothing is
    /// hashed.
    pub fn extend_verified(&mut self, length: usize) {
        while let Some(rest) = self.rest
            && self.verified.len() < length
            && rest.content.integrity_at(rest.start) == Integrity::Intact
        {
            self.release_block(rest);
        }
    }

    /// Verifies the next block. Returns the number of bytes that were hashed for it.
    ///
    /// # Errors
    ///
    /// If it is damaged.
    pub fn verify_block(&mut self) -> Result<usize, DamagedContent> {
        let Some(rest) = self.rest else { return Ok(0) };
        let is_hashed = rest.content.integrity_at(rest.start) == Integrity::Unverified;
        if !rest.content.verify_at(rest.start) {
            return Err(DamagedContent);
        }
        self.release_block(rest);
        Ok(if is_hashed { CONTENT_BLOCK } else { 0 })
    }

    /// Moves the first block of the rest, which is intact, to the verified bytes.
    fn release_block(&mut self, rest: Rest) {
        let Rest { content, start, end } = rest;
        let block_end = (start / CONTENT_BLOCK + 1).saturating_mul(CONTENT_BLOCK).min(end);
        let first = start - self.verified.len();
        self.verified = &content.bytes()[first..block_end];
        self.rest = (block_end < end).then_some(Rest { content, start: block_end, end });
    }
}
