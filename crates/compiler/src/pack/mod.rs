//! Executables that carry a site. This file owns the base: a chapbook of any system, without the
//! site that was packed into it before, if there was one.

mod elf;
mod find_stamps;
mod pe_macho;
mod verify;

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use chapbook_format::{
    section_header::BaseInfo,
    stamp::{self, Section, Stamp},
};

pub use self::verify::{VerifyError, verify};
use crate::write::Payload;

/// How much of the start of a base is kept as it was: the headers of every format lie within.
const HEAD: usize = 4096;

/// An executable that a site can be packed into.
#[derive(Debug)]
pub struct Base {
    place: PathBuf,
    image: Vec<u8>,
    stamp_at: usize,
}

/// What was written where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// Where the stamp stands in the file.
    pub stamp_at: u64,
    /// What it says.
    pub section: Section,
}

/// Why a site cannot be packed into an executable.
#[derive(Debug)]
#[non_exhaustive]
pub enum BaseError {
    /// It cannot be read.
    Unreadable(PathBuf, io::Error),
    /// It is not a chapbook.
    NotAChapbook(PathBuf),
    /// It carries other chapbooks, and cannot be told from them.
    Ambiguous(PathBuf),
    /// A site was packed into it, and cannot be taken out.
    Damaged(PathBuf),
    /// It is of a kind that carries nothing.
    Unfit(PathBuf, String),
    /// The result cannot be written.
    Unwritten(io::Error),
}

impl fmt::Display for BaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(place, error) => {
                write!(f, "cannot read the executable `{}`: {error}", place.display())
            }
            Self::NotAChapbook(place) => write!(
                f,
                "`{}` is not a chapbook, so it would not serve what is packed into it",
                place.display()
            ),
            Self::Ambiguous(place) => write!(
                f,
                "`{}` was built with a site that holds chapbooks; use one without such a site",
                place.display()
            ),
            Self::Damaged(place) => write!(
                f,
                "the site in `{}` is damaged and cannot be taken out; use a fresh chapbook",
                place.display()
            ),
            Self::Unfit(place, why) => {
                write!(f, "cannot pack into `{}`: {why}", place.display())
            }
            Self::Unwritten(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BaseError {}

impl Base {
    /// Reads an executable, and takes out the site that was packed into it.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not a chapbook.
    pub fn read(place: &Path) -> Result<Self, BaseError> {
        let image = fs::read(place);
        let image = image.map_err(|error| BaseError::Unreadable(place.to_owned(), error))?;
        Self::of_image(image, place)
    }

    fn of_image(image: Vec<u8>, place: &Path) -> Result<Self, BaseError> {
        let stamps = find_stamps::find(&image);
        // Chapbooks that lie in a site have stamps, too; only the whole file's own can know where
        // the last section of it lies.
        let own = stamps.iter().find_map(|(at, stamp)| match stamp {
            Stamp::Packed(section) => Some((*at, section_of(&image, *section)?)),
            Stamp::Blank => None,
        });
        if let Some((stamp_at, section)) = own {
            let origin = BaseInfo::read(section);
            let base = origin.and_then(|origin| Some((origin.cut, origin.restore(&image)?)));
            let (cut, mut image) = base.ok_or_else(|| BaseError::Damaged(place.to_owned()))?;
            if (stamp_at as u64) >= cut {
                return Err(BaseError::Damaged(place.to_owned()));
            }
            let stamp = image.get_mut(stamp_at..stamp_at + stamp::LENGTH);
            let stamp = stamp.ok_or_else(|| BaseError::Damaged(place.to_owned()))?;
            stamp.copy_from_slice(&Stamp::Blank.bytes());
            image.shrink_to_fit();
            return Ok(Self { place: place.to_owned(), image, stamp_at });
        }
        match stamps[..] {
            [] => Err(BaseError::NotAChapbook(place.to_owned())),
            [(stamp_at, Stamp::Blank)] => Ok(Self { place: place.to_owned(), image, stamp_at }),
            [(_, Stamp::Packed(_))] => Err(BaseError::Damaged(place.to_owned())),
            _ => Err(BaseError::Ambiguous(place.to_owned())),
        }
    }

    /// Writes an executable that carries a site.
    ///
    /// # Errors
    ///
    /// If the base is of a kind that cannot carry it, or it cannot be written.
    pub fn pack(&self, payload: &Payload, to: &mut dyn Write) -> Result<Packed, BaseError> {
        let unfit = |why: String| BaseError::Unfit(self.place.clone(), why);
        if elf::is_elf(&self.image) {
            let written = elf::write(&self.image, self.stamp_at, payload, to);
            written.map_err(BaseError::Unwritten)?.map_err(|why| unfit(why.to_owned()))
        } else if pe_macho::is_known(&self.image) {
            let built = pe_macho::build(&self.image, self.stamp_at, payload);
            let (built, packed) = built.map_err(unfit)?;
            to.write_all(&built).map_err(BaseError::Unwritten)?;
            Ok(packed)
        } else {
            Err(unfit("it is no executable of Linux, Windows or macOS".to_owned()))
        }
    }
}

/// The section that a stamp tells of, if it is the last thing in the file that could be one.
fn section_of(image: &[u8], section: Section) -> Option<&[u8]> {
    let start = usize::try_from(section.at).ok()?;
    let end = start.checked_add(usize::try_from(section.length).ok()?)?;
    let section = image.get(start..end)?;
    BaseInfo::read(section).map(|_| section)
}
