//! The base executable: chapbook for any system, without a packed site.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Cursor, Read, Seek},
    path::{Path, PathBuf},
};

use chapbook_compiler::{Payload, Sink};
use chapbook_format::{
    section_header::{self, BaseInfo},
    stamp::{self, Stamp},
};

use super::{
    elf,
    executable_format::ExecutableFormat,
    macho, macho_headers,
    own_stamp::OwnStamp,
    pack_options::PackOptions,
    packed::{Packed, WriteError},
    pe,
    system::System,
};

/// An executable to pack a site into.
#[derive(Debug)]
pub struct Base {
    path: PathBuf,
    image: Vec<u8>,
    stamp_at: usize,
    format: ExecutableFormat,
    payload_max: u64,
}

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
        let unreadable = |error| BaseError::Unreadable(path.to_owned(), error);
        // Opening a pipe would wait for a writer.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("it is not a file")));
        }
        Self::of_file(&mut File::open(path).map_err(unreadable)?, path)
    }

    /// The executable with these bytes, without a site that was packed into it. The path is for
    /// messages.
    ///
    /// # Errors
    ///
    /// If it is not a chapbook executable that can be packed into.
    pub fn of_image(image: &[u8], path: &Path) -> Result<Self, BaseError> {
        Self::of_file(&mut Cursor::new(image), path)
    }

    fn of_file(file: &mut (impl Read + Seek), path: &Path) -> Result<Self, BaseError> {
        let (image, stamp_at) = without_site(file, path)?;
        let unfit = |reason: &str| BaseError::Unfit(path.to_owned(), reason.to_owned());
        let format = ExecutableFormat::of(&image);
        let format =
            format.ok_or_else(|| unfit("it is not an executable for Linux, Windows or macOS"))?;
        let payload_max = format.check(&image, stamp_at).map_err(unfit)?;
        Ok(Self { path: path.to_owned(), image, stamp_at, format, payload_max })
    }

    /// The format of the executable.
    #[must_use]
    pub fn format(&self) -> ExecutableFormat {
        self.format
    }

    /// The systems that run it.
    #[must_use]
    pub fn system(&self) -> System {
        System::of(&self.image, self.format)
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

    /// Whether a macOS executable is signed, so that the files around it can be sealed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let headers = macho_headers::Headers::read(&self.image);
        headers.is_ok_and(|it| it.signature_at().is_some())
    }

    /// The oldest version of macOS that starts the executable, if its headers say so.
    #[must_use]
    pub fn macos_min(&self) -> Option<String> {
        macho_headers::Headers::read(&self.image).ok()?.system_min()
    }

    /// Why a Windows executable keeps its own resources, if it does: they are damaged, or its
    /// headers have no space for another section.
    #[must_use]
    pub fn resources_problem(&self) -> Option<&'static str> {
        let is_windows = self.format == ExecutableFormat::Pe;
        is_windows.then(|| pe::resources_of(&self.image, self.stamp_at).err()).flatten()
    }

    /// Writes an executable with a site.
    ///
    /// # Errors
    ///
    /// If the executable format does not support the site, or the result cannot be written.
    pub fn pack(
        &self,
        payload: &Payload,
        options: &PackOptions<'_>,
        to: &mut dyn Sink,
    ) -> Result<Packed, BaseError> {
        let unfit = |reason: &str| BaseError::Unfit(self.path.clone(), reason.to_owned());
        if payload.length() > self.payload_max {
            return Err(unfit("the site is longer than this format allows"));
        }
        let (image, stamp_at) = (self.image.as_slice(), self.stamp_at);
        let written = match self.format {
            ExecutableFormat::Elf => elf::write(image, stamp_at, payload, to),
            ExecutableFormat::Pe => {
                pe::write(image, stamp_at, options.windows.as_ref(), payload, to)
            }
            ExecutableFormat::MachO => macho::write(image, stamp_at, options.seal, payload, to),
        };
        written.map_err(|error| match error {
            WriteError::Unfit(reason) => unfit(reason),
            WriteError::Unwritten(error) => BaseError::Unwritten(error),
        })
    }
}

/// The image of an executable without the site that was packed into it, and the position of its
/// stamp. Of the site, only its header is read.
fn without_site(file: &mut (impl Read + Seek), path: &Path) -> Result<(Vec<u8>, usize), BaseError> {
    let unreadable = |error| BaseError::Unreadable(path.to_owned(), error);
    let damaged = || BaseError::Damaged(path.to_owned());
    let (stamp_at, header) = match OwnStamp::find(file, u64::MAX).map_err(unreadable)? {
        OwnStamp::Missing => return Err(BaseError::NotAChapbook(path.to_owned())),
        OwnStamp::Ambiguous => return Err(BaseError::Ambiguous(path.to_owned())),
        OwnStamp::NoSection => return Err(damaged()),
        OwnStamp::Blank(at) => (at, None),
        OwnStamp::Packed { at, header, .. } => (at, Some(header)),
    };
    let stamp_at = usize::try_from(stamp_at).map_err(|_| damaged())?;
    let Some(header) = header else {
        let mut image = Vec::new();
        let read = file.rewind().and_then(|()| file.read_to_end(&mut image));
        return read.map_err(unreadable).map(|_| (image, stamp_at));
    };
    let info = BaseInfo::read(&header).ok_or_else(damaged)?;
    let mut image = info.restore(file).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => damaged(),
        _ => unreadable(error),
    })?;
    if ExecutableFormat::of(&image) == Some(ExecutableFormat::MachO) {
        image.extend(section_header::extra(&header).unwrap_or_default());
    }
    if stamp_at as u64 >= info.cut {
        return Err(damaged());
    }
    let stamp = image.get_mut(stamp_at..stamp_at + stamp::LENGTH).ok_or_else(damaged)?;
    stamp.copy_from_slice(&Stamp::Blank.bytes());
    image.shrink_to_fit();
    Ok((image, stamp_at))
}
