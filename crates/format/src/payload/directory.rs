//! Look-ups in a payload: from a key to a record, and whether a block of records is intact. Results
//! are not cached, and contents are not read.

use super::{
    BLOCK,
    byte_reader::ByteReader,
    content_hashes::hash_position,
    header::{Header, PayloadError},
    index::{Index, NotFoundRow, PatternRow},
    path_fields::PathFields,
    record::Record,
    representation::{RepresentationRecord, Representations},
    shared_head::SharedHead,
    site_info::SiteInfo,
};
use crate::digest::{self, Hash};

/// A payload's header, index and records.
#[derive(Debug, Clone, Copy)]
pub struct Directory<'a> {
    header: Header,
    index: Index<'a>,
    records: &'a [u8],
}

impl<'a> Directory<'a> {
    /// Opens the payload that starts with these bytes and has this total length. Only the header
    /// and the index are read and verified.
    ///
    /// # Errors
    ///
    /// See [`PayloadError`].
    pub fn open(bytes: &'a [u8], payload_length: u64) -> Result<Self, PayloadError> {
        let header = Header::read(bytes)?;
        if header.payload_length() != Some(payload_length) {
            return Err(PayloadError::CutShort);
        }
        let part = |length: u64| usize::try_from(length).map_err(|_| PayloadError::CutShort);
        let index_end = Header::LENGTH + part(header.index_length)?;
        let records_end = index_end.checked_add(part(header.records_length)?);
        let records = records_end.and_then(|end| bytes.get(index_end..end));
        let records = records.ok_or(PayloadError::CutShort)?;
        let index = Index::read(&bytes[Header::LENGTH..index_end], records);
        Ok(Self { header, index: index.ok_or(PayloadError::Damaged)?, records })
    }

    /// The lengths of the parts, and the recorded root hash.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The offset of the contents from the start of the payload.
    #[must_use]
    pub fn contents_at(&self) -> u64 {
        // It was checked when the payload was opened.
        self.header.contents_at().unwrap_or(u64::MAX)
    }

    /// Facts about the site.
    #[must_use]
    pub fn info(&self) -> &SiteInfo<&'a str> {
        &self.index.info
    }

    /// The number of hashes of contents.
    #[must_use]
    pub fn hashes(&self) -> u32 {
        self.index.hashes
    }

    /// The hash of a content or of a block of content; `None` if there is none with this number.
    #[must_use]
    pub fn hash(&self, number: u32) -> Option<&'a Hash> {
        ByteReader::at(self.hash_bytes(), self.hash_position(number)?).array()
    }

    /// The position of a hash, which is within one block of records.
    #[must_use]
    pub fn hash_position(&self, number: u32) -> Option<u32> {
        hash_position(number)
    }

    fn hash_bytes(&self) -> &'a [u8] {
        let end = hash_position(self.index.hashes).and_then(|end| usize::try_from(end).ok());
        end.and_then(|end| self.records.get(..end)).unwrap_or_default()
    }

    /// The number of blocks of records.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.index.blocks.len()
    }

    /// Whether the hash of a block of records is the one in the index.
    #[must_use]
    pub fn is_block_intact(&self, number: usize) -> bool {
        let length = BLOCK as usize;
        let start = number.saturating_mul(length);
        let end = start.saturating_add(length).min(self.records.len());
        match (self.records.get(start..end), self.index.blocks.get(number)) {
            (Some(block), Some(hash)) => digest::of(block) == *hash,
            _ => false,
        }
    }

    /// The position of the record for `key`, if there is one. It may be the record of another key
    /// (see [`Record::key`]).
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<u32> {
        self.index.find(key)
    }

    /// The length of the record at a position, from its first field.
    #[must_use]
    pub fn record_length(&self, at: u32) -> Option<u32> {
        ByteReader::at(self.records, at).u32()
    }

    /// The record at a position; `None` if it is malformed.
    #[must_use]
    pub fn record(&self, at: u32) -> Option<Record<'a>> {
        Record::read(self.records, at)
    }

    /// The representations of the file at a position; empty if there is no file.
    pub fn representations(
        &self,
        file: u32,
    ) -> impl Iterator<Item = RepresentationRecord<'a>> + use<'a> {
        let representations = match self.record(file) {
            Some(Record::File { representations, .. }) => Some(representations),
            _ => None,
        };
        representations.into_iter().flat_map(Representations::iter)
    }

    /// The positions of all records, in order. Nothing is verified; a malformed record is the last.
    pub fn positions(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut next = hash_position(self.index.hashes);
        let records = self.records;
        std::iter::from_fn(move || {
            let at = next?;
            let length = ByteReader::at(records, at).u32()?;
            next = at.checked_add(length).filter(|_| length > 0);
            Some(at)
        })
    }

    /// The beginning of heads at a position; `None` if it is malformed. As a part of the index, it
    /// is verified.
    #[must_use]
    pub fn shared_head(&self, at: u32) -> Option<SharedHead<&'a [u8]>> {
        self.index.shared_head(at)
    }

    /// The rules with `*`, in their order.
    pub fn patterns(&self) -> impl Iterator<Item = PatternRow<'a>> + use<'a> {
        self.index.patterns()
    }

    /// The not-found pages, the deepest folder first.
    pub fn not_found(&self) -> impl Iterator<Item = NotFoundRow<'a>> + use<'a> {
        self.index.not_found()
    }

    /// The fields that the author gives to paths, the most specific ones first.
    pub fn path_fields(&self) -> impl Iterator<Item = PathFields<&'a [u8]>> + use<'a> {
        self.index.path_fields()
    }
}
