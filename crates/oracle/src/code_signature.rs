//! The ad-hoc signature of a macOS executable, read as the kernel and `codesign --verify` do
//! (`<kern/cs_blobs.h>`, `<mach-o/loader.h>`).

use std::collections::BTreeMap;

use chapbook_format::digest::{self, Hash};

/// A signature whose hashes of pages match.
#[derive(Debug)]
pub struct Signature {
    /// The identifier of the program.
    pub identifier: String,
    /// The flags of its code directory: 2 is ad hoc, and 0x20000 by the linker.
    pub flags: u32,
    /// The hashes of the special slots, by their numbers.
    pub special: BTreeMap<usize, Hash>,
    /// The other blobs, by their slots.
    pub blobs: BTreeMap<u32, Vec<u8>>,
}

fn number(bytes: &[u8], at: usize) -> usize {
    big_endian(bytes, at).try_into().unwrap_or_default()
}

fn big_endian(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn little_endian(bytes: &[u8], at: usize) -> usize {
    bytes[at..at + 4].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// Reads the signature, which must be at the end of the file. Panics if a page has another hash.
pub fn signature(image: &[u8]) -> Signature {
    let mut command = 32;
    while little_endian(image, command) != 0x1D {
        command += little_endian(image, command + 4);
    }
    let (at, length) = (little_endian(image, command + 8), little_endian(image, command + 12));
    assert_eq!(at + length, image.len(), "the signature is at the end");
    let superblob = &image[at..];
    assert_eq!(big_endian(superblob, 0), 0xFADE_0CC0);
    assert_eq!(number(superblob, 4), length);
    let mut blobs = BTreeMap::new();
    let mut end = 12 + number(superblob, 8) * 8;
    for entry in superblob[12..end].chunks_exact(8) {
        let at = number(entry, 4);
        assert_eq!(at, end, "blobs follow each other");
        end = at + number(superblob, at + 4);
        blobs.insert(big_endian(entry, 0), superblob[at..end].to_vec());
    }
    assert_eq!(end, length, "nothing follows the blobs");
    let directory = blobs.remove(&0).expect("there is a code directory");
    assert_eq!(big_endian(&directory, 0), 0xFADE_0C02);
    let field = |index: usize| number(&directory, index * 4);
    let (hashes_at, identifier_at) = (field(4), field(5));
    let (special_count, count, limit) = (field(6), field(7), field(8));
    assert_eq!(limit, at, "all before the signature is signed");
    assert_eq!(directory[36..40], [32, 2, 0, 12], "SHA-256 of pages of 4096 bytes");
    let hash = |at: usize| -> Hash { directory[at..at + 32].try_into().expect("it has 32 bytes") };
    let pages: Vec<Hash> = image[..at].chunks(4096).map(digest::of).collect();
    let signed: Vec<Hash> = (0..count).map(|page| hash(hashes_at + page * 32)).collect();
    assert!(pages == signed, "the hash of a page differs");
    let special = (1..=special_count).map(|slot| (slot, hash(hashes_at - slot * 32)));
    let identifier = directory[identifier_at..].split(|byte| *byte == 0).next();
    Signature {
        identifier: String::from_utf8_lossy(identifier.unwrap_or_default()).into_owned(),
        flags: big_endian(&directory, 12),
        special: special.collect(),
        blobs,
    }
}
