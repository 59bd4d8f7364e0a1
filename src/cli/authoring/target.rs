//! Output file of `pack`: written under a temporary name, and renamed once it is complete.

use std::{
    env,
    error::Error,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tempfile::NamedTempFile;

use super::{disk_space, interrupt};
use crate::cli::output::warn;

/// A temporary file in the folder of the output file.
#[derive(Debug)]
pub(super) struct Target {
    path: PathBuf,
    partial: NamedTempFile,
    partial_path: PartialPath,
}

/// Path of the temporary file, while a signal must remove the file.
#[derive(Debug, Clone, Default)]
struct PartialPath(Arc<Mutex<Option<PathBuf>>>);

impl PartialPath {
    fn lock(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the file and ends the process; does nothing once the output is complete.
    fn abort(&self) {
        if let Some(path) = &*self.lock() {
            let _ = fs::remove_file(path);
            warn("interrupted; nothing was written");
            std::process::exit(1);
        }
    }
}

/// Why the output file cannot be written.
#[derive(Debug)]
pub(super) enum TargetError {
    NotAFile(PathBuf),
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
    NoFolder {
        path: PathBuf,
        folder: PathBuf,
    },
    Unwritable(PathBuf, io::Error),
    Signals(io::Error),
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFile(path) => {
                write!(
                    f,
                    "cannot write `{}`: it is not a file name; name the file to write",
                    path.display()
                )
            }
            Self::IsFolder(path) => {
                write!(
                    f,
                    "cannot write `{}`: it is a folder; name the file to write",
                    path.display()
                )
            }
            Self::IsSpecial(path) => {
                write!(
                    f,
                    "cannot write `{}`: it is a device, pipe or socket; name the file to write",
                    path.display()
                )
            }
            Self::IsStdout => f.write_str(
                "cannot write to stdout: an executable must be a file; name the file to write",
            ),
            Self::Exists(path) => {
                write!(f, "`{}` already exists; use --force to overwrite it", path.display())
            }
            Self::IsRunning(path) => {
                write!(
                    f,
                    "cannot write `{}`: it is the running executable; choose another file",
                    path.display()
                )
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
            Self::Signals(error) => write!(f, "cannot install signal handlers: {error}"),
        }
    }
}

impl Error for TargetError {}

impl Target {
    /// Checks the output path, which must be outside the folder `site`, and creates the temporary
    /// file. A signal removes that file.
    pub(super) fn open(path: &Path, may_replace: bool, site: &Path) -> Result<Self, TargetError> {
        let owned = || path.to_owned();
        if path == Path::new("-") {
            return Err(TargetError::IsStdout);
        }
        // Of the file that a link leads to: renaming would replace a link to a device.
        let existing = fs::metadata(path);
        if existing.as_ref().is_ok_and(fs::Metadata::is_dir) {
            return Err(TargetError::IsFolder(owned()));
        }
        let ends_in_separator = path.as_os_str().as_encoded_bytes().last().copied() == Some(b'/');
        if path.file_name().is_none() || ends_in_separator {
            return Err(TargetError::NotAFile(owned()));
        }
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let folder = fs::canonicalize(parent).ok().filter(|it| it.is_dir());
        let folder = folder
            .ok_or_else(|| TargetError::NoFolder { path: owned(), folder: parent.to_owned() })?;
        // `/dev/stdout` may lead to a regular file.
        if existing.is_ok_and(|it| !it.is_file() || folder == Path::new("/dev")) {
            return Err(TargetError::IsSpecial(owned()));
        }
        if is_running(path) {
            return Err(TargetError::IsRunning(owned()));
        }
        if fs::symlink_metadata(path).is_ok() && !may_replace {
            return Err(TargetError::Exists(owned()));
        }
        if fs::canonicalize(site).is_ok_and(|site| folder.starts_with(site)) {
            return Err(TargetError::InsideSite { path: owned(), site: site.to_owned() });
        }
        let partial_path = PartialPath::default();
        let handler = partial_path.clone();
        interrupt::on_interrupt(move || handler.abort()).map_err(TargetError::Signals)?;
        // Held until the path is known, so that a signal in between waits for it.
        let mut locked_path = partial_path.lock();
        let partial = create_partial(&folder);
        let partial = partial.map_err(|error| TargetError::Unwritable(owned(), error))?;
        *locked_path = Some(partial.path().to_owned());
        drop(locked_path);
        Ok(Self { path: owned(), partial, partial_path })
    }

    /// The temporary file.
    pub(super) fn file(&mut self) -> &mut fs::File {
        self.partial.as_file_mut()
    }

    /// The number of bytes that can be written to its disk; `None` if unknown.
    pub(super) fn available_space(&self) -> Option<u64> {
        disk_space::available(self.partial.path().parent()?)
    }

    /// A file without a name in the same folder, which the system removes when it is closed.
    pub(super) fn spill_file(&self) -> Result<fs::File, TargetError> {
        let folder = self.partial.path().parent().unwrap_or(Path::new("."));
        tempfile::tempfile_in(folder).map_err(|error| self.unwritable(error))
    }

    /// Writes the file to the disk, and renames it to the output path.
    pub(super) fn finish(self) -> Result<(), TargetError> {
        let Self { path, partial, partial_path } = self;
        let synced = partial.as_file().sync_all();
        synced.map_err(|error| TargetError::Unwritable(path.clone(), error))?;
        let mut locked_path = partial_path.lock();
        let persisted = partial.persist(&path);
        persisted.map_err(|error| TargetError::Unwritable(path, error.error))?;
        *locked_path = None;
        Ok(())
    }

    /// The error for a failed write.
    pub(super) fn unwritable(&self, error: io::Error) -> TargetError {
        TargetError::Unwritable(self.path.clone(), error)
    }
}

/// Creates the temporary file. Not with `tempfile_in`, whose errors name that file.
fn create_partial(folder: &Path) -> io::Result<NamedTempFile> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    // The umask applies, as for any new executable.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o777);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".chapbook-").suffix(".part").make_in(folder, |path| options.open(path))
}

/// Whether this is the running executable. Replacing it fails on some systems, and elsewhere
/// the new site would be served only after a restart.
fn is_running(path: &Path) -> bool {
    let own = env::current_exe().and_then(fs::canonicalize);
    own.is_ok_and(|own| fs::canonicalize(path).is_ok_and(|path| path == own))
}
