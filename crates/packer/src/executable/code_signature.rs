//! The ad-hoc code signature of a macOS executable: the hash of each of its pages, computed while
//! they are written. Names are those of `<kern/cs_blobs.h>` in the XNU kernel.

use std::io::{self, Write};

use chapbook_compiler::Sink;
use chapbook_format::digest::{self, Hash, Hasher};

use super::macho_headers::Range;
use crate::app::Seal;

/// The length of a page that is hashed, in bytes, and its logarithm.
const PAGE: usize = 1 << PAGE_BITS;
const PAGE_BITS: u8 = 12;
const HASH_LENGTH: usize = 32;
/// `CS_HASHTYPE_SHA256`
const SHA_256: u8 = 2;
/// The length of a superblob without its blobs, and of an entry of its index.
const SUPERBLOB: usize = 12;
const ENTRY: usize = 8;
/// The length of a code directory of version 2.4 without identifier and hashes.
const CODE_DIRECTORY: usize = 88;
const IDENTIFIER: &str = "chapbook";

/// The slots of a superblob.
const CSSLOT_CODEDIRECTORY: u32 = 0;
const CSSLOT_REQUIREMENTS: u32 = 2;
const CSSLOT_SIGNATURESLOT: u32 = 0x1_0000;
/// A set of no requirements, and a signature by no one: `codesign` writes both.
const REQUIREMENTS: [u32; 3] = [0xFADE_0C01, 12, 0];
const CMS: [u32; 2] = [0xFADE_0B01, 8];

const CSMAGIC_EMBEDDED_SIGNATURE: u32 = 0xFADE_0CC0;
const CSMAGIC_CODEDIRECTORY: u32 = 0xFADE_0C02;
const SUPPORTS_EXECSEG: u32 = 0x2_0400;
const CS_ADHOC: u32 = 0x2;
/// Another ad-hoc signature may replace it without being forced.
const CS_LINKER_SIGNED: u32 = 0x2_0000;
const CS_EXECSEG_MAIN_BINARY: u64 = 1;

/// The parts of a signature that do not depend on the code.
struct Parts {
    identifier: Vec<u8>,
    /// The hashes of the special slots, the one with the highest number first.
    special: Vec<Hash>,
    /// The blobs after the code directory, with their slots.
    others: Vec<(u32, Vec<u8>)>,
}

impl Parts {
    /// The parts for an executable in an app, or for one without.
    fn new(seal: Option<&Seal>) -> Self {
        let identifier = seal.map_or(IDENTIFIER, |seal| &seal.identifier);
        let identifier = [identifier.as_bytes(), b"\0"].concat();
        let blob = |fields: &[u32]| fields.iter().flat_map(|it| it.to_be_bytes()).collect();
        let requirements: Vec<u8> = blob(&REQUIREMENTS);
        match seal {
            None => Self { identifier, special: Vec::new(), others: Vec::new() },
            Some(seal) => Self {
                identifier,
                special: vec![seal.resources, digest::of(&requirements), seal.info],
                others: vec![
                    (CSSLOT_REQUIREMENTS, requirements),
                    (CSSLOT_SIGNATURESLOT, blob(&CMS)),
                ],
            },
        }
    }

    /// The position of the hashes of pages in the code directory.
    fn hashes_at(&self) -> usize {
        CODE_DIRECTORY + self.identifier.len() + self.special.len() * HASH_LENGTH
    }

    /// The position of the code directory.
    fn directory_at(&self) -> usize {
        SUPERBLOB + ENTRY * (1 + self.others.len())
    }

    /// The length of a signature with this number of bytes of hashes.
    fn length(&self, hashes: usize) -> usize {
        let others: usize = self.others.iter().map(|(_, blob)| blob.len()).sum();
        self.directory_at() + self.hashes_at() + hashes + others
    }
}

/// The length of the signature of this number of bytes.
pub(super) fn length(signed: u64, seal: Option<&Seal>) -> u64 {
    let hashes = signed.div_ceil(PAGE as u64) * HASH_LENGTH as u64;
    Parts::new(seal).length(0) as u64 + hashes
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
    pub(super) fn finish(mut self, text: Range, seal: Option<&Seal>) -> io::Result<()> {
        if self.filled > 0 {
            self.end_page();
        }
        let parts = Parts::new(seal);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let directory = parts.hashes_at() + self.hashes.len();
        let mut superblob = vec![
            CSMAGIC_EMBEDDED_SIGNATURE,
            number(parts.length(self.hashes.len())),
            number(1 + parts.others.len()),
            CSSLOT_CODEDIRECTORY,
            number(parts.directory_at()),
        ];
        let mut at = parts.directory_at() + directory;
        for (slot, blob) in &parts.others {
            superblob.extend([*slot, number(at)]);
            at += blob.len();
        }
        // The linker does not sign apps.
        let flags = if seal.is_some() { CS_ADHOC } else { CS_ADHOC | CS_LINKER_SIGNED };
        let head = [
            CSMAGIC_CODEDIRECTORY,
            number(directory),
            SUPPORTS_EXECSEG,
            flags,
            number(parts.hashes_at()),
            number(CODE_DIRECTORY),
            number(parts.special.len()),
            number(self.hashes.len() / HASH_LENGTH),
            u32::try_from(self.written).unwrap_or(u32::MAX),
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
        self.to.write_all(&parts.identifier)?;
        self.to.write_all(&parts.special.concat())?;
        self.to.write_all(&self.hashes)?;
        parts.others.iter().try_for_each(|(_, blob)| self.to.write_all(blob))
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

impl Sink for SignedSink<'_> {}

#[cfg(test)]
mod tests {
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
            sink.finish(Range::default(), None).unwrap();
            let (signed, signature) = written.split_at(count);
            assert_eq!(signed, bytes, "{count}");
            assert_eq!(signature.len() as u64, length(count as u64, None), "{count}");
            let hashes: Vec<u8> = bytes.chunks(PAGE).flat_map(digest::of).collect();
            assert!(signature.ends_with(&hashes), "{count}");
            assert_eq!(signature[4..8], u32::try_from(signature.len()).unwrap().to_be_bytes());
        }
    }
}
