//! Representations: content in one coding, with the head it is sent with.
//!
//! In a payload, a representation is a part that contains:
//!
//! ```text
//! u8    number of the content coding, see `ContentCoding`
//! u32   number of the hash of the content: equal contents have one number
//! u64   offset of the content from the start of the contents
//! u64   length of the content
//! text  entity tag with its quotes
//! head, see `head.rs`
//! ```

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_part, push_text},
    head::Head,
};
use crate::content_coding::ContentCoding;

/// Content `C` in one coding, with the head it is sent with; `T` holds text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Representation<C, T> {
    /// How the content is encoded.
    pub coding: ContentCoding,
    /// The content.
    pub content: C,
    /// The entity tag with its quotes, a strong one (RFC 9110 section 8.8.3).
    pub entity_tag: T,
    /// The head of the response.
    pub head: Head<T>,
}

/// A representation in the records of a payload.
pub type RepresentationRecord<'a> = Representation<ContentRecord, &'a [u8]>;

/// A content in the contents of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRecord {
    /// The number of its hash: equal contents are stored once and have one number.
    pub number: u32,
    /// In bytes from the start of the contents.
    pub offset: u64,
    /// In bytes.
    pub length: u64,
}

impl<C, T> Representation<C, T> {
    /// The same representation with another type of content.
    pub fn with_content<D>(self, content: D) -> Representation<D, T> {
        let Self { coding, content: _, entity_tag, head } = self;
        Representation { coding, content, entity_tag, head }
    }
}

impl<C, T: AsRef<[u8]>> Representation<C, T> {
    /// The same representation, borrowed.
    pub fn as_bytes(&self) -> Representation<&C, &[u8]> {
        let Self { coding, content, entity_tag, head } = self;
        let (entity_tag, head) = (entity_tag.as_ref(), head.as_bytes());
        Representation { coding: *coding, content, entity_tag, head }
    }
}

impl<'a> RepresentationRecord<'a> {
    /// Reads the representation in a part; `None` if it is malformed.
    pub(super) fn read(mut fields: ByteReader<'a>) -> Option<Self> {
        let coding = ContentCoding::from_u8(fields.u8()?)?;
        let (number, offset, length) = (fields.u32()?, fields.u64()?, fields.u64()?);
        let content = ContentRecord { number, offset, length };
        let (entity_tag, head) = (fields.text()?, Head::read(&mut fields)?);
        Some(Self { coding, content, entity_tag, head })
    }

    fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        let Self { coding, content, entity_tag, head } = self;
        push_part(to, |to| {
            to.push(coding.to_u8());
            to.extend(content.number.to_le_bytes());
            to.extend(content.offset.to_le_bytes());
            to.extend(content.length.to_le_bytes());
            push_text(to, entity_tag)?;
            head.write(to)
        })
        .map(|_| ())
    }
}

/// The representations of a file, encoded: identity first, the others from small to large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Representations<'a> {
    /// The position of the first one.
    at: u32,
    count: u32,
    bytes: &'a [u8],
}

impl<'a> Representations<'a> {
    /// Encodes representations into an empty buffer.
    ///
    /// # Errors
    ///
    /// See [`PayloadTooLarge`].
    pub fn encode<'b>(
        all: impl IntoIterator<Item = RepresentationRecord<'b>>,
        buffer: &'a mut Vec<u8>,
    ) -> Result<Self, PayloadTooLarge> {
        let mut count = 0;
        for representation in all {
            representation.write(buffer)?;
            count += 1;
        }
        Ok(Self { at: 0, count, bytes: buffer })
    }

    /// Reads the representations that a part ends with, up to the position `end`. They are not
    /// checked, so there can be fewer than the count.
    pub(super) fn read(mut part: ByteReader<'a>, end: u32) -> Option<Self> {
        let count = part.u32()?;
        let at = end.checked_sub(u32::try_from(part.len()).ok()?)?;
        Some(Self { at, count, bytes: part.rest() })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.count.to_le_bytes());
        to.extend(self.bytes);
    }

    /// The number of representations.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// Whether there are no representations.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Each representation with its position. Ends before the first one that is malformed.
    pub fn iter(self) -> impl Iterator<Item = (u32, RepresentationRecord<'a>)> {
        self.parts().map_while(|(at, part)| Some((at, RepresentationRecord::read(part)?)))
    }

    /// The representation at an index, with its position. Those before it are not read.
    #[must_use]
    pub fn get(self, index: usize) -> Option<(u32, RepresentationRecord<'a>)> {
        let (at, part) = self.parts().nth(index)?;
        Some((at, RepresentationRecord::read(part)?))
    }

    /// The coding of each representation; nothing else is read.
    pub fn codings(self) -> impl Iterator<Item = ContentCoding> {
        self.parts().map_while(|(_, mut part)| ContentCoding::from_u8(part.u8()?))
    }

    fn parts(self) -> impl Iterator<Item = (u32, ByteReader<'a>)> {
        let (mut at, mut rest) = (self.at, ByteReader::new(self.bytes));
        (0..self.count).map_while(move |_| {
            let (start, length) = (at, rest.len());
            let part = rest.part()?;
            at = at.checked_add(u32::try_from(length - rest.len()).ok()?)?;
            Some((start, part))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn representations_are_read_as_they_were_written() {
        let head =
            Head { status: 404, text: &b"head"[..], fields_for_206_at: 1, fields_for_304_at: 2 };
        let representation = |coding: ContentCoding| Representation {
            coding,
            content: ContentRecord { number: 1, offset: 2, length: 3 },
            entity_tag: &b"\"tag\""[..],
            head,
        };
        let all = ContentCoding::ALL.map(representation);
        let mut buffer = Vec::new();
        let encoded = Representations::encode(all, &mut buffer).unwrap();
        let mut bytes = b"before".to_vec();
        encoded.write(&mut bytes);
        let end = u32::try_from(bytes.len()).unwrap();
        let read = Representations::read(ByteReader::at(&bytes, 6), end).unwrap();
        assert_eq!(read.len(), all.len());
        assert_eq!(read.codings().collect::<Vec<_>>(), ContentCoding::ALL);
        assert_eq!(read.iter().count(), all.len());
        for (index, ((at, found), expected)) in read.iter().zip(all).enumerate() {
            assert_eq!(found, expected);
            assert_eq!(read.get(index), Some((at, found)));
            let part = ByteReader::at(&bytes, at).part().unwrap();
            assert_eq!(RepresentationRecord::read(part), Some(expected));
        }
        assert_eq!(read.get(all.len()), None);
    }
}
