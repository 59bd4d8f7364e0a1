//! Representations: content in one coding, with the head it is sent with.
//!
//! In a payload, a representation is a text that contains:
//!
//! ```text
//! u8    number of the content coding, see `ContentCoding`
//! u32   number of the hash of the content: equal contents have one number
//! u40   offset of the content from the start of the contents
//! u40   length of the content
//! head, see `head.rs`
//! ```

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_number, push_text, push_u40},
    head::Head,
    shared_head::SharedHead,
};
use crate::content_coding::ContentCoding;

/// Content `C` in one coding, with the head it is sent with; `T` holds text, and `S` is the
/// beginning of the head or the position of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Representation<C, T, S = SharedHead<T>> {
    /// How the content is encoded.
    pub coding: ContentCoding,
    /// The content.
    pub content: C,
    /// The head of the response.
    pub head: Head<T, S>,
}

/// A representation in the records of a payload.
pub type RepresentationRecord<'a> = Representation<ContentRecord, &'a [u8], u32>;

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

impl<'a> RepresentationRecord<'a> {
    /// Reads the representation in a part; `None` if it is malformed.
    pub(super) fn read(mut fields: ByteReader<'a>) -> Option<Self> {
        let coding = ContentCoding::from_u8(fields.u8()?)?;
        let (number, offset, length) = (fields.u32()?, fields.u40()?, fields.u40()?);
        let content = ContentRecord { number, offset, length };
        Some(Self { coding, content, head: Head::read(&mut fields)? })
    }

    fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        let Self { coding, content, head } = self;
        let mut text = vec![coding.to_u8()];
        text.extend(content.number.to_le_bytes());
        push_u40(&mut text, content.offset)?;
        push_u40(&mut text, content.length)?;
        head.write(&mut text)?;
        push_text(to, &text)
    }
}

/// The representations of a file, encoded: identity first, the others from small to large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Representations<'a> {
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
        Ok(Self { count, bytes: buffer })
    }

    /// Reads the representations that a part ends with. They are not checked, so there can be fewer
    /// than the count.
    pub(super) fn read(mut part: ByteReader<'a>) -> Option<Self> {
        let count = u32::try_from(part.number()?).ok()?;
        Some(Self { count, bytes: part.rest() })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        push_number(to, self.count.into());
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

    /// Each representation. Ends before the first one that is malformed.
    pub fn iter(self) -> impl Iterator<Item = RepresentationRecord<'a>> {
        self.parts().map_while(RepresentationRecord::read)
    }

    /// The representation at an index. Those before it are not read.
    #[must_use]
    pub fn get(self, index: usize) -> Option<RepresentationRecord<'a>> {
        RepresentationRecord::read(self.parts().nth(index)?)
    }

    /// The coding of each representation; nothing else is read.
    pub fn codings(self) -> impl Iterator<Item = ContentCoding> {
        self.parts().map_while(|mut part| ContentCoding::from_u8(part.u8()?))
    }

    fn parts(self) -> impl Iterator<Item = ByteReader<'a>> {
        let mut rest = ByteReader::new(self.bytes);
        (0..self.count).map_while(move |_| rest.text().map(ByteReader::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn representations_are_read_as_they_were_written() {
        let own = &b"ETag: \"tag\"\r\n"[..];
        let representation = |coding: ContentCoding| Representation {
            coding,
            content: ContentRecord { number: 1, offset: 2, length: (1 << 40) - 1 },
            head: Head { shared: 3, own, entity_tag_line: 13 },
        };
        let all = ContentCoding::ALL.map(representation);
        let mut buffer = Vec::new();
        let encoded = Representations::encode(all, &mut buffer).unwrap();
        let mut bytes = Vec::new();
        encoded.write(&mut bytes);
        let read = Representations::read(ByteReader::new(&bytes)).unwrap();
        assert_eq!(read.len(), all.len());
        assert_eq!(read.codings().collect::<Vec<_>>(), ContentCoding::ALL);
        assert_eq!(read.iter().collect::<Vec<_>>(), all);
        for (index, expected) in all.into_iter().enumerate() {
            assert_eq!(read.get(index), Some(expected));
        }
        assert_eq!(read.get(all.len()), None);
    }
}
