//! Formats of archives, recognized by their first bytes.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// The length of a tar header in bytes.
pub(super) const TAR_HEADER: usize = 512;

/// A format that can be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Zip,
    Tar,
    /// Compressed data, which should be that of a tar archive.
    Gzip,
}

impl Format {
    /// The format of a file, whose position is left at its start.
    pub(super) fn of_file(file: &mut File) -> io::Result<Option<Self>> {
        let mut start = Vec::with_capacity(TAR_HEADER);
        file.by_ref().take(TAR_HEADER as u64).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self::of_bytes(&start))
    }

    /// The format of a file that begins with these bytes.
    fn of_bytes(start: &[u8]) -> Option<Self> {
        // An entry, the end of an empty archive, and the first of several parts.
        const ZIP: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];
        if ZIP.iter().any(|it| start.starts_with(it)) {
            Some(Self::Zip)
        } else if start.starts_with(b"\x1f\x8b\x08") {
            Some(Self::Gzip)
        } else {
            is_tar_header(start).then_some(Self::Tar)
        }
    }
}

/// Whether a block is the header of a tar entry, by its checksum: the oldest archives have no magic
/// bytes. The checksum is the sum of all bytes, with spaces in place of itself.
pub(super) fn is_tar_header(block: &[u8]) -> bool {
    const CHECKSUM: std::ops::Range<usize> = 148..156;
    if block.len() < TAR_HEADER {
        return false;
    }
    let text = String::from_utf8_lossy(&block[CHECKSUM]);
    let Ok(checksum) = u32::from_str_radix(text.trim_matches([' ', '\0']), 8) else { return false };
    let bytes = block[..TAR_HEADER].iter().enumerate();
    let sum = bytes.map(|(at, byte)| u32::from(if CHECKSUM.contains(&at) { b' ' } else { *byte }));
    sum.sum::<u32>() == checksum
}

/// Whether a block is the end of a tar archive.
pub(super) fn is_tar_end(block: &[u8]) -> bool {
    block.len() == TAR_HEADER && block.iter().all(|it| *it == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_recognized_by_their_first_bytes() {
        let mut header = ::tar::Header::new_old();
        header.set_path("index.html").unwrap();
        header.set_cksum();
        let old_tar = header.as_bytes().to_vec();
        let mut damaged = old_tar.clone();
        damaged[0] ^= 1;
        let rows: &[(&[u8], Option<Format>)] = &[
            (b"PK\x03\x04rest", Some(Format::Zip)),
            (b"PK\x05\x06rest", Some(Format::Zip)),
            (b"\x1f\x8b\x08rest", Some(Format::Gzip)),
            (&old_tar, Some(Format::Tar)),
            (&damaged, None),
            (&old_tar[..511], None),
            (&[0; 512], None),
            (b"PK", None),
            (b"<!doctype html>", None),
            (b"", None),
        ];
        for (start, expected) in rows {
            assert_eq!(Format::of_bytes(start), *expected, "{}", start.escape_ascii());
        }
    }
}
