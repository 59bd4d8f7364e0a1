//! Bounds-checked reader of numbers and byte strings.

/// A reader of the remaining bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteReader<'a>(&'a [u8]);

impl<'a> ByteReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// A reader from a position on; empty if the position is out of bounds.
    pub(super) fn at(bytes: &'a [u8], position: u32) -> Self {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        Self(bytes.get(position..).unwrap_or_default())
    }

    /// The next bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// The bytes after a number that is their length.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.bytes(usize::try_from(length).ok()?)
    }

    /// A number with a variable number of bytes; `None` if it is longer than a `u64`.
    #[inline]
    pub(super) fn number(&mut self) -> Option<u64> {
        match self.0 {
            // Fast path: most numbers are lengths of short texts.
            [byte @ ..0x80, rest @ ..] => {
                self.0 = rest;
                Some(u64::from(*byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Option<u64> {
        let mut number = 0;
        for (index, byte) in self.0.iter().enumerate().take(10) {
            let bits = u64::from(byte & 0x7F);
            // The tenth byte has the highest bit only.
            if index == 9 && bits > 1 {
                return None;
            }
            number |= bits << (7 * index);
            if *byte < 0x80 {
                self.0 = &self.0[index + 1..];
                return Some(number);
            }
        }
        None
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| *byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().copied().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().copied().map(u32::from_le_bytes)
    }

    pub(super) fn u40(&mut self) -> Option<u64> {
        let (low, high) = (self.u32()?, self.u8()?);
        Some(u64::from(low) | u64::from(high) << 32)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().copied().map(u64::from_le_bytes)
    }

    /// A reader of the rest of a part whose first `u32` is the length of the part, itself included.
    /// This reader continues after the part.
    pub(super) fn part(&mut self) -> Option<Self> {
        let rest = self.u32()?.checked_sub(4)?;
        self.bytes(usize::try_from(rest).ok()?).map(Self)
    }

    /// The remaining bytes.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The number of remaining bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::byte_writer::push_number, *};

    #[test]
    fn nothing_is_read_beyond_the_end() {
        let bytes = [2, b'a', b'b', 7];
        let mut fields = ByteReader::new(&bytes);
        assert_eq!((fields.text(), fields.u32(), fields.u8()), (Some(&b"ab"[..]), None, Some(7)));
        assert_eq!((fields.u8(), fields.u64(), fields.text()), (None, None, None));
        assert_eq!(ByteReader::at(&bytes, 3).u8(), Some(7));
        assert_eq!(ByteReader::at(&bytes, u32::MAX).u8(), None);
        assert_eq!(ByteReader::new(&[255, 255, 255, 255, 15, 1]).text(), None);
    }

    #[test]
    fn a_number_has_a_byte_for_each_seven_bits() {
        for number in [0, 1, 127, 128, 300, 1 << 14, 1 << 35, u64::MAX >> 1, u64::MAX] {
            let mut bytes = Vec::new();
            push_number(&mut bytes, number);
            let digits = (64 - number.leading_zeros()).div_ceil(7).max(1);
            assert_eq!(bytes.len(), digits as usize, "{number}");
            let mut fields = ByteReader::new(&bytes);
            assert_eq!((fields.number(), fields.len()), (Some(number), 0));
            let cut_short = &bytes[..bytes.len() - 1];
            assert_eq!(ByteReader::new(cut_short).number(), None, "{number}");
        }
        for too_long in [[255; 9].as_slice(), &[128; 10]] {
            assert_eq!(ByteReader::new(&[too_long, &[2]].concat()).number(), None, "{too_long:?}");
        }
    }

    #[test]
    fn the_end_of_a_part_follows_from_its_length() {
        let bytes = [6, 0, 0, 0, 1, 2, 3];
        let mut fields = ByteReader::new(&bytes);
        assert_eq!(fields.part(), Some(ByteReader(&[1, 2])));
        assert_eq!(fields.u8(), Some(3));
        for length in [0, 3, 8] {
            assert_eq!(ByteReader::new(&[length, 0, 0, 0, 1, 2, 3]).part(), None, "{length}");
        }
    }
}
