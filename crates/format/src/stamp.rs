//! The stamp: 64 bytes in every chapbook executable that record whether a site is packed into it,
//! and at which position. Without the stamp, an executable whose packed site is missing would serve
//! the embedded one.
//!
//! ```text
//! 24 bytes  magic bytes
//! u64       1 if a site is packed; otherwise it and all that follows is 0
//! u64       position of the section in the file
//! u64       length of the section
//! 16 bytes  first half of the SHA-256 of everything before
//! ```

use crate::digest;

/// The length of a stamp in bytes.
pub const LENGTH: usize = 64;

/// The magic bytes of a stamp, masked, so that the code that searches for stamps does not contain
/// one.
pub const MASKED: [u8; 24] = mask(*b"\xE2\x9D\xA7 chapbook stamp 1 \xE2\x9D\xA7");
const MASK: u8 = 0xA5;

/// The stamp of an executable without a packed site.
pub const BLANK: [u8; LENGTH] = blank();

/// A valid stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// No site was packed into the executable.
    Blank,
    /// A site was packed.
    Packed(Section),
}

/// The section with a packed site, its header included, in the file of an executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// In bytes from the start of the file.
    pub at: u64,
    /// In bytes.
    pub length: u64,
}

const fn mask(mut bytes: [u8; 24]) -> [u8; 24] {
    let mut at = 0;
    while at < bytes.len() {
        bytes[at] ^= MASK;
        at += 1;
    }
    bytes
}

const fn blank() -> [u8; LENGTH] {
    let magic = mask(MASKED);
    let mut bytes = [0; LENGTH];
    let mut at = 0;
    while at < magic.len() {
        bytes[at] = magic[at];
        at += 1;
    }
    bytes
}

impl Stamp {
    /// Parses a stamp; `None` if the bytes are not a stamp or it is damaged.
    #[must_use]
    pub fn read(bytes: &[u8; LENGTH]) -> Option<Self> {
        if *bytes == magic_and_zeros() {
            return Some(Self::Blank);
        }
        let number = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let section = Section { at: number(32)?, length: number(40)? };
        (*bytes == Self::Packed(section).bytes()).then_some(Self::Packed(section))
    }

    /// The bytes of the stamp.
    #[must_use]
    pub fn bytes(self) -> [u8; LENGTH] {
        let mut bytes = magic_and_zeros();
        if let Self::Packed(section) = self {
            bytes[24..32].copy_from_slice(&1_u64.to_le_bytes());
            bytes[32..40].copy_from_slice(&section.at.to_le_bytes());
            bytes[40..48].copy_from_slice(&section.length.to_le_bytes());
            let hash = digest::of(&bytes[..48]);
            bytes[48..].copy_from_slice(&hash[..16]);
        }
        bytes
    }
}

/// A blank stamp, computed at run time so that the code does not contain a stamp.
#[must_use]
pub fn magic_and_zeros() -> [u8; LENGTH] {
    let masked = std::hint::black_box(MASKED);
    let mut bytes = [0; LENGTH];
    for (byte, masked) in bytes.iter_mut().zip(masked) {
        *byte = masked ^ MASK;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_as_it_was_written_and_any_bit_flip_is_detected() {
        let packed = Stamp::Packed(Section { at: 4096, length: 1_000_000 });
        for stamp in [Stamp::Blank, packed] {
            let bytes = stamp.bytes();
            assert_eq!(Stamp::read(&bytes), Some(stamp));
            for (at, bit) in (0..LENGTH).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
                let mut flipped = bytes;
                flipped[at] ^= 1 << bit;
                assert_eq!(Stamp::read(&flipped), None, "{at}, {bit}");
            }
        }
        assert_eq!(Stamp::Blank.bytes(), BLANK);
    }
}
