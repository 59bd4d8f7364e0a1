//! Precomputed response heads of representations: a beginning that many of them share (see
//! `shared_head.rs`), and then the lines of the representation itself.
//!
//! ```text
//! ETag                                               <- also in a 206 and a 304
//! Content-Length
//! ```
//!
//! In a payload:
//!
//! ```text
//! u32   position of the beginning in the index
//! u8    length of the ETag line, 0 if there is no such line
//! text  the lines, each with CR LF
//! ```

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_text},
    shared_head::SharedHead,
};

/// A response head from the status line on, without `Date`, `Connection` and the empty line, which
/// depend on the moment of the response. `S` is its beginning or, in a payload, the position of it
/// in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<T, S = SharedHead<T>> {
    /// The beginning.
    pub shared: S,
    /// The lines after it, each with its CR LF.
    pub own: T,
    /// The length of the `ETag` line, which comes first; 0 if there is no such line.
    pub entity_tag_line: u8,
}

/// What precedes an entity tag in its line.
const ENTITY_TAG_NAME: &[u8] = b"ETag: ";

impl<T: AsRef<[u8]>, S> Head<T, S> {
    /// The same head with another beginning.
    pub fn with_shared<R>(self, shared: R) -> Head<T, R> {
        let Self { shared: _, own, entity_tag_line } = self;
        Head { shared, own, entity_tag_line }
    }

    /// The `ETag` line; empty if there is none.
    pub fn entity_tag_line(&self) -> &[u8] {
        self.own.as_ref().get(..usize::from(self.entity_tag_line)).unwrap_or_default()
    }

    /// The entity tag with its quotes, a strong one (RFC 9110 section 8.8.3); empty if there is
    /// none.
    pub fn entity_tag(&self) -> &[u8] {
        let line = self.entity_tag_line();
        line.get(ENTITY_TAG_NAME.len()..line.len().saturating_sub(2)).unwrap_or_default()
    }
}

impl<T: AsRef<[u8]>> Head<T> {
    /// The same head, borrowed.
    pub fn as_bytes(&self) -> Head<&[u8]> {
        let Self { shared, own, entity_tag_line } = self;
        let (shared, own) = (shared.as_bytes(), own.as_ref());
        Head { shared, own, entity_tag_line: *entity_tag_line }
    }

    /// All lines.
    pub fn text(&self) -> Vec<u8> {
        [self.shared.text.as_ref(), self.own.as_ref()].concat()
    }
}

impl<'a> Head<&'a [u8], u32> {
    /// Reads a head; `None` if the `ETag` line is longer than all lines.
    pub(super) fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let (shared, entity_tag_line, own) = (fields.u32()?, fields.u8()?, fields.text()?);
        let is_within = usize::from(entity_tag_line) <= own.len();
        is_within.then_some(Self { shared, own, entity_tag_line })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.shared.to_le_bytes());
        to.push(self.entity_tag_line);
        push_text(to, self.own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written_and_its_entity_tag_is_within_its_text() {
        let own = &b"ETag: \"a\"\r\nContent-Length: 1\r\n"[..];
        let rows: [(u8, Option<&[u8]>); 5] = [
            (0, Some(b"")),
            (5, Some(b"")),
            (11, Some(b"\"a\"")),
            (30, Some(b"\"a\"\r\nContent-Length: 1")),
            (31, None),
        ];
        for (entity_tag_line, expected) in rows {
            let head = Head { shared: 7, own, entity_tag_line };
            let mut bytes = Vec::new();
            head.write(&mut bytes).unwrap();
            let read = Head::read(&mut ByteReader::new(&bytes));
            assert_eq!(read, expected.map(|_| head));
            assert_eq!(read.as_ref().map(Head::entity_tag), expected);
        }
    }
}
