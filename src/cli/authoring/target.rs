//! Output files of `pack`: written under temporary names, and renamed once they are complete.

use std::{
    env,
    error::Error,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use chapbook_compiler::pack::VerifyError;
use tempfile::NamedTempFile;

use super::{disk_space, temporary_paths::TemporaryPaths};
use crate::site::book_path;

/// The executable, and its book if the site is written to one.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) executable: Output,
    pub(super) book: Option<Output>,
    temporary_paths: TemporaryPaths,
}

/// An output file, which has a temporary name in its folder.
#[derive(Debug)]
pub(super) struct Output {
    path: PathBuf,
    partial: NamedTempFile,
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
            Self::IsSite(path) => {
                write!(
                    f,
                    "cannot write `{}`: it is the site to pack; choose another file",
                    path.display()
                )
            }
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

impl Target {
    /// Checks the output path, which must be outside the folder `site`, and creates the temporary
    /// files. A signal removes them.
    pub(super) fn open(
        path: &Path,
        has_book: bool,
        may_replace: bool,
        site: &Path,
    ) -> Result<Self, TargetError> {
        let folder = check_path(path, may_replace, site)?;
        let book_path = has_book.then(|| book_path(path));
        if let Some(path) = &book_path {
            check_path(path, may_replace, site)?;
        }
        let temporary_paths = TemporaryPaths::new().map_err(TargetError::Signals)?;
        let mut locked = temporary_paths.lock();
        let executable = Output::create(path, &folder, 0o777)?;
        locked.add(executable.partial.path());
        let book = book_path.map(|path| Output::create(&path, &folder, 0o666)).transpose()?;
        if let Some(book) = &book {
            locked.add(book.partial.path());
        }
        drop(locked);
        Ok(Self { executable, book, temporary_paths })
    }

    /// The temporary paths that a signal removes.
    pub(super) fn temporary_paths(&self) -> &TemporaryPaths {
        &self.temporary_paths
    }

    /// The number of bytes that can be written to its disk; `None` if unknown.
    pub(super) fn available_space(&self) -> Option<u64> {
        disk_space::available(self.executable.partial.path().parent()?)
    }

    /// A file without a name in the same folder, which the system removes when it is closed.
    pub(super) fn spill_file(&self) -> Result<fs::File, TargetError> {
        let folder = self.executable.partial.path().parent().unwrap_or(Path::new("."));
        tempfile::tempfile_in(folder).map_err(|error| self.executable.unwritable(error))
    }

    /// Writes the files to the disk, and renames them to the output paths. If that fails, the files
    /// at these paths are those from before.
    pub(super) fn finish(self) -> Result<(), TargetError> {
        let Self { executable, book, temporary_paths } = self;
        for output in std::iter::once(&executable).chain(&book) {
            output.partial.as_file().sync_all().map_err(|error| output.unwritable(error))?;
        }
        let mut locked = temporary_paths.lock();
        // The book first: an executable without its book is of no use.
        let replaced = book.map(|it| it.replace(&executable)).transpose()?;
        let renamed = executable.persist();
        if let Some(replaced) = replaced {
            replaced.finish(renamed.is_ok());
        }
        renamed?;
        locked.clear();
        Ok(())
    }

    /// The error for a failed write.
    pub(super) fn unwritable(&self, error: io::Error) -> TargetError {
        self.book.as_ref().unwrap_or(&self.executable).unwritable(error)
    }
}

impl Output {
    fn create(path: &Path, folder: &Path, mode: u32) -> Result<Self, TargetError> {
        let partial = create_partial(folder, mode);
        let partial = partial.map_err(|error| TargetError::Unwritable(path.to_owned(), error))?;
        Ok(Self { path: path.to_owned(), partial })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The temporary file.
    pub(super) fn file(&mut self) -> &mut fs::File {
        self.partial.as_file_mut()
    }

    /// The error for a failed write.
    pub(super) fn unwritable(&self, error: io::Error) -> TargetError {
        TargetError::Unwritable(self.path.clone(), error)
    }

    /// The error for an output that was not read back as it was written.
    pub(super) fn damaged(&self, error: VerifyError) -> TargetError {
        TargetError::Damaged(self.path.clone(), error)
    }

    fn persist(self) -> Result<(), TargetError> {
        let Self { path, partial } = self;
        let persisted = partial.persist(&path);
        persisted.map(|_| ()).map_err(|error| TargetError::Unwritable(path, error.error))
    }

    /// Renames the file, and keeps the one from before under a name that is free like that of the
    /// other temporary file.
    fn replace(self, other: &Self) -> Result<Replaced, TargetError> {
        let path = self.path.clone();
        let before = other.partial.path().with_extension("before");
        // File systems without hard links keep no previous book.
        let before = fs::hard_link(&path, &before).is_ok().then_some(before);
        let replaced = Replaced { path, before };
        match self.persist() {
            Ok(()) => Ok(replaced),
            Err(error) => {
                replaced.remove_before();
                Err(error)
            }
        }
    }
}

/// A file that was renamed to its path.
struct Replaced {
    path: PathBuf,
    /// The path of the file from before, if there was one.
    before: Option<PathBuf>,
}

impl Replaced {
    /// Removes the file from before, or else restores it.
    fn finish(self, is_complete: bool) {
        if is_complete {
            return self.remove_before();
        }
        // What to do if this fails, too, is up to the user.
        let _ = match &self.before {
            Some(before) => fs::rename(before, &self.path),
            None => fs::remove_file(&self.path),
        };
    }

    fn remove_before(&self) {
        if let Some(before) = &self.before {
            let _ = fs::remove_file(before);
        }
    }
}

/// Checks a path to write to. Returns its folder.
fn check_path(path: &Path, may_replace: bool, site: &Path) -> Result<PathBuf, TargetError> {
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
    let folder =
        folder.ok_or_else(|| TargetError::NoFolder { path: owned(), folder: parent.to_owned() })?;
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
    if let Ok(canonical) = fs::canonicalize(site) {
        if folder.starts_with(&canonical) {
            return Err(TargetError::InsideSite { path: owned(), site: site.to_owned() });
        }
        if fs::canonicalize(path).is_ok_and(|path| path == canonical) {
            return Err(TargetError::IsSite(owned()));
        }
    }
    Ok(folder)
}

/// Creates the temporary file. Not with `tempfile_in`, whose errors name that file.
#[cfg_attr(not(unix), expect(unused_variables, reason = "only Unix has modes"))]
pub(super) fn create_partial(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    // The umask applies, as for any new file.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".chapbook-").suffix(".part").make_in(folder, |path| options.open(path))
}

/// Whether this is the running executable. Replacing it fails on some systems, and elsewhere
/// the new site would be served only after a restart.
fn is_running(path: &Path) -> bool {
    let own = env::current_exe().and_then(fs::canonicalize);
    own.is_ok_and(|own| fs::canonicalize(path).is_ok_and(|path| path == own))
}
