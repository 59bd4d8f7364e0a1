//! The ad-hoc code signature of a macOS executable: the hash of each of its pages, computed while
//! they are written. Names are those of `<kern/cs_blobs.h>` in the XNU kernel.

use std::{
    fs::File,
    io::{self, Take, Write},
};

use chapbook_format::digest::Hasher;

use super::macho_headers::Range;
use crate::sink::{Sink, copy_buffered};

/// The length of a page that is hashed, in bytes, and its logarithm.
const PAGE: usize = 1 << PAGE_BITS;
const PAGE_BITS: u8 = 12;
const HASH_LENGTH: usize = 32;
/// `CS_HASHTYPE_SHA256`
const SHA_256: u8 = 2;
/// The length of the superblob that contains only a code directory.
const SUPERBLOB: usize = 20;
/// The length of a code directory of version 2.4 without identifier and hashes.
const CODE_DIRECTORY: usize = 88;
const IDENTIFIER: &[u8] = b"chapbook\0";

const CSMAGIC_EMBEDDED_SIGNATURE: u32 = 0xFADE_0CC0;
const CSMAGIC_CODEDIRECTORY: u32 = 0xFADE_0C02;
const SUPPORTS_EXECSEG: u32 = 0x2_0400;
const CS_ADHOC: u32 = 0x2;
/// Another ad-hoc signature may replace it without being forced.
const CS_LINKER_SIGNED: u32 = 0x2_0000;
const CS_EXECSEG_MAIN_BINARY: u64 = 1;

/// The length of the signature of this number of bytes.
pub(super) fn length(signed: u64) -> u64 {
    let hashes = signed.div_ceil(PAGE as u64) * HASH_LENGTH as u64;
    (SUPERBLOB + CODE_DIRECTORY + IDENTIFIER.len()) as u64 + hashes
}

/// A sink that hashes each page of what is written.
pub(super) struct SignedSink<'a> {
    to: &'a mut dyn Sink,
    hasher: Hasher,
    /// The number of bytes of the current page.
    filled: usize,
    written: u64,
    hashes: Vec<u8>,
}

impl<'a> SignedSink<'a> {
    pub(super) fn new(to: &'a mut dyn Sink) -> Self {
        Self { to, hasher: Hasher::default(), filled: 0, written: 0, hashes: Vec::new() }
    }

    /// Writes the signature of everything before. `text` is the segment with the code.
    pub(super) fn finish(mut self, text: Range) -> io::Result<()> {
        if self.filled > 0 {
            self.end_page();
        }
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let hashes_at = CODE_DIRECTORY + IDENTIFIER.len();
        let directory = hashes_at + self.hashes.len();
        let superblob = [
            CSMAGIC_EMBEDDED_SIGNATURE,
            number((SUPERBLOB + directory) as u64),
            // One blob, in the slot of the code directory, and its position.
            1,
            0,
            number(SUPERBLOB as u64),
        ];
        let head = [
            CSMAGIC_CODEDIRECTORY,
            number(directory as u64),
            SUPPORTS_EXECSEG,
            CS_ADHOC | CS_LINKER_SIGNED,
            number(hashes_at as u64),
            number(CODE_DIRECTORY as u64),
            // No special slots, such as for entitlements.
            0,
            number((self.hashes.len() / HASH_LENGTH) as u64),
            number(self.written),
            u32::from_be_bytes([u8::try_from(HASH_LENGTH).unwrap_or(0), SHA_256, 0, PAGE_BITS]),
        ];
        for field in superblob.into_iter().chain(head) {
            self.to.write_all(&field.to_be_bytes())?;
        }
        // Without scatter vector, team and a limit of 64 bits.
        self.to.write_all(&[0; 24])?;
        for field in [text.at, text.length, CS_EXECSEG_MAIN_BINARY] {
            self.to.write_all(&field.to_be_bytes())?;
        }
        self.to.write_all(IDENTIFIER)?;
        self.to.write_all(&self.hashes)
    }

    fn end_page(&mut self) {
        let hasher = std::mem::take(&mut self.hasher);
        self.hashes.extend(hasher.finish());
        self.filled = 0;
    }
}

impl Write for SignedSink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(PAGE - self.filled)];
        let count = self.to.write(piece)?;
        self.hasher.update(&piece[..count]);
        self.filled += count;
        self.written += count as u64;
        if self.filled == PAGE {
            self.end_page();
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Sink for SignedSink<'_> {
    fn copy_file(&mut self, from: &mut Take<&File>) -> io::Result<u64> {
        copy_buffered(from, self)
    }
}

#[cfg(test)]
mod tests {
    use chapbook_format::digest;

    use super::*;

    #[test]
    fn a_signature_has_the_hash_of_each_page_and_the_length_that_was_reserved() {
        for count in [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 5] {
            let bytes: Vec<u8> = (0..=250).cycle().take(count).collect();
            let mut written = Vec::new();
            let mut sink = SignedSink::new(&mut written);
            for piece in bytes.chunks(1000) {
                sink.write_all(piece).unwrap();
            }
            sink.finish(Range::default()).unwrap();
            let (signed, signature) = written.split_at(count);
            assert_eq!(signed, bytes, "{count}");
            assert_eq!(signature.len() as u64, length(count as u64), "{count}");
            let hashes: Vec<u8> = bytes.chunks(PAGE).flat_map(digest::of).collect();
            assert!(signature.ends_with(&hashes), "{count}");
            assert_eq!(signature[4..8], u32::try_from(signature.len()).unwrap().to_be_bytes());
        }
    }
}
