//! The index of a payload: a perfect hash from keys to records, and the lists that are searched for
//! keys without an exact route.
//!
//! ```text
//! u64      hash key
//! u32      number of slots
//! u32      number of displacements, 0 only if there are no slots
//! u32      number of hashes of contents, see `content_hashes.rs`
//! u32      number of patterns
//! u32      number of not-found pages
//! u32      number of path fields
//! for each displacement    u32 d1, u32 d2
//! for each slot            u32 fingerprint, u32 position of the record of an exact route
//! for each block           hash of a block of records
//! for each pattern         u32 position of the record of its route, u8 1 if for navigations only,
//!                          text prefix
//! for each not-found page  u32 position of the record of the file, text key of the folder
//! for each path fields     see `path_fields.rs`
//! text                     the beginnings of heads, see `shared_head.rs`; positions of them are
//!                          from the start of this text
//! site info, see `site_info.rs`
//! ```
//!
//! Of the patterns, of the not-found pages and of the path fields, the first that matches is used.
//!
//! The hash is that of `phf_shared` 0.14: SipHash-1-3 with 128 bits of output, keyed with 0 and the
//! hash key, of the length of the key (u64) and its bytes. The first u64 of the output consists of
//! f1 (low half) and g (high half), and the low half of the second is f2. All arithmetic is modulo
//! 2^32:
//!
//! ```text
//! d1, d2 = displacements[g % number of displacements]
//! slot   = slots[(d2 + f1 * d1 + f2) % number of slots]
//! ```
//!
//! If the fingerprint of the slot is f1, the slot has the position of the record, which may be that
//! of another key.

use super::{
    BLOCK,
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_length, push_text},
    path_fields::PathFields,
    shared_head::SharedHead,
    site_info::SiteInfo,
};
use crate::digest::{self, Hash};

/// A parsed index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Index<'a> {
    hash_key: u64,
    displacements: &'a [[u8; 8]],
    slots: &'a [[u8; 8]],
    pub(super) hashes: u32,
    pub(super) blocks: &'a [Hash],
    patterns: (u32, ByteReader<'a>),
    not_found: (u32, ByteReader<'a>),
    path_fields: (u32, ByteReader<'a>),
    shared_heads: &'a [u8],
    pub(super) info: SiteInfo<&'a str>,
}

/// The fields of an index to write.
#[derive(Debug)]
pub struct IndexParts<'a> {
    /// The key of a perfect hash over the keys of all exact routes (`phf_shared`).
    pub hash_key: u64,
    /// The displacements of that hash.
    pub displacements: &'a [(u32, u32)],
    /// The key and the position of the record of each exact route, in the order of that hash.
    pub slots: &'a [(&'a [u8], u32)],
    /// The number of hashes of contents.
    pub hashes: usize,
    /// The rules with `*`; the first that matches is used.
    pub patterns: &'a [PatternRow<'a>],
    /// The not-found pages, the deepest folder first.
    pub not_found: &'a [NotFoundRow<'a>],
    /// The fields of paths, the most specific ones first.
    pub path_fields: &'a [PathFields<&'a [u8]>],
    /// The beginnings of heads, one after another.
    pub shared_heads: &'a [u8],
    /// Facts about the site.
    pub info: SiteInfo<&'a str>,
}

impl<'a> Index<'a> {
    /// Reads the index of these records; `None` if it is malformed.
    pub(super) fn read(index: &'a [u8], records: &[u8]) -> Option<Self> {
        let mut fields = ByteReader::new(index);
        let hash_key = fields.u64()?;
        let (slots, displacements) = (fields.u32()?, fields.u32()?);
        let hashes = fields.u32()?;
        let (patterns, not_found, path_fields) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let displacements = rows::<8>(&mut fields, displacements)?;
        let slots = rows::<8>(&mut fields, slots)?;
        let blocks = u32::try_from(records.len()).ok()?.div_ceil(BLOCK);
        let blocks = rows::<32>(&mut fields, blocks)?;
        // The hash divides by both.
        if displacements.is_empty() != slots.is_empty() {
            return None;
        }
        // A bound for the memory that is allocated per hash, too.
        let hashes_length = usize::try_from(hashes).ok()?.checked_mul(size_of::<Hash>())?;
        if hashes_length > records.len() {
            return None;
        }
        let first_pattern = fields;
        for _ in 0..patterns {
            PatternRow::read(&mut fields)?;
        }
        let first_page = fields;
        for _ in 0..not_found {
            NotFoundRow::read(&mut fields)?;
        }
        let first_fields = fields;
        for _ in 0..path_fields {
            PathFields::read(&mut fields)?;
        }
        let shared_heads = fields.text()?;
        let info = SiteInfo::read(&mut fields)?;
        (fields.len() == 0).then_some(Self {
            hash_key,
            displacements,
            slots,
            hashes,
            blocks,
            patterns: (patterns, first_pattern),
            not_found: (not_found, first_page),
            path_fields: (path_fields, first_fields),
            shared_heads,
            info,
        })
    }

