//! The header before the payload in the section of an executable: how to restore the base, the
//! executable that the site was packed into, so that packing again replaces the site.
//!
//! ```text
//! u32   length of the header
//! u32   length of the head of the base
//! u64   length of the base
//! u64   cut: the position in the packed file where bytes were inserted
//! u64   gap: the number of inserted bytes
//! hash  SHA-256 of the rest of the header
//! the head of the base: its first bytes, which packing changes
//! what the executable format needs
//! ```
//!
//! The base consists of its head, the bytes of the packed file from there to the cut, and the bytes
//! after the gap, which begins at the cut.

use std::io::{self, Read, Seek, SeekFrom};

use crate::digest::{Hash, Hasher};

/// The length of the fixed part in bytes.
pub const FIXED: usize = 64;
/// The position of the hash.
const HASH_AT: usize = 32;

/// How to restore the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseInfo<'a> {
    /// The first bytes of the base.
    pub head: &'a [u8],
    /// The length of the base in bytes.
    pub length: u64,
    /// Where bytes were inserted in the packed file.
    pub cut: u64,
    /// The number of inserted bytes.
    pub gap: u64,
}

/// The payload after the header of a section; `None` if the header is damaged.
#[must_use]
pub fn payload(section: &[u8]) -> Option<&[u8]> {
    let length = u32::from_le_bytes(*section.first_chunk()?);
    let (header, payload) = section.split_at_checked(usize::try_from(length).ok()?)?;
    let hash: &Hash = header.get(HASH_AT..FIXED)?.try_into().ok()?;
    (checksum(header) == *hash).then_some(payload)
}

fn checksum(header: &[u8]) -> Hash {
    let mut hasher = Hasher::default();
    hasher.update(&header[..HASH_AT.min(header.len())]);
    hasher.update(header.get(FIXED..).unwrap_or_default());
    hasher.finish()
}

impl<'a> BaseInfo<'a> {
    /// The header of a section, with `extra` at its end.
    #[must_use]
    pub fn to_header(&self, extra: &[u8]) -> Vec<u8> {
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        let length = FIXED + self.head.len() + extra.len();
        let mut header = Vec::with_capacity(length);
        header.extend(number(length));
        header.extend(number(self.head.len()));
        for position in [self.length, self.cut, self.gap] {
            header.extend(position.to_le_bytes());
        }
        header.extend([0; 32]);
        header.extend(self.head);
        header.extend(extra);
        let hash = checksum(&header);
        header[HASH_AT..FIXED].copy_from_slice(&hash);
        header
    }

    /// Reads the header of a section; `None` if it is damaged.
    #[must_use]
    pub fn read(section: &'a [u8]) -> Option<Self> {
        payload(section)?;
        let number = |at: usize| Some(u64::from_le_bytes(*section.get(at..)?.first_chunk()?));
        let head_length = u32::from_le_bytes(*section.get(4..)?.first_chunk()?);
        let head_end = FIXED.checked_add(usize::try_from(head_length).ok()?)?;
        let head = section.get(FIXED..head_end)?;
        Some(Self { head, length: number(8)?, cut: number(16)?, gap: number(24)? })
    }

    /// The base of a packed file. Only the base is read, not the site.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::UnexpectedEof`] if the file is too short; an error of the system.
    pub fn restore(&self, packed: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
        let too_short = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let mut base = self.head.to_vec();
        let before_cut = self.cut.checked_sub(base.len() as u64).ok_or_else(too_short)?;
        let after_gap = self.length.checked_sub(self.cut).ok_or_else(too_short)?;
        let gap_end = self.cut.checked_add(self.gap).ok_or_else(too_short)?;
        for (at, length) in [(base.len() as u64, before_cut), (gap_end, after_gap)] {
            packed.seek(SeekFrom::Start(at))?;
            if packed.take(length).read_to_end(&mut base)? as u64 != length {
                return Err(too_short());
            }
        }
        Ok(base)
    }
}

/// What the executable format needs, at the end of the header; `None` if the header is damaged.
#[must_use]
pub fn extra(section: &[u8]) -> Option<&[u8]> {
    let payload = payload(section)?;
    let head_length = BaseInfo::read(section)?.head.len();
    section.get(FIXED + head_length..section.len() - payload.len())
}

/// Writes the position and the length of the inserted bytes, which are known only afterwards.
pub fn set_cut(section: &mut [u8], cut: u64, gap: u64) -> Option<()> {
    let length = u32::from_le_bytes(*section.first_chunk()?);
    let header = section.get_mut(..usize::try_from(length).ok()?)?;
    header.get_mut(16..24)?.copy_from_slice(&cut.to_le_bytes());
    header.get_mut(24..HASH_AT)?.copy_from_slice(&gap.to_le_bytes());
    let hash = checksum(header);
    header.get_mut(HASH_AT..FIXED)?.copy_from_slice(&hash);
    Some(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_base_is_its_start_and_the_bytes_around_the_gap() {
        let base = b"HEADbodytail";
        let packed = b"headbody[insert]tail and more";
        let base_info = BaseInfo { head: b"HEAD", length: 12, cut: 8, gap: 8 };
        let mut section = base_info.to_header(b"extra");
        section.extend(b"payload");
        assert_eq!(BaseInfo::read(&section), Some(base_info));
        assert_eq!(payload(&section), Some(&b"payload"[..]));
        assert_eq!(extra(&section), Some(&b"extra"[..]));
        assert_eq!(base_info.restore(&mut Cursor::new(packed)).unwrap(), base);
        set_cut(&mut section, 9, 10).unwrap();
        assert_eq!(BaseInfo::read(&section), Some(BaseInfo { cut: 9, gap: 10, ..base_info }));
    }

    #[test]
    fn a_damaged_header_is_detected_and_nothing_panics() {
        let base_info = BaseInfo { head: b"HEAD", length: u64::MAX, cut: u64::MAX, gap: u64::MAX };
        let header = base_info.to_header(b"extra");
        assert!(base_info.restore(&mut Cursor::new(b"short")).is_err());
        for at in 0..header.len() {
            let mut flipped = header.clone();
            flipped[at] ^= 1;
            assert_eq!(payload(&flipped), None, "{at}");
            assert_eq!(BaseInfo::read(&header[..at]), None, "{at}");
        }
    }
}
