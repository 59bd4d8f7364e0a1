//! This file owns which site an executable carries: the packed one where its stamp says that there
//! is one, else the one that it was built with. A packed site that is not there whole is an error:
//! the other one in its place would be the wrong answer to everything.

use std::{fmt, hint::black_box, io};

use chapbook_format::{
    payload::{PayloadError, TRAILER},
    section_header::{self, SECTION},
    stamp::{self, Stamp},
};

use super::Site;

/// What says whether a site is packed. `pack` writes over it in its copy of the file, so that it
/// must be read as what it is then, and not as what it was when this was compiled.
#[used]
static STAMP: [u8; stamp::LENGTH] = stamp::BLANK;

/// Why the site inside cannot be used.
#[derive(Debug)]
pub enum LoadError {
    /// The stamp is neither blank nor whole.
    Stamp,
    /// The stamp tells of a site, and there is none.
    Missing,
    /// The system does not say what is in the executable.
    Unreadable(io::Error),
    /// What stands before the site is damaged.
    SectionHeader,
    /// The site itself cannot be used.
    Payload(PayloadError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the site in this executable cannot be used: ")?;
        match self {
            Self::Stamp => f.write_str("the stamp that tells of it is damaged"),
            Self::Missing => f.write_str("it is not where it was packed"),
            Self::Unreadable(error) => error.fmt(f),
            Self::SectionHeader => f.write_str("its beginning is damaged"),
            Self::Payload(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}

/// The site that this executable carries.
pub(super) fn site() -> Result<Site, LoadError> {
    let length = match Stamp::read(black_box(&STAMP)) {
        None => return Err(LoadError::Stamp),
        Some(Stamp::Blank) => return Ok(Site::embedded()),
        Some(Stamp::Packed(section)) => section.length,
    };
    let section = libsui::find_section(SECTION).map_err(LoadError::Unreadable)?;
    let section = section.ok_or(LoadError::Missing)?;
    if section.len() as u64 != length {
        return Err(LoadError::Missing);
    }
    if !ends_with_trailer(section).map_err(LoadError::Unreadable)? {
        return Err(LoadError::Payload(PayloadError::CutShort));
    }
    let payload = section_header::payload(section).ok_or(LoadError::SectionHeader)?;
    Site::of_payload(payload).map_err(LoadError::Payload)
}

/// Whether the last bytes are what they should be, without looking at them: where the file was cut
/// short, they are mapped but not there, and a look would be the end of the process (SIGBUS). The
/// system, asked to write them into a pipe, says so instead (EFAULT); it needs no path for that,
/// which an empty root would not have.
#[cfg(unix)]
fn ends_with_trailer(section: &[u8]) -> io::Result<bool> {
    let end = &section[section.len().saturating_sub(TRAILER.len())..];
    let (reader, writer) = rustix::pipe::pipe()?;
    match rustix::io::write(&writer, end) {
        Ok(count) if count == end.len() => {}
        Ok(_) | Err(rustix::io::Errno::FAULT) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let mut bytes = [0; TRAILER.len()];
    let count = rustix::io::read(&reader, &mut bytes)?;
    Ok(bytes[..count] == TRAILER)
}

/// Elsewhere, the system does not start what was cut short.
#[cfg(not(unix))]
fn ends_with_trailer(section: &[u8]) -> io::Result<bool> {
    Ok(section.ends_with(&TRAILER))
}
