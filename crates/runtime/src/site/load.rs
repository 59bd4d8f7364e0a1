//! Packed site of this executable, or the one in its book. If there is one and it cannot be used,
//! that is an error: the embedded site would be the wrong one.

use std::{fmt, hint::black_box, io, path::PathBuf};

use chapbook_format::{
    payload::{PayloadError, TRAILER},
    section_header,
    stamp::{self, Section, Stamp},
};

use super::{
    book::{self, BookError},
    mapped_file,
};

/// Whether a site is packed. `pack` overwrites it in the new executable, so it must be read at run
/// time and not be optimized as a constant.
#[used]
static STAMP: [u8; stamp::LENGTH] = stamp::BLANK;

/// Why a site cannot be used.
#[derive(Debug)]
pub enum LoadError {
    /// The stamp is damaged.
    Stamp,
    /// The section is missing, or its length is not the one in the stamp.
    Missing,
    /// The system cannot find or read the section.
    Unreadable(io::Error),
    /// The header of the section is damaged.
    SectionHeader,
    /// The payload cannot be used.
    Payload(PayloadError),
    /// There is no book, and the executable was built with the default site.
    BookMissing(PathBuf),
    /// The book cannot be read.
    BookUnreadable(PathBuf, io::Error),
    /// The payload in the book cannot be used.
    Book(PathBuf, PayloadError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::BookMissing(path) = self {
            return write!(
                f,
                "cannot find the site: there is no file `{}`; copy it there, or name this \
                 executable `chapbook` to use the default site",
                path.display()
            );
        }
        match self {
            Self::BookUnreadable(path, _) | Self::Book(path, _) => {
                write!(f, "cannot use the site in `{}`: ", path.display())?;
            }
            _ => f.write_str("cannot use the site in this executable: ")?,
        }
        match self {
            Self::Stamp => f.write_str("its stamp is damaged; copy the file again"),
            Self::Missing | Self::BookMissing(_) => {
                f.write_str("its section is missing; copy the file again")
            }
            Self::Unreadable(error) | Self::BookUnreadable(_, error) => error.fmt(f),
            Self::SectionHeader => {
                f.write_str("its section header is damaged; copy the file again")
            }
            Self::Payload(error) | Self::Book(_, error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}

/// A payload and the path of the book that it is in, if it is in one.
pub(super) type FoundPayload = (&'static [u8], Option<PathBuf>);

/// The payload that is packed into this executable or in its book, if there is one.
///
/// `has_default_site` says whether the embedded site is the default one.
pub(super) fn payload(has_default_site: bool) -> Result<Option<FoundPayload>, LoadError> {
    if let Some(payload) = packed()? {
        return Ok(Some((payload, None)));
    }
    match book::open(has_default_site) {
        Ok(found) => Ok(found.map(|(path, payload)| (payload, Some(path)))),
        Err(BookError::Missing(path)) => Err(LoadError::BookMissing(path)),
        Err(BookError::Unreadable(path, error)) => Err(LoadError::BookUnreadable(path, error)),
    }
}

/// The payload that is packed into this executable, if any.
fn packed() -> Result<Option<&'static [u8]>, LoadError> {
    let section = match Stamp::read(black_box(&STAMP)) {
        None => return Err(LoadError::Stamp),
        Some(Stamp::Blank) => return Ok(None),
        Some(Stamp::Packed(section)) => find_section(section)?,
    };
    if !ends_with_trailer(section).map_err(LoadError::Unreadable)? {
        return Err(LoadError::Payload(PayloadError::CutShort));
    }
    section_header::payload(section).map(Some).ok_or(LoadError::SectionHeader)
}

/// The section, which the loader of the system has mapped. The file need not be opened, which an
/// empty root directory without `/proc` does not permit.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn find_section(section: Section) -> Result<&'static [u8], LoadError> {
    mapped_file::of_executable(section.at, section.length).ok_or(LoadError::Missing)
}

/// The section in the file of this executable.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn find_section(section: Section) -> Result<&'static [u8], LoadError> {
    let path = std::env::current_exe().map_err(LoadError::Unreadable)?;
    map_section(&path, section)
}

/// Maps a section from a file.
#[cfg(any(test, not(all(unix, not(target_vendor = "apple")))))]
fn map_section(path: &std::path::Path, section: Section) -> Result<&'static [u8], LoadError> {
    let mapped = mapped_file::MappedFile::open(path).map_err(LoadError::Unreadable)?;
    let range = section
        .at
        .checked_add(section.length)
        .and_then(|end| Some(usize::try_from(section.at).ok()?..usize::try_from(end).ok()?));
    let bytes = range.and_then(|range| mapped.bytes.get(range));
    bytes.ok_or(LoadError::Payload(PayloadError::CutShort))
}

/// Whether the section ends with the trailer. The last pages of a file that was cut short are
/// mapped but not present, so reading them raises SIGBUS. The system call that writes them into a
/// pipe fails with EFAULT instead. Unlike the length of the file, it needs no path.
///
/// This detects a cut within the section, which is the end of the file. A cut before it removes
/// code or data of the program: then the system refuses to start it, or a signal ends the process.
#[cfg(all(unix, not(target_vendor = "apple")))]
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

/// Whether the section ends with the trailer. All of it is within the file that is mapped.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn ends_with_trailer(section: &[u8]) -> io::Result<bool> {
    Ok(section.ends_with(&TRAILER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_mapped_from_its_position_in_a_file() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut file, b"executable, section").unwrap();
        let rows = [
            (12, 7, Some(&b"section"[..])),
            (19, 0, Some(b"")),
            (12, 8, None),
            (20, 0, None),
            (u64::MAX, 1, None),
        ];
        for (at, length, expected) in rows {
            let mapped = map_section(file.path(), Section { at, length });
            assert_eq!(mapped.ok(), expected, "{at}, {length}");
        }
    }
}
