//! Part of a content that is being sent: first bytes that are verified, then the rest, in memory or
//! in a file.

use chapbook_format::payload::CONTENT_BLOCK;

use super::{
    file_content::FileContent, integrity::Integrity, opened_files::OpenedFile,
    packed_content::PackedContent,
};

/// The bytes of a content that are left to send. Only verified bytes can be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContentCursor<'s> {
    verified: &'s [u8],
    /// What follows `verified`.
    rest: Option<Rest<'s>>,
}

/// A part of a content that is not known to be verified, or is not read; not empty.
#[derive(Debug, Clone, Copy)]
struct Rest<'s> {
    source: Source<'s>,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy)]
enum Source<'s> {
    Packed(PackedContent<'s>),
    /// `verified` is empty, since the bytes of a file are read into a buffer.
    File(FileContent<'s>),
}

/// The next block of a content is damaged, or cannot be read from its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedContent;

impl<'s> ContentCursor<'s> {
    /// A part that needs no verification.
    #[must_use]
    pub const fn intact(bytes: &'s [u8]) -> Self {
        Self { verified: bytes, rest: None }
    }

    /// A part of a content in a payload.
    pub(super) fn packed(content: PackedContent<'s>, start: usize, end: usize) -> Self {
        Self::unverified(Source::Packed(content), start, end.min(content.bytes().len()))
    }

    /// A part of a content in a file; empty if there is none.
    #[cold]
    pub(super) fn in_file(content: Option<FileContent<'s>>, start: usize, end: usize) -> Self {
        content.map_or_else(Self::default, |content| {
            Self::unverified(Source::File(content), start, end.min(content.len()))
        })
    }

    fn unverified(source: Source<'s>, start: usize, end: usize) -> Self {
        Self { verified: &[], rest: (start < end).then_some(Rest { source, start, end }) }
    }

    /// The number of bytes that are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.verified.len() + self.rest.map_or(0, |rest| rest.end - rest.start)
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.verified.is_empty() && self.rest.is_none()
    }

    /// The next bytes, as far as they are verified.
    #[must_use]
    pub fn verified(&self) -> &'s [u8] {
        self.verified
    }

    /// Whether all bytes that are left are verified.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.rest.is_none()
    }

    /// Drops verified bytes that are sent.
    pub fn advance(&mut self, count: usize) {
        self.verified = &self.verified[count.min(self.verified.len())..];
    }

    /// Appends the next bytes to a buffer, if they are in a file. Returns whether they are. The
    /// file stays open in `opened` until the last of them are read.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub fn read_file(
        &mut self,
        to: &mut Vec<u8>,
        opened: &mut Option<OpenedFile>,
    ) -> Result<bool, DamagedContent> {
        let Some(Rest { source: source @ Source::File(content), start, end }) = self.rest else {
            return Ok(false);
        };
        let start = start + content.read(start, end, to, opened).map_err(|_| DamagedContent)?;
        *self = Self::unverified(source, start, end);
        if self.rest.is_none() {
            *opened = None;
        }
        Ok(true)
    }

    /// Whether it is a stream of events that has nothing to send, and stays open.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        match self.rest {
            Some(Rest { source: Source::File(content), start, .. }) => content.is_waiting_at(start),
            _ => false,
        }
    }

    /// Adds blocks that have been verified before, until `length` bytes are verified. Nothing is
    /// hashed.
    pub fn extend_verified(&mut self, length: usize) {
        while let Some(Rest { source: Source::Packed(content), start, end }) = self.rest
            && self.verified.len() < length
            && content.integrity_at(start) == Integrity::Intact
        {
            self.release_block(content, start, end);
        }
    }

    /// Verifies the next block. Returns the number of bytes that were hashed for it.
    ///
    /// # Errors
    ///
    /// If it is damaged.
    pub fn verify_block(&mut self) -> Result<usize, DamagedContent> {
        let Some(Rest { source: Source::Packed(content), start, end }) = self.rest else {
            return Ok(0);
        };
        let is_hashed = content.integrity_at(start) == Integrity::Unverified;
        if !content.verify_at(start) {
            return Err(DamagedContent);
        }
        self.release_block(content, start, end);
        Ok(if is_hashed { CONTENT_BLOCK } else { 0 })
    }

    /// Moves the first block of the rest, which is intact, to the verified bytes.
    fn release_block(&mut self, content: PackedContent<'s>, start: usize, end: usize) {
        let block_end = (start / CONTENT_BLOCK + 1).saturating_mul(CONTENT_BLOCK).min(end);
        let first = start - self.verified.len();
        let rest = Rest { source: Source::Packed(content), start: block_end, end };
        self.verified = &content.bytes()[first..block_end];
        self.rest = (block_end < end).then_some(rest);
    }
}