    /// The position of the record in the slot of a key, which may be that of another key with the
    /// same fingerprint.
    pub(super) fn find(&self, key: &[u8]) -> Option<u32> {
        let count = u32::try_from(self.slots.len()).ok().filter(|count| *count > 0)?;
        let hashes = phf_shared::hash(key, &self.hash_key);
        let displacements = u32::try_from(self.displacements.len()).ok()?;
        let displacement = hashes.g.checked_rem(displacements)? as usize;
        let (d1, d2) = pair(*self.displacements.get(displacement)?);
        let slot = phf_shared::displace(hashes.f1, hashes.f2, d1, d2) % count;
        let (fingerprint, at) = pair(*self.slots.get(slot as usize)?);
        (fingerprint == hashes.f1).then_some(at)
    }

    pub(super) fn patterns(&self) -> impl Iterator<Item = PatternRow<'a>> + use<'a> {
        let (count, mut fields) = self.patterns;
        (0..count).map_while(move |_| PatternRow::read(&mut fields))
    }

    pub(super) fn not_found(&self) -> impl Iterator<Item = NotFoundRow<'a>> + use<'a> {
        let (count, mut fields) = self.not_found;
        (0..count).map_while(move |_| NotFoundRow::read(&mut fields))
    }

    pub(super) fn path_fields(&self) -> impl Iterator<Item = PathFields<&'a [u8]>> + use<'a> {
        let (count, mut fields) = self.path_fields;
        (0..count).map_while(move |_| PathFields::read(&mut fields))
    }

    pub(super) fn shared_head(&self, at: u32) -> Option<SharedHead<&'a [u8]>> {
        SharedHead::read(&mut ByteReader::at(self.shared_heads, at))
    }
}

impl IndexParts<'_> {
    /// The index of these records.
    ///
    /// # Errors
    ///
    /// See [`PayloadTooLarge`].
    pub fn to_bytes(&self, records: &[u8]) -> Result<Vec<u8>, PayloadTooLarge> {
        let mut index = Vec::new();
        index.extend(self.hash_key.to_le_bytes());
        push_length(&mut index, self.slots.len())?;
        push_length(&mut index, self.displacements.len())?;
        push_length(&mut index, self.hashes)?;
        push_length(&mut index, self.patterns.len())?;
        push_length(&mut index, self.not_found.len())?;
        push_length(&mut index, self.path_fields.len())?;
        for (d1, d2) in self.displacements {
            index.extend(d1.to_le_bytes());
            index.extend(d2.to_le_bytes());
        }
        for (key, at) in self.slots {
            let fingerprint = phf_shared::hash(*key, &self.hash_key).f1;
            index.extend(fingerprint.to_le_bytes());
            index.extend(at.to_le_bytes());
        }
        records.chunks(BLOCK as usize).for_each(|block| index.extend(digest::of(block)));
        self.patterns.iter().try_for_each(|row| row.write(&mut index))?;
        self.not_found.iter().try_for_each(|row| row.write(&mut index))?;
        self.path_fields.iter().try_for_each(|row| row.write(&mut index))?;
        push_text(&mut index, self.shared_heads)?;
        self.info.write(&mut index)?;
        Ok(index)
    }
}

/// A rule for every key that starts with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternRow<'a> {
    /// The prefix of the keys.
    pub prefix: &'a [u8],
    /// The position of the record of the route.
    pub at: u32,
    /// Whether it applies to navigations only (see [`crate::path::is_navigation`]).
    pub is_for_navigations: bool,
}

impl<'a> PatternRow<'a> {
    fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let (at, is_for_navigations) = (fields.u32()?, fields.u8()? != 0);
        Some(Self { prefix: fields.text()?, at, is_for_navigations })
    }

    fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.at.to_le_bytes());
        to.push(u8::from(self.is_for_navigations));
        push_text(to, self.prefix)
    }
}

/// The page for the keys below a folder that have no other route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFoundRow<'a> {
    /// The key of the folder.
    pub folder: &'a [u8],
    /// The position of the record of the file.
    pub at: u32,
}

impl<'a> NotFoundRow<'a> {
    fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let at = fields.u32()?;
        Some(Self { folder: fields.text()?, at })
    }

    fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.at.to_le_bytes());
        push_text(to, self.folder)
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
