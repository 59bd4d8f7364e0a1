//! Output buffer: heads and small contents are copied into it, and at most one large content
//! follows them without a copy.

use std::io::IoSlice;

use crate::{
    limits::{COPY_MAX, TRANSMIT_HIGH},
    site::{ContentCursor, DamagedContent, OpenedFile},
};

/// Output that is to be written. A worker has one for all of its connections, which keeps its
/// capacity; what the kernel does not accept at once moves to one that the connection owns.
#[derive(Debug, Default)]
pub struct Transmit<'s> {
    buffer: Vec<u8>,
    /// The number of bytes of `buffer` that are written.
    written: usize,
    /// The content that follows `buffer`.
    tail: ContentCursor<'s>,
    /// The file that the tail is read from, until it is read to its end.
    file: Option<OpenedFile>,
}

impl<'s> Transmit<'s> {
    /// Whether everything is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.written == self.buffer.len() && self.tail.is_empty()
    }

    /// The number of bytes that are not written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buffer.len() - self.written + self.tail.len()
    }

    /// Whether nothing may be added until this is written: a large content must be the last, and
    /// the buffer is bounded.
    pub(super) fn is_full(&self) -> bool {
        !self.tail.is_empty() || self.buffer.len() >= TRANSMIT_HIGH
    }

    /// Copies bytes to the end of the buffer.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        debug_assert!(self.tail.is_empty(), "nothing follows a large content");
        self.buffer.extend_from_slice(bytes);
    }

    /// Adds a decimal number.
    pub(super) fn push_number(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            // A remainder of ten is below ten.
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.push(&digits[at..]);
    }

    /// Adds content: short content is copied, longer content is not and must be the last.
    pub(crate) fn push_content(&mut self, mut content: ContentCursor<'s>) {
        content.extend_verified(COPY_MAX);
        if content.is_verified() && content.verified().len() <= COPY_MAX {
            self.push(content.verified());
        } else {
            self.tail = content;
        }
    }

    /// Verifies content that is to be written next, up to `length` bytes of it, or reads a part of
    /// it from its file. Blocks are hashed only if nothing else can be written, and only while
    /// `hash_max`, which is reduced by the bytes hashed, is not 0. Afterwards,
    /// [`Transmit::slices`] may be empty, if that was 0.
    ///
    /// # Errors
    ///
    /// If nothing can be written because the next block is damaged, or its file unreadable.
    pub fn verify(&mut self, length: usize, hash_max: &mut usize) -> Result<(), DamagedContent> {
        if self.tail.is_verified() {
            return Ok(());
        }
        self.tail.extend_verified(length);
        if self.buffer.len() - self.written < COPY_MAX && self.read_file()? {
            self.buffer.drain(..self.written);
            self.written = 0;
        }
        let is_ready = self.written < self.buffer.len() || !self.tail.verified().is_empty();
        if is_ready || self.tail.is_waiting() {
            return Ok(());
        }
        while *hash_max > 0 && self.tail.verified().len() < length && !self.tail.is_verified() {
            match self.tail.verify_block() {
                Ok(count) => *hash_max = hash_max.saturating_sub(count),
                Err(error) if self.tail.verified().is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Reads a part of the tail from its file, if it is in one. Returns whether it is.
    fn read_file(&mut self) -> Result<bool, DamagedContent> {
        let outcome = self.tail.read_file(&mut self.buffer, &mut self.file);
        if outcome.is_err() {
            self.file = None;
        }
        outcome
    }

    /// The bytes that are not written, in order, as far as they are verified.
    #[must_use]
    pub fn slices(&self) -> [IoSlice<'_>; 2] {
        [IoSlice::new(&self.buffer[self.written..]), IoSlice::new(self.tail.verified())]
    }

    /// Whether it waits for an event, with nothing to write.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.written == self.buffer.len() && self.tail.is_waiting()
    }

    /// Marks this many bytes as written.
    pub fn advance(&mut self, count: usize) {
        let from_buffer = count.min(self.buffer.len() - self.written);
        self.written += from_buffer;
        self.tail.advance(count - from_buffer);
        if self.is_empty() {
            self.clear();
        }
    }

    /// The buffer, for bytes that are written before the rest. Everything that was in it must have
    /// been written.
    pub fn refill(&mut self) -> &mut Vec<u8> {
        debug_assert_eq!(self.written, self.buffer.len(), "nothing is left in the buffer");
        self.buffer.clear();
        self.written = 0;
        &mut self.buffer
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.written = 0;
        self.tail = ContentCursor::default();
    }

    /// What is not written, in a buffer that is no larger than necessary. To be followed by
    /// [`Transmit::clear`].
    #[must_use]
    pub fn rest(&mut self) -> Self {
        let (buffer, file) = (self.buffer[self.written..].to_vec(), self.file.take());
        Self { buffer, written: 0, tail: self.tail, file }
    }

    /// Drops everything after a failed write, also the file that would be read next.
    pub fn abandon(&mut self) {
        self.file = None;
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LARGE: [u8; COPY_MAX + 1] = [b'x'; COPY_MAX + 1];

    #[test]
    fn numbers_are_decimal() {
        for number in [0, 7, 10, 253, u64::MAX] {
            let mut out = Transmit::default();
            out.push_number(number);
            assert_eq!(out.buffer, number.to_string().as_bytes());
        }
    }

    #[test]
    fn output_written_in_any_pieces_is_the_same_bytes() {
        for piece in [1, 2, 3, 4, 7, 1000, usize::MAX] {
            let mut out = Transmit::default();
            out.push(b"head");
            out.push_content(ContentCursor::intact(&LARGE));
            assert!(out.is_full());
            let mut written = Vec::new();
            while !out.is_empty() {
                let next = out.slices().concat_up_to(piece);
                out.advance(next.len());
                written.extend(next);
                out = out.rest();
            }
            assert_eq!(written, [b"head", &LARGE[..]].concat());
        }
    }

    trait ConcatUpTo {
        fn concat_up_to(&self, length: usize) -> Vec<u8>;
    }

    impl ConcatUpTo for [IoSlice<'_>; 2] {
        fn concat_up_to(&self, length: usize) -> Vec<u8> {
            self.iter().flat_map(|slice| slice.iter().copied()).take(length).collect()
        }
    }
}
