//! Errors of unpacking an archive.

use std::{error, fmt, io};

/// Why an archive cannot be unpacked.
#[derive(Debug)]
pub struct ArchiveError {
    /// The archive, as it was given.
    pub(super) archive: String,
    pub(super) problem: Problem,
}

/// The problem of an archive.
#[derive(Debug)]
pub(super) enum Problem {
    /// The archive cannot be read.
    Unreadable(io::Error),
    /// A file or folder cannot be written.
    Unwritable(io::Error),
    /// The archive is not what its format requires.
    Damaged(String),
    /// Compressed data that is not a tar archive.
    NotTar,
    /// An entry that must not or cannot be unpacked.
    Entry(String, EntryProblem),
    /// The archive has more than this.
    TooLarge(&'static str),
    /// It needs more bytes than the disk has.
    NoSpace {
        /// The number of bytes that it needs at least.
        length: u64,
        available: u64,
    },
    /// A path below the archive that is not one of its folders.
    NoFolder(String),
}

/// The problem of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EntryProblem {
    /// Its path is not one below the folder.
    Path(PathProblem),
    /// It has the path of another entry.
    Duplicate,
    /// It is a file, and other entries are below it.
    FileAndFolder,
    Encrypted,
    /// It is compressed with this method, or stored in this form.
    Unsupported(String),
    /// It is a device, a pipe or another special file.
    Special,
    /// It is a symbolic link out of the archive.
    LinkOut,
    /// It is a hard link to something that is not a file before it.
    LinkToNothing,
    /// Links cannot be created on this system.
    Link,
}

/// The problem of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathProblem {
    Empty,
    NotUtf8,
    Absolute,
    Parent,
    Control,
    Backslash,
    TooLong,
    /// Windows cannot store it.
    NotStorable,
}

impl error::Error for ArchiveError {}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot open the site `{}`: {}", self.archive, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot read the archive: {error}"),
            Self::Unwritable(error) => {
                write!(f, "cannot unpack it to the temporary folder: {error}; {OTHER_DISK}")
            }
            Self::Damaged(reason) => write!(
                f,
                "the archive is damaged or incomplete ({}); download or create it again",
                one_line(reason)
            ),
            Self::NotTar => f.write_str(
                "it is a gzip file, but not of a tar archive; name a .tar.gz or .zip archive, or a \
                 folder",
            ),
            Self::Entry(entry, problem) => {
                write!(f, "the entry `{}` {problem}", one_line(entry))
            }
            Self::TooLarge(limit) => {
                write!(f, "it unpacks to more than {limit}; unpack it, and name the folder")
            }
            Self::NoSpace { length, available } => write!(
                f,
                "its files need {length} bytes or more, and the disk of the temporary folder has \
                 {available} left; {OTHER_DISK}"
            ),
            Self::NoFolder(path) => {
                write!(f, "the archive has no folder `{}`; name another one", one_line(path))
            }
        }
    }
}

/// A text from an archive or about it, for a message of one line.
pub(super) fn one_line(text: &str) -> String {
    const SHOWN_MAX: usize = 100;
    let shown = text.chars().take(SHOWN_MAX);
    let mut line: String = shown.map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        line.push('…');
    }
    line
}

/// What to do if the disk is full or cannot be written to.
const OTHER_DISK: &str = if cfg!(windows) {
    "set TMP to a folder on another disk"
} else {
    "set TMPDIR to a folder on another disk"
};

impl fmt::Display for EntryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(problem) => problem.fmt(f),
            Self::Duplicate => f.write_str(
                "is in the archive twice, or differs from another one in letter case only; create \
                 the archive again",
            ),
            Self::FileAndFolder => f.write_str("is a file and a folder; create the archive again"),
            Self::Encrypted => f.write_str(
                "is encrypted; unpack the archive with its password, and name the folder",
            ),
            Self::Unsupported(form) => {
                write!(f, "{form}, which is not supported; unpack the archive, and name the folder")
            }
            Self::Special => f.write_str(
                "is a device, a pipe or another special file; create the archive without it",
            ),
            Self::LinkOut => f.write_str(
                "is a symbolic link out of the archive; create the archive with the file instead",
            ),
            Self::LinkToNothing => {
                f.write_str("is a hard link, but not to a file before it; create the archive again")
            }
            Self::Link => f.write_str(
                "is a symbolic link, which cannot be unpacked on this system; create the archive \
                 with the file instead",
            ),
        }
    }
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is a file without a name; create the archive again",
            Self::NotUtf8 => {
                "has a name that is not UTF-8, so no URL can refer to it; rename it, and create \
                 the archive again"
            }
            Self::Absolute => {
                "has an absolute path, which leads out of the archive; create it with relative \
                 paths"
            }
            Self::Parent => {
                "has a path with `..`, which may lead out of the archive; create it without"
            }
            Self::Control => {
                "has a name with a control character; rename it, and create the archive again"
            }
            Self::Backslash => {
                "has a name with a backslash, which separates folders on Windows only; create the \
                 archive with another program"
            }
            Self::TooLong => {
                "has a name of more than 255 bytes or a path of more than 1000; shorten it"
            }
            Self::NotStorable => {
                "has a name that Windows cannot store; rename it, and create the archive again"
            }
        })
    }
}
