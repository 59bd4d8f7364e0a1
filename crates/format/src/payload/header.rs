//! The header of a payload: version, lengths of the parts, root hash and checksum.
//!
//! ```text
//! 8 bytes  "chapbook"
//! u32      version of the format, 2
//! u32      compression, see `Header`
//! u64      length of the index
//! u64      length of the records
//! u64      length of the contents with the zeros between them
//! hash     root hash, see `root.rs`
//! hash     SHA-256 of the header up to here and of the index
//! ```

use std::fmt;

use super::{TRAILER, alignment::PAGE, byte_reader::ByteReader};
use crate::digest::{Hash, Hasher};

/// The first bytes of a payload.
const MAGIC: [u8; 8] = *b"chapbook";
/// The version of the format.
const VERSION: u32 = 2;

/// The lengths of the parts, and the hash of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// In bytes.
    pub index_length: u64,
    /// In bytes.
    pub records_length: u64,
    /// In bytes.
    pub contents_length: u64,
    /// See [`super::root_hash`].
    pub root_hash: Hash,
    /// How the compiler compresses: with the same number, it gives the same bytes for the same
    /// content. 0 if unknown.
    pub compression: u32,
}

/// Why a payload cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadError {
    /// It does not start with the magic bytes.
    Unknown,
    /// It has a later version of the format.
    Newer {
        /// The version.
        version: u32,
    },
    /// It has an earlier version of the format.
    Older {
        /// The version.
        version: u32,
    },
    /// Its length differs from the one in its header.
    CutShort,
    /// The checksum of its header and index is wrong, or the index is malformed.
    Damaged,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("it does not start with the magic bytes of a site"),
            Self::Newer { version } => write!(
                f,
                "it has format {version}, and this version reads format {VERSION}; \
                 use a newer chapbook"
            ),
            Self::Older { version } => write!(
                f,
                "it has format {version} and was made by an older version; pack the site again"
            ),
            Self::CutShort => f.write_str("the end is missing; copy the file again"),
            Self::Damaged => f.write_str("its index is damaged; copy the file again"),
        }
    }
}

impl std::error::Error for PayloadError {}

impl Header {
    /// The length in bytes.
    pub const LENGTH: usize = 104;
    /// The length of what the checksum covers, besides the index.
    const HASHED: usize = 72;

    /// Reads the header and verifies it together with the index that follows.
    ///
    /// # Errors
    ///
    /// See [`PayloadError`].
    pub fn read(bytes: &[u8]) -> Result<Self, PayloadError> {
        let (header, hash) = Self::parse_with_checksum(bytes)?;
        let index_end = usize::try_from(header.index_length)
            .ok()
            .and_then(|length| length.checked_add(Self::LENGTH));
        let index = index_end.and_then(|end| bytes.get(Self::LENGTH..end));
        let index = index.ok_or(PayloadError::CutShort)?;
        if checksum(&bytes[..Self::HASHED], index) != hash {
            return Err(PayloadError::Damaged);
        }
        Ok(header)
    }

    /// Reads the header alone. Without the index, it cannot be verified.
    ///
    /// # Errors
    ///
    /// See [`PayloadError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        Self::parse_with_checksum(bytes).map(|(header, _)| header)
    }

    fn parse_with_checksum(bytes: &[u8]) -> Result<(Self, Hash), PayloadError> {
        let mut fields = ByteReader::new(bytes);
        if fields.array() != Some(&MAGIC) {
            return Err(PayloadError::Unknown);
        }
        // The fields after the version may differ in other versions.
        match fields.u32().ok_or(PayloadError::CutShort)? {
            VERSION => {}
            version if version > VERSION => return Err(PayloadError::Newer { version }),
            0 => return Err(PayloadError::Damaged),
            version => return Err(PayloadError::Older { version }),
        }
        Self::read_rest(fields).ok_or(PayloadError::CutShort)
    }

    fn read_rest(mut fields: ByteReader<'_>) -> Option<(Self, Hash)> {
        let compression = fields.u32()?;
        let (index_length, records_length) = (fields.u64()?, fields.u64()?);
        let (contents_length, root_hash) = (fields.u64()?, *fields.array()?);
        let header = Self { index_length, records_length, contents_length, root_hash, compression };
        Some((header, *fields.array()?))
    }

    /// The length of the complete payload; `None` if it overflows.
    #[must_use]
    pub fn payload_length(&self) -> Option<u64> {
        let parts = [self.contents_length, TRAILER.len() as u64];
        parts.into_iter().try_fold(self.contents_at()?, u64::checked_add)
    }

    /// The offset of the contents from the start of the payload; `None` if it overflows.
    #[must_use]
    pub fn contents_at(&self) -> Option<u64> {
        self.directory_length()?.checked_next_multiple_of(PAGE)
    }

    /// The length of header, index and records; `None` if it overflows.
    #[must_use]
    pub fn directory_length(&self) -> Option<u64> {
        self.index_length.checked_add(self.records_length)?.checked_add(Self::LENGTH as u64)
    }

    /// The header of a payload with this index.
    #[must_use]
    pub fn to_bytes(&self, index: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::LENGTH);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.compression.to_le_bytes());
        for length in [self.index_length, self.records_length, self.contents_length] {
            bytes.extend(length.to_le_bytes());
        }
        bytes.extend(self.root_hash);
        bytes.extend(checksum(&bytes, index));
        bytes
    }
}

fn checksum(header: &[u8], index: &[u8]) -> Hash {
    let mut hasher = Hasher::default();
    hasher.update(header);
    hasher.update(index);
    hasher.finish()
}
