//! This file owns the look-up in a payload: from a key to the position of a record, and which
//! blocks have to be whole for it. It remembers nothing, and doesn't look at contents.
//!
//! The index: u64 key of the hash, u64 date of the site or the greatest number, then how many there
//! are of each (u32): slots, displacements, contents, rules with `*`, pages for what is not found;
//! then displacements (u32, u32), slots (u32 fingerprint, u32 position), the SHA-256 of each block,
//! rules (u32 position, u8 whether for navigations only, text prefix), pages (u32 position of the
//! file, text folder) and the title (text), which is empty if there is none.

use super::{
    BLOCK, TRAILER,
    byte_reader::ByteReader,
    header::{Header, PayloadError},
    record::{REPRESENTATIONS_AT, Record, RepresentationRecord},
};
use crate::digest;

/// The date of a site that has none.
pub const NO_DATE: u64 = u64::MAX;

/// A payload's index and records.
#[derive(Debug, Clone, Copy)]
pub struct Directory<'a> {
    header: Header,
    hash_key: u64,
    last_modified: Option<u64>,
    title: &'a [u8],
    contents: u32,
    displacements: &'a [[u8; 8]],
    slots: &'a [[u8; 8]],
    blocks: &'a [[u8; 32]],
    patterns: (u32, ByteReader<'a>),
    not_found: (u32, ByteReader<'a>),
    records: &'a [u8],
}

/// A rule for every key that begins with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternRow<'a> {
    /// The beginning of the keys.
    pub prefix: &'a [u8],
    /// The position of the route.
    pub at: u32,
    /// Whether it answers navigations only.
    pub is_for_navigations: bool,
}

/// A page for what is not found in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFoundRow<'a> {
    /// The key of the folder.
    pub folder: &'a [u8],
    /// The position of the file.
    pub at: u32,
}

