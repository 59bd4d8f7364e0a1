//! This file owns reading an executable back that a site was just packed into: nothing is called
//! done that is not on the disk, byte for byte. A content at a time is in memory.

use std::{
    fmt,
    io::{self, Read, Seek, SeekFrom},
};

use chapbook_format::{
    digest::{Hash, Hasher},
    payload::{Directory, Header, PayloadError, TRAILER},
    section_header,
    stamp::{self, Stamp},
};

use super::Packed;

/// Why what was written is not what was to be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum VerifyError {
    /// It cannot be read back.
    Unreadable(io::Error),
    /// It has no stamp that says where the site lies.
    Stamp,
    /// What stands before the site is not what it was.
    Lead,
    /// The index of the site.
    Payload(PayloadError),
    /// A record or a content.
    Content,
    /// It is another site.
    RootHash,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self {
            Self::Unreadable(error) => return write!(f, "it cannot be read: {error}"),
            Self::Stamp => "its stamp",
            Self::Lead => "the lead of its site",
            Self::Payload(error) => return error.fmt(f),
            Self::Content => "a content of its site",
            Self::RootHash => "its root hash",
        };
        write!(f, "{part} is not what was written")
    }
}

impl std::error::Error for VerifyError {}

impl From<io::Error> for VerifyError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Reads a packed executable back: its stamp, the site's index and records, and every content.
///
/// # Errors
///
/// If anything is not what its hash says, or the site is another one.
pub fn verify(
    file: &mut (impl Read + Seek),
    packed: Packed,
    root_hash: &Hash,
) -> Result<(), VerifyError> {
    let Packed { stamp_at, section } = packed;
    let mut bytes = [0; stamp::LENGTH];
    file.seek(SeekFrom::Start(stamp_at))?;
    file.read_exact(&mut bytes)?;
    if Stamp::read(&bytes) != Some(Stamp::Packed(section)) {
        return Err(VerifyError::Stamp);
    }
    let mut begin = vec![0; section_header::FIXED];
    file.seek(SeekFrom::Start(section.at))?;
    file.read_exact(&mut begin)?;
    let lead_length = u64::from(u32::from_le_bytes([begin[0], begin[1], begin[2], begin[3]]));
    read_up_to(file, lead_length, &mut begin)?;
    section_header::payload(&begin).ok_or(VerifyError::Lead)?;

    let mut directory = vec![0; Header::LENGTH];
    file.read_exact(&mut directory)?;
    let header = Header::parse(&directory).map_err(VerifyError::Payload)?;
    read_up_to(file, header.directory_length().ok_or(VerifyError::Lead)?, &mut directory)?;
    let payload_length = section.length.checked_sub(lead_length).ok_or(VerifyError::Lead)?;
    let directory = Directory::open(&directory, payload_length).map_err(VerifyError::Payload)?;
    if directory.header().root_hash != *root_hash {
        return Err(VerifyError::RootHash);
    }
    if !(0..directory.blocks()).all(|number| directory.is_block_intact(number)) {
        return Err(VerifyError::Content);
    }
    let contents_at = section.at + lead_length + directory.contents_at();
    for (offset, length, hash) in contents(&directory) {
        file.seek(SeekFrom::Start(contents_at + offset))?;
        if hash_of(&mut file.take(length))? != hash {
            return Err(VerifyError::Content);
        }
    }
    let mut trailer = [0; TRAILER.len()];
    file.seek(SeekFrom::Start(contents_at + directory.header().contents_length))?;
    file.read_exact(&mut trailer)?;
    if trailer == TRAILER { Ok(()) } else { Err(VerifyError::Content) }
}

/// Reads on until `bytes` has this length.
fn read_up_to(file: &mut impl Read, length: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let missing = length.saturating_sub(bytes.len() as u64);
    let read = file.take(missing).read_to_end(bytes)?;
    if read as u64 == missing { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Offset, length and hash of each content, once.
fn contents(directory: &Directory<'_>) -> Vec<(u64, u64, Hash)> {
    let representations = directory.positions().flat_map(|at| directory.representations(at));
    let contents = representations.map(|it| it.content);
    let mut all: Vec<_> = contents.map(|it| (it.offset, it.length, *it.hash)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn hash_of(content: &mut impl Read) -> io::Result<Hash> {
    let mut hasher = Hasher::default();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match content.read(&mut piece)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&piece[..count]),
        }
    }
}
