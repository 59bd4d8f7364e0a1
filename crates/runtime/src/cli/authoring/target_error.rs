//! Why an output of `pack` cannot be written.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use chapbook_packer::VerifyError;

/// Why the output file cannot be written.
#[derive(Debug)]
pub(super) enum TargetError {
    NotAFile(PathBuf),
    /// A folder is to be written, and there is a file.
    NotAFolder(PathBuf),
    /// A folder is to be replaced that has a file of someone else.
    ForeignFile(PathBuf, PathBuf),
    IsFolder(PathBuf),
    /// A device, pipe or socket.
    IsSpecial(PathBuf),
    IsStdout,
    Exists(PathBuf),
    IsRunning(PathBuf),
    InsideSite {
        path: PathBuf,
        site: PathBuf,
    },
    /// The archive with the site.
    IsSite(PathBuf),
    NoFolder {
        path: PathBuf,
        folder: PathBuf,
    },
    Unwritable(PathBuf, io::Error),
    /// What was read back differs.
    Damaged(PathBuf, VerifyError),
    Signals(io::Error),
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unusable = |f: &mut fmt::Formatter<'_>, path: &Path, reason: &str| {
            write!(f, "cannot write `{}`: {reason}", path.display())
        };
        match self {
            Self::NotAFile(path) => {
                unusable(f, path, "it is not a file name; name the file to write")
            }
            Self::NotAFolder(path) => unusable(f, path, "it is a file; name a folder to write"),
            Self::IsFolder(path) => unusable(f, path, "it is a folder; name the file to write"),
            Self::IsSpecial(path) => {
                unusable(f, path, "it is a device, pipe or socket; name the file to write")
            }
            Self::IsRunning(path) => {
                unusable(f, path, "it is the running executable; choose another file")
            }
            Self::IsSite(path) => unusable(f, path, "it is the site to pack; choose another file"),
            Self::ForeignFile(path, file) => write!(
                f,
                "cannot replace `{}`: `{}` is not from chapbook; move the folder away",
                path.display(),
                file.display()
            ),
            Self::IsStdout => f.write_str(
                "cannot write to stdout: an executable must be a file; name the file to write",
            ),
            Self::Exists(path) => {
                write!(f, "`{}` already exists; use --force to overwrite it", path.display())
            }
            Self::InsideSite { path, site } => write!(
                f,
                "cannot write `{}`: it is inside `{}` and would be packed the next time; choose a \
                 file outside",
                path.display(),
                site.display()
            ),
            Self::NoFolder { path, folder } => write!(
                f,
                "cannot write `{}`: there is no folder `{}`; create it first",
                path.display(),
                folder.display()
            ),
            Self::Unwritable(path, error) => {
                write!(f, "cannot write `{}`: {error}", path.display())
            }
            Self::Damaged(path, error) => write!(
                f,
                "cannot verify `{}`: {error}; nothing was written; try again",
                path.display()
            ),
            Self::Signals(error) => write!(f, "cannot install signal handlers: {error}"),
        }
    }
}

impl Error for TargetError {}
