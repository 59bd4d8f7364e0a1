//! Reading a packed executable back from disk and verifying every byte.

use std::{
    fmt,
    io::{self, Read, Seek, SeekFrom},
    iter,
};

use chapbook_format::{
    digest::Hash,
    payload::{
        ContentHasher, ContentHashes, ContentRecord, Directory, Header, PayloadError, TRAILER, gaps,
    },
    section_header,
    stamp::{self, Stamp},
};

use super::packed::Packed;

/// The first part that differs from the packed site.
#[derive(Debug)]
#[non_exhaustive]
pub enum VerifyError {
    /// The file cannot be read back.
    Unreadable(io::Error),
    /// The stamp.
    Stamp,
    /// The section header.
    SectionHeader,
    /// The index of the payload.
    Payload(PayloadError),
    /// A record or a content.
    Content,
    /// The root hash: it is another site.
    RootHash,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self {
            Self::Unreadable(error) => return write!(f, "cannot read it back: {error}"),
            Self::Stamp => "stamp",
            Self::SectionHeader => "section header",
            Self::Payload(error) => return error.fmt(f),
            Self::Content => "content",
            Self::RootHash => "root hash",
        };
        write!(f, "the {part} differs from what was written")
    }
}

impl std::error::Error for VerifyError {}

impl From<io::Error> for VerifyError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Verifies a packed executable: its stamp, the section header, the payload's index and records,
/// and every content, one at a time.
///
/// # Errors
///
/// If a part does not match its hash, or the site is another one.
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
    let mut header = vec![0; section_header::FIXED];
    file.seek(SeekFrom::Start(section.at))?;
    file.read_exact(&mut header)?;
    let header_length = u64::from(u32::from_le_bytes([header[0], header[1], header[2], header[3]]));
    read_up_to(file, header_length, &mut header)?;
    section_header::payload(&header).ok_or(VerifyError::SectionHeader)?;
    let payload_length =
        section.length.checked_sub(header_length).ok_or(VerifyError::SectionHeader)?;
    verify_payload(file, section.at + header_length, payload_length, root_hash)
}

/// Verifies a book, which consists of a payload of this length.
///
/// # Errors
///
/// If a part does not match its hash, or the site is another one.
pub fn verify_book(
    file: &mut (impl Read + Seek),
    length: u64,
    root_hash: &Hash,
) -> Result<(), VerifyError> {
    verify_payload(file, 0, length, root_hash)
}

fn verify_payload(
    file: &mut (impl Read + Seek),
    at: u64,
    payload_length: u64,
    root_hash: &Hash,
) -> Result<(), VerifyError> {
    file.seek(SeekFrom::Start(at))?;
    let mut directory = vec![0; Header::LENGTH];
    file.read_exact(&mut directory)?;
    let header = Header::parse(&directory).map_err(VerifyError::Payload)?;
    read_up_to(file, header.directory_length().ok_or(VerifyError::SectionHeader)?, &mut directory)?;
    let directory = Directory::open(&directory, payload_length).map_err(VerifyError::Payload)?;
    if directory.header().root_hash != *root_hash {
        return Err(VerifyError::RootHash);
    }
    if !(0..directory.blocks()).all(|number| directory.is_block_intact(number)) {
        return Err(VerifyError::Content);
    }
    let contents_at = at + directory.contents_at();
    for content in contents(&directory) {
        file.seek(SeekFrom::Start(contents_at + content.offset))?;
        let hashes = hashes_of(&mut file.take(content.length))?;
        let expected = (content.number..).map(|number| directory.hash(number));
        if !hashes.iter().zip(expected).all(|(hash, expected)| Some(hash) == expected) {
            return Err(VerifyError::Content);
        }
    }
    verify_gaps(file, &directory, at)?;
    let mut trailer = [0; TRAILER.len()];
    file.seek(SeekFrom::Start(contents_at + directory.header().contents_length))?;
    file.read_exact(&mut trailer)?;
    if trailer == TRAILER { Ok(()) } else { Err(VerifyError::Content) }
}

/// Reads until `bytes` has this length.
fn read_up_to(file: &mut impl Read, length: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let missing = length.saturating_sub(bytes.len() as u64);
    let read = file.take(missing).read_to_end(bytes)?;
    if read as u64 == missing { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Each distinct content.
fn contents(directory: &Directory<'_>) -> Vec<ContentRecord> {
    let representations = directory.positions().flat_map(|at| directory.representations(at));
    let mut all: Vec<_> = representations.map(|it| it.content).collect();
    all.sort_unstable_by_key(|it| (it.offset, it.number));
    all.dedup();
    all
}

/// Verifies that there are only zeros between the contents of the payload at this offset.
fn verify_gaps(
    file: &mut (impl Read + Seek),
    directory: &Directory<'_>,
    payload_at: u64,
) -> Result<(), VerifyError> {
    let directory_end = directory.header().directory_length().unwrap_or(0);
    let contents_at = directory.contents_at();
    let contents = contents(directory).into_iter();
    let contents = contents.map(|it| it.offset..it.offset.saturating_add(it.length)).collect();
    let gaps = gaps(contents, directory.header().contents_length).into_iter();
    let gaps = gaps.map(|gap| contents_at + gap.start..contents_at + gap.end);
    for gap in iter::once(directory_end..contents_at).chain(gaps) {
        file.seek(SeekFrom::Start(payload_at + gap.start))?;
        if !is_zero(&mut file.take(gap.end - gap.start))? {
            return Err(VerifyError::Content);
        }
    }
    Ok(())
}

/// Whether all bytes are zero.
fn is_zero(bytes: &mut impl Read) -> io::Result<bool> {
    let mut all = Vec::new();
    bytes.read_to_end(&mut all)?;
    Ok(all.iter().all(|byte| *byte == 0))
}

fn hashes_of(content: &mut impl Read) -> io::Result<ContentHashes> {
    let mut hasher = ContentHasher::default();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match content.read(&mut chunk)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&chunk[..count]),
        }
    }
}
