//! This file owns what stands in one record: a file with its representations, or a route. It
//! doesn't know where a record lies, nor whether it is whole.
//!
//! ```text
//! u32 length of the whole record, u8 kind, and then
//! FILE, RULES      u32 number of representations, the representations, text path
//! ANSWER           text key, u32 position of the FILE that answers
//! REDIRECT         text key, text head
//! SPLAT_REDIRECT  text key, text before, text after
//!
//! a representation: u32 its length, u8 coding, u32 number, u64 offset and u64 length of its
//! content, its SHA-256, text entity tag, u32 and u32 cuts of the head, text head
//! ```

use super::byte_reader::ByteReader;
use crate::{content_coding::ContentCoding, digest::Hash};

/// A record starts with its length and kind.
pub const RECORD_HEADER: u32 = 5;
/// Where the representations of a file begin.
pub const REPRESENTATIONS_AT: u32 = RECORD_HEADER + 4;

/// The kinds of records.
pub mod kind {
    #[allow(missing_docs, reason = "the table above says it")]
    pub const FILE: u8 = 1;
    #[allow(missing_docs, reason = "the table above says it")]
    pub const RULES: u8 = 2;
    #[allow(missing_docs, reason = "the table above says it")]
    pub const ANSWER: u8 = 3;
    #[allow(missing_docs, reason = "the table above says it")]
    pub const REDIRECT: u8 = 4;
    #[allow(missing_docs, reason = "the table above says it")]
    pub const SPLAT_REDIRECT: u8 = 5;
}

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    /// A file that is answered with, or one of rules.
    File {
        /// The path within the site.
        path: &'a [u8],
        /// How many representations there are.
        representations: u32,
        /// Whether nothing answers with it.
        is_of_rules: bool,
    },
    /// A route that answers with the file at this position.
    Answer {
        /// Where.
        key: &'a [u8],
        /// The position of its record.
        file: u32,
    },
    /// A route that leads on, with this head.
    Redirect {
        /// Where.
        key: &'a [u8],
        /// The head without its `Date`.
        head: &'a [u8],
    },
    /// A route that leads on to where the rest of the path belongs.
    SplatRedirect {
        /// Where.
        key: &'a [u8],
        /// What stands before the rest of the path in the head.
        before: &'a [u8],
        /// What stands behind it.
        after: &'a [u8],
    },
}

impl<'a> Record<'a> {
    /// Reads what stands in the record at a position; `None` where that makes no sense.
    pub fn read(records: &'a [u8], at: u32) -> Option<Self> {
        let mut fields = ByteReader::at(records, at);
        let _ = fields.u32()?;
        match fields.u8()? {
            kind @ (kind::FILE | kind::RULES) => {
                let representations = fields.u32()?;
                for _ in 0..representations {
                    let rest = fields.u32()?.checked_sub(4)?;
                    fields.bytes(usize::try_from(rest).ok()?)?;
                }
                let is_of_rules = kind == kind::RULES;
                Some(Self::File { path: fields.text()?, representations, is_of_rules })
            }
            kind::ANSWER => Some(Self::Answer { key: fields.text()?, file: fields.u32()? }),
            kind::REDIRECT => Some(Self::Redirect { key: fields.text()?, head: fields.text()? }),
            kind::SPLAT_REDIRECT => Some(Self::SplatRedirect {
                key: fields.text()?,
                before: fields.text()?,
                after: fields.text()?,
            }),
            _ => None,
        }
    }
}

/// Where a content lies among the contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Which one it is: equal contents have one number.
    pub number: u32,
    /// In bytes from the first content.
    pub offset: u64,
    /// In bytes.
    pub length: u64,
}

/// One form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepresentationRecord<'a> {
    /// How the content is coded.
    pub coding: ContentCoding,
    /// Where the content lies.
    pub content: Span,
    /// The SHA-256 of the content.
    pub hash: Hash,
    /// The entity tag with its quotes.
    pub entity_tag: &'a [u8],
    /// The head without its `Date`.
    pub head: &'a [u8],
    /// Where the fields begin that a 206 repeats.
    pub fields_for_206_at: u32,
    /// Where the fields begin that a 304 repeats.
    pub fields_for_304_at: u32,
    /// The position of the next representation.
    pub next: u32,
}

impl<'a> RepresentationRecord<'a> {
    /// Reads the representation at a position; `None` where that makes no sense.
    pub fn read(records: &'a [u8], at: u32) -> Option<Self> {
        let mut fields = ByteReader::at(records, at);
        let next = at.checked_add(fields.u32()?)?;
        let coding = match fields.u8()? {
            0 => ContentCoding::Identity,
            1 => ContentCoding::Gzip,
            2 => ContentCoding::Brotli,
            _ => return None,
        };
        let (number, offset, length) = (fields.u32()?, fields.u64()?, fields.u64()?);
        let (hash, entity_tag) = (fields.array()?, fields.text()?);
        let (fields_for_206_at, fields_for_304_at) = (fields.u32()?, fields.u32()?);
        let head = fields.text()?;
        let content = Span { number, offset, length };
        let it = Self {
            coding,
            content,
            hash,
            entity_tag,
            head,
            fields_for_206_at,
            fields_for_304_at,
            next,
        };
        let is_within = |at: u32| usize::try_from(at).is_ok_and(|at| at <= head.len());
        (is_within(fields_for_206_at) && is_within(fields_for_304_at)).then_some(it)
    }
}

/// The number that stands for a coding.
pub fn number(coding: ContentCoding) -> u8 {
    match coding {
        ContentCoding::Identity => 0,
        ContentCoding::Gzip => 1,
        ContentCoding::Brotli => 2,
    }
}
