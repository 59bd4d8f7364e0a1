//! This file owns reading numbers and bytes one behind another, within bounds. It doesn't know what
//! they mean.

/// What is left to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByteReader<'a>(&'a [u8]);

impl<'a> ByteReader<'a> {
    /// The bytes from a position on; nothing where it lies outside.
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

    /// The next bytes, behind their length.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.bytes(usize::try_from(length).ok()?)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// How many bytes are left.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_beyond_the_end() {
        let bytes = [2, 0, 0, 0, b'a', b'b', 7];
        let mut fields = ByteReader::at(&bytes, 0);
        assert_eq!((fields.text(), fields.u32(), fields.u8()), (Some(&b"ab"[..]), None, Some(7)));
        assert_eq!((fields.u8(), fields.u64(), fields.text()), (None, None, None));
        assert_eq!(ByteReader::at(&bytes, 6).u8(), Some(7));
        assert_eq!(ByteReader::at(&bytes, u32::MAX).u8(), None);
        assert_eq!(ByteReader::at(&[255, 255, 255, 255, 1], 0).text(), None);
    }
}