impl<'a> Directory<'a> {
    /// Opens the payload that begins with these bytes and has this length in all. Only the index is
    /// read, and checked.
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
        let index = &bytes[Header::LENGTH..index_end];
        Self::of_index(header, index, records).ok_or(PayloadError::Damaged)
    }

    fn of_index(header: Header, index: &'a [u8], records: &'a [u8]) -> Option<Self> {
        let mut fields = ByteReader::at(index, 0);
        let (hash_key, date) = (fields.u64()?, fields.u64()?);
        let (slots, displacements) = (fields.u32()?, fields.u32()?);
        let contents = fields.u32()?;
        let (patterns, not_found) = (fields.u32()?, fields.u32()?);
        let displacements = rows::<8>(&mut fields, displacements)?;
        let slots = rows::<8>(&mut fields, slots)?;
        let blocks = u32::try_from(records.len()).ok()?.div_ceil(BLOCK);
        let blocks = rows::<32>(&mut fields, blocks)?;
        // The hash divides by both, and 32 bits of it are all there is.
        if displacements.is_empty() != slots.is_empty() {
            return None;
        }
        // No more contents than what could name them.
        if usize::try_from(contents).ok()? > records.len() {
            return None;
        }
        let first_pattern = fields;
        for _ in 0..patterns {
            pattern_row(&mut fields)?;
        }
        let first_page = fields;
        for _ in 0..not_found {
            not_found_row(&mut fields)?;
        }
        let title = fields.text()?;
        (fields.len() == 0).then_some(Self {
            header,
            hash_key,
            last_modified: (date != NO_DATE).then_some(date),
            title,
            contents,
            displacements,
            slots,
            blocks,
            patterns: (patterns, first_pattern),
            not_found: (not_found, first_page),
            records,
        })
    }

    /// Whether these are the last bytes of a payload.
    #[must_use]
    pub fn is_trailer(bytes: &[u8]) -> bool {
        bytes == TRAILER
    }

    /// The lengths of the parts, and the root hash that was written down.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where the contents begin, from the start of the payload.
    #[must_use]
    pub fn contents_at(&self) -> u64 {
        Header::LENGTH as u64 + self.header.index_length + self.header.records_length
    }

    /// When the site was made, in seconds since 1970, if its author said so.
    #[must_use]
    pub fn last_modified(&self) -> Option<u64> {
        self.last_modified
    }

    /// The title of the site, if it has one that can be read.
    #[must_use]
    pub fn title(&self) -> Option<&'a str> {
        std::str::from_utf8(self.title).ok().filter(|title| !title.is_empty())
    }

    /// How many different contents there are.
    #[must_use]
    pub fn contents(&self) -> u32 {
        self.contents
    }

    /// How many blocks the records have.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Whether a block of records is what it was.
    #[must_use]
    pub fn is_block_whole(&self, number: usize) -> bool {
        let length = BLOCK as usize;
        let start = number.saturating_mul(length);
        let end = start.saturating_add(length).min(self.records.len());
        match (self.records.get(start..end), self.blocks.get(number)) {
            (Some(block), Some(hash)) => digest::of(block) == *hash,
            _ => false,
        }
    }

    /// The position of the record of the route at `key`, if there is any; whether the route is for
    /// exactly this key, only its record tells.
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<u32> {
        let count = u32::try_from(self.slots.len()).ok().filter(|count| *count > 0)?;
        let hashes = phf_shared::hash(key, &self.hash_key);
        let displacements = u32::try_from(self.displacements.len()).ok()?;
        let displacement = hashes.g.checked_rem(displacements)? as usize;
        let (d1, d2) = pair(*self.displacements.get(displacement)?);
        let slot = phf_shared::displace(hashes.f1, hashes.f2, d1, d2) % count;
        let (fingerprint, at) = pair(*self.slots.get(slot as usize)?);
        (fingerprint == hashes.f1).then_some(at)
    }

    /// The length of the record at a position, as far as its first bytes tell.
    #[must_use]
    pub fn record_length(&self, at: u32) -> Option<u32> {
        ByteReader::at(self.records, at).u32()
    }

    /// The record at a position; `None` where that makes no sense.
    #[must_use]
    pub fn record(&self, at: u32) -> Option<Record<'a>> {
        Record::read(self.records, at)
    }

    /// The position of the first representation of the file at a position.
    #[must_use]
    pub fn representations_at(file: u32) -> u32 {
        file.saturating_add(REPRESENTATIONS_AT)
    }

    /// The representation at a position; `None` where that makes no sense.
    #[must_use]
    pub fn representation(&self, at: u32) -> Option<RepresentationRecord<'a>> {
        RepresentationRecord::read(self.records, at)
    }

    /// The positions of all records, in order. Nothing is checked; one that makes no sense is the
    /// last.
    pub fn positions(&self) -> impl Iterator<Item = u32> {
        let mut next = Some(0);
        let records = self.records;
        std::iter::from_fn(move || {
            let at = next?;
            let length = ByteReader::at(records, at).u32()?;
            next = at.checked_add(length).filter(|_| length > 0);
            Some(at)
        })
    }

    /// The rules with `*`, in their order.
    pub fn patterns(&self) -> impl Iterator<Item = PatternRow<'a>> {
        let (count, mut fields) = self.patterns;
        (0..count).map_while(move |_| pattern_row(&mut fields))
    }

    /// The pages for what is not found, the deepest folder first.
    pub fn not_found(&self) -> impl Iterator<Item = NotFoundRow<'a>> {
        let (count, mut fields) = self.not_found;
        (0..count).map_while(move |_| not_found_row(&mut fields))
    }
}

fn rows<'a, const N: usize>(fields: &mut ByteReader<'a>, count: u32) -> Option<&'a [[u8; N]]> {
    let length = usize::try_from(count).ok()?.checked_mul(N)?;
    Some(fields.bytes(length)?.as_chunks().0)
}

fn pair(row: [u8; 8]) -> (u32, u32) {
    let [a, b, c, d, rest @ ..] = row;
    (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes(rest))
}

fn pattern_row<'a>(fields: &mut ByteReader<'a>) -> Option<PatternRow<'a>> {
    let (at, is_for_navigations) = (fields.u32()?, fields.u8()? != 0);
    Some(PatternRow { prefix: fields.text()?, at, is_for_navigations })
}

fn not_found_row<'a>(fields: &mut ByteReader<'a>) -> Option<NotFoundRow<'a>> {
    let at = fields.u32()?;
    Some(NotFoundRow { folder: fields.text()?, at })
}
