//! The beginning of response heads, which the heads of many responses share.
//!
//! The fields have this order, so that a 206 and a 304 repeat the end of the text:
//!
//! ```text
//! HTTP/1.1 200 OK
//! Content-Type, Content-Encoding, Accept-Ranges      <- fields_for_206_at: fields of a 206
//! Last-Modified, Cache-Control, Vary, ...            <- fields_for_304_at: fields of a 304
//! ```
//!
//! That of a not-found page ends after `Vary`, since the fields after it depend on the path (see
//! `path_fields.rs`).
//!
//! In the index of a payload, each one is stored once:
//!
//! ```text
//! u16    status
//! u32    start of the fields for a 206, from the start of the lines
//! u32    start of the fields for a 304
//! u32    length of the lines
//! bytes  status line and fields, each with CR LF
//! ```

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_length},
};

/// A status line and the fields that many heads have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SharedHead<T> {
    /// The status code that the text starts with.
    pub status: u16,
    /// The lines, each with its CR LF.
    pub text: T,
    /// Where the fields start that a 206 repeats.
    pub fields_for_206_at: u32,
    /// Where the fields start that a 304 repeats (RFC 9110 section 15.4.5).
    pub fields_for_304_at: u32,
}

impl<T: AsRef<[u8]>> SharedHead<T> {
    /// The beginning of the head of a response that has neither ranges nor validators.
    pub fn without_content(status: u16, text: T) -> Self {
        let end = u32::try_from(text.as_ref().len()).unwrap_or(u32::MAX);
        Self { status, text, fields_for_206_at: end, fields_for_304_at: end }
    }

    /// The same, borrowed.
    pub fn as_bytes(&self) -> SharedHead<&[u8]> {
        let Self { status, ref text, fields_for_206_at, fields_for_304_at } = *self;
        SharedHead { status, text: text.as_ref(), fields_for_206_at, fields_for_304_at }
    }

    /// The fields from `Content-Type` on.
    pub fn fields_for_206(&self) -> &[u8] {
        self.text_from(self.fields_for_206_at)
    }

    /// The fields from `Last-Modified` on.
    pub fn fields_for_304(&self) -> &[u8] {
        self.text_from(self.fields_for_304_at)
    }

    fn text_from(&self, at: u32) -> &[u8] {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        self.text.as_ref().get(at..).unwrap_or_default()
    }
}

impl<'a> SharedHead<&'a [u8]> {
    /// Reads one; `None` if its positions are outside of its text.
    pub(super) fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let status = fields.u16()?;
        let (fields_for_206_at, fields_for_304_at) = (fields.u32()?, fields.u32()?);
        let length = fields.u32()?;
        let text = fields.bytes(usize::try_from(length).ok()?)?;
        let is_within = |at: u32| usize::try_from(at).is_ok_and(|at| at <= text.len());
        (is_within(fields_for_206_at) && is_within(fields_for_304_at)).then_some(Self {
            status,
            text,
            fields_for_206_at,
            fields_for_304_at,
        })
    }

    /// Appends it to others.
    ///
    /// # Errors
    ///
    /// See [`PayloadTooLarge`].
    pub fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.status.to_le_bytes());
        to.extend(self.fields_for_206_at.to_le_bytes());
        to.extend(self.fields_for_304_at.to_le_bytes());
        push_length(to, self.text.len())?;
        to.extend(self.text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_head_is_read_as_it_was_written_and_its_positions_are_within_its_text() {
        let head = SharedHead {
            status: 200,
            text: &b"abcdef"[..],
            fields_for_206_at: 2,
            fields_for_304_at: 6,
        };
        assert_eq!((head.fields_for_206(), head.fields_for_304()), (&b"cdef"[..], &b""[..]));
        let mut bytes = Vec::new();
        head.write(&mut bytes).unwrap();
        assert_eq!(SharedHead::read(&mut ByteReader::new(&bytes)), Some(head));
        for position in [2, 6] {
            let mut outside = bytes.clone();
            outside[position] = 7;
            assert_eq!(SharedHead::read(&mut ByteReader::new(&outside)), None, "{position}");
        }
    }
}
