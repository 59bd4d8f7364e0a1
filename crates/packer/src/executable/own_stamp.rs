//! The stamp of a file, and the header of the section that it refers to.

use std::io::{self, Read, Seek, SeekFrom};

use chapbook_format::{
    section_header::BaseInfo,
    stamp::{Section, Stamp},
};

use super::find_stamps::StampSearch;

/// Maximum length of a section header in bytes: a signature has less than a hundredth of the length
/// of its executable.
const HEADER_MAX: u64 = 64 << 20;

/// The stamp of a file, at a position.
pub(crate) enum OwnStamp {
    Missing,
    /// One of several blank stamps.
    Ambiguous,
    Blank(u64),
    /// Its section is missing or damaged.
    NoSection,
    Packed {
        at: u64,
        section: Section,
        /// The header of the section, which the payload follows.
        header: Vec<u8>,
    },
}

impl OwnStamp {
    /// Searches the first `searched_max` bytes, or some more, for the stamp of a file.
    ///
    /// Chapbook executables in a site have stamps as well, but only the file's own stamp refers to
    /// a section at the right offset. It is before the site, so the site is searched only if there
    /// is none.
    pub(crate) fn find(file: &mut (impl Read + Seek), searched_max: u64) -> io::Result<Self> {
        let file_length = file.seek(SeekFrom::End(0))?;
        let mut own = Self::Missing;
        let mut search = StampSearch::default();
        while search.position() < searched_max
            && let Some(stamps) = search.next(file)?
        {
            for (at, stamp) in stamps {
                own = match (own, stamp) {
                    (Self::Missing, Stamp::Blank) => Self::Blank(at),
                    (Self::Missing, Stamp::Packed(_)) => Self::NoSection,
                    _ => Self::Ambiguous,
                };
                if let Stamp::Packed(section) = stamp
                    && let Some(header) = header_of(file, file_length, section)?
                {
                    return Ok(Self::Packed { at, section, header });
                }
            }
        }
        Ok(own)
    }
}

/// The header of the section that a stamp refers to, if there is a valid one.
fn header_of(
    file: &mut (impl Read + Seek),
    file_length: u64,
    section: Section,
) -> io::Result<Option<Vec<u8>>> {
    if section.at.checked_add(section.length).is_none_or(|end| end > file_length) {
        return Ok(None);
    }
    let mut header = Vec::new();
    file.seek(SeekFrom::Start(section.at))?;
    file.take(section.length.min(4)).read_to_end(&mut header)?;
    let Some(length) = header.first_chunk().map(|it| u32::from_le_bytes(*it)) else {
        return Ok(None);
    };
    let rest = u64::from(length).min(section.length).min(HEADER_MAX).saturating_sub(4);
    file.take(rest).read_to_end(&mut header)?;
    Ok(BaseInfo::read(&header).is_some().then_some(header))
}
