//! The base executable: chapbook for any system, without a packed site.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use chapbook_format::{
    section_header::{self, BaseInfo},
    stamp::{self, Section, Stamp},
};

use super::{elf, executable_format::ExecutableFormat, find_stamps, packed::Packed, pe_macho};
use crate::{sink::Sink, write::Payload};

/// An executable to pack a site into.
#[derive(Debug)]
pub struct Base {
    path: PathBuf,
    image: Vec<u8>,
    stamp_at: usize,
    format: ExecutableFormat,
    payload_max: u64,
}

/// The length of an ELF header, of which packing changes some fields.
const HEADER_LENGTH: usize = 64;

/// Why a site cannot be packed into an executable.
#[derive(Debug)]
#[non_exhaustive]
pub enum BaseError {
    /// The file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// The file is not a chapbook executable.
    NotAChapbook(PathBuf),
    /// The file contains several chapbook executables, and its own stamp cannot be identified.
    Ambiguous(PathBuf),
    /// The site that was packed into it is damaged, so it cannot be removed.
    Damaged(PathBuf),
    /// The executable format is not supported, or the site is too large for it.
    Unfit(PathBuf, String),
    /// The result cannot be written.
    Unwritten(io::Error),
}

impl fmt::Display for BaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => {
                write!(f, "cannot read the executable `{}`: {error}", path.display())
            }
            Self::NotAChapbook(path) => {
                write!(f, "cannot pack into `{}`: it is not a chapbook executable", path.display())
            }
            Self::Ambiguous(path) => write!(
                f,
                "cannot pack into `{}`: its site contains chapbook executables; use one without \
                 such a site",
                path.display()
            ),
            Self::Damaged(path) => write!(
                f,
                "cannot pack into `{}`: the site in it is damaged; use an executable without a \
                 packed site",
                path.display()
            ),
            Self::Unfit(path, reason) => {
                write!(f, "cannot pack into `{}`: {reason}", path.display())
            }
            Self::Unwritten(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BaseError {}

impl Base {
    /// Reads an executable, and removes the site that was packed into it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not a chapbook executable.
    pub fn read(path: &Path) -> Result<Self, BaseError> {
        let image = fs::read(path);
        let image = image.map_err(|error| BaseError::Unreadable(path.to_owned(), error))?;
        Self::of_image(image, path)
    }

    /// The executable with these bytes, without a site that was packed into it. The path is for
    /// messages.
    ///
    /// # Errors
    ///
    /// If it is not a chapbook executable that can be packed into.
    pub fn of_image(image: Vec<u8>, path: &Path) -> Result<Self, BaseError> {
        let (image, stamp_at) = without_site(image, path)?;
        let unfit = |reason: &str| BaseError::Unfit(path.to_owned(), reason.to_owned());
        let format = ExecutableFormat::of(&image);
        let format =
            format.ok_or_else(|| unfit("it is not an executable for Linux, Windows or macOS"))?;
        let payload_max = format.check(&image).map_err(unfit)?;
        if stamp_at < HEADER_LENGTH {
            return Err(unfit("its stamp is in its headers"));
        }
        Ok(Self { path: path.to_owned(), image, stamp_at, format, payload_max })
    }

    /// The format of the executable.
    #[must_use]
    pub fn format(&self) -> ExecutableFormat {
        self.format
    }

    /// The maximum length of a payload in bytes.
    #[must_use]
    pub fn payload_max(&self) -> u64 {
        self.payload_max
    }

    /// The executable without a site.
    #[must_use]
    pub fn image(&self) -> &[u8] {
        &self.image
    }

    /// Writes an executable with a site.
    ///
    /// # Errors
    ///
    /// If the executable format does not support the site, or the result cannot be written.
    pub fn pack(&self, payload: &Payload, to: &mut dyn Sink) -> Result<Packed, BaseError> {
        let unfit = |reason: &str| BaseError::Unfit(self.path.clone(), reason.to_owned());
        if payload.length() > self.payload_max {
            return Err(unfit("the site is longer than this format allows"));
        }
        match self.format {
            ExecutableFormat::Elf => {
                let written = elf::write(&self.image, self.stamp_at, payload, to);
                written.map_err(BaseError::Unwritten)?.map_err(unfit)
            }
            ExecutableFormat::Pe | ExecutableFormat::MachO => {
                let built = pe_macho::build(&self.image, self.stamp_at, payload);
                let (built, packed) = built.map_err(|reason| unfit(&reason))?;
                to.write_all(&built).map_err(BaseError::Unwritten)?;
                Ok(packed)
            }
        }
    }
}

/// The image of an executable without the site that was packed into it, and the position of its
/// stamp.
fn without_site(image: Vec<u8>, path: &Path) -> Result<(Vec<u8>, usize), BaseError> {
    let damaged = || BaseError::Damaged(path.to_owned());
    let stamps = find_stamps::find(&image);
    // Chapbook executables in a site have stamps as well, but only the file's own stamp refers to a
    // section at the right offset.
    let own = stamps.iter().find_map(|(at, stamp)| match stamp {
        Stamp::Packed(section) => Some((*at, section_of(&image, *section)?)),
        Stamp::Blank => None,
    });
    if let Some((stamp_at, section)) = own {
        let info = BaseInfo::read(section);
        let base = info.and_then(|info| Some((info.cut, info.restore(&image)?)));
        let (cut, mut image) = base.ok_or_else(damaged)?;
        if ExecutableFormat::of(&image) == Some(ExecutableFormat::MachO) {
            image.extend(section_header::extra(section).unwrap_or_default());
        }
        if (stamp_at as u64) >= cut {
            return Err(damaged());
        }
        let stamp = image.get_mut(stamp_at..stamp_at + stamp::LENGTH).ok_or_else(damaged)?;
        stamp.copy_from_slice(&Stamp::Blank.bytes());
        image.shrink_to_fit();
        return Ok((image, stamp_at));
    }
    match stamps[..] {
        [] => Err(BaseError::NotAChapbook(path.to_owned())),
        [(stamp_at, Stamp::Blank)] => Ok((image, stamp_at)),
        [(_, Stamp::Packed(_))] => Err(damaged()),
        _ => Err(BaseError::Ambiguous(path.to_owned())),
    }
}

/// The section that a stamp refers to, if there is a valid one.
fn section_of(image: &[u8], section: Section) -> Option<&[u8]> {
    let start = usize::try_from(section.at).ok()?;
    let end = start.checked_add(usize::try_from(section.length).ok()?)?;
    let section = image.get(start..end)?;
    BaseInfo::read(section).map(|_| section)
}
