//! Output files of `pack`: written under temporary names, and renamed once they are complete.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chapbook_packer::VerifyError;
use tempfile::NamedTempFile;

use super::{
    app_folder::{AppFolder, AppFolderKind},
    disk_space,
    output_path::{check_folder, check_path},
    target_error::TargetError,
    temporary_paths::TemporaryPaths,
};
use crate::site::book_path;

/// The executable, and its book if the site is written to one.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) executable: Output,
    pub(super) book: Option<Output>,
    /// The folder with the executable, if the output is an app.
    folder: Option<AppFolder>,
    temporary_paths: TemporaryPaths,
}

/// An output file, which has a temporary name in its folder.
#[derive(Debug)]
pub(super) struct Output {
    path: PathBuf,
    partial: NamedTempFile,
}

impl Target {
    /// Checks the output path, which must be outside the folder `site`, and creates the temporary
    /// files. A signal removes them.
    pub(super) fn open(
        path: &Path,
        has_book: bool,
        may_replace: bool,
        site: &Path,
    ) -> Result<Self, TargetError> {
        if let Some(kind) = AppFolderKind::of(path) {
            return Self::open_folder(path, kind, may_replace, site);
        }
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
        Ok(Self { executable, book, folder: None, temporary_paths })
    }

    /// The same for an app, which is a folder.
    fn open_folder(
        path: &Path,
        kind: AppFolderKind,
        may_replace: bool,
        site: &Path,
    ) -> Result<Self, TargetError> {
        // Shells complete the name of a folder with a slash.
        let path: PathBuf = path.components().collect();
        let parent = check_folder(&path, kind, may_replace, site)?;
        let temporary_paths = TemporaryPaths::new().map_err(TargetError::Signals)?;
        let mut locked = temporary_paths.lock();
        let created = AppFolder::create(&path, &parent, kind);
        let folder = created.map_err(|error| TargetError::Unwritable(path.clone(), error))?;
        locked.add(folder.partial());
        let executable = path.join(kind.executable(&path));
        let inner = folder.executable();
        let executable = Output::create(&executable, inner.parent().unwrap_or(&inner), 0o777)?;
        drop(locked);
        Ok(Self { executable, book: None, folder: Some(folder), temporary_paths })
    }

    /// The output: a file or a folder.
    pub(super) fn path(&self) -> &Path {
        self.folder.as_ref().map_or(self.executable.path(), AppFolder::path)
    }

    /// Writes files beside the executable of an app.
    pub(super) fn write_beside_executable(
        &self,
        files: impl IntoIterator<Item = (impl AsRef<str>, Vec<u8>)>,
    ) -> Result<(), TargetError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let written =
            files.into_iter().try_for_each(|(path, bytes)| folder.write(path.as_ref(), &bytes));
        written.map_err(|error| TargetError::Unwritable(folder.path().to_owned(), error))
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
        let Self { executable, book, folder, temporary_paths } = self;
        for output in std::iter::once(&executable).chain(&book) {
            output.partial.as_file().sync_all().map_err(|error| output.unwritable(error))?;
        }
        let mut locked = temporary_paths.lock();
        if let Some(folder) = folder {
            let path = folder.path().to_owned();
            let unwritable = |error| TargetError::Unwritable(path.clone(), error);
            // Compiling may have taken minutes.
            if let Some(file) = folder.foreign_file().map_err(unwritable)? {
                return Err(TargetError::ForeignFile(path, file));
            }
            let persisted = executable.partial.persist(folder.executable());
            persisted.map_err(|error| unwritable(error.error))?;
            folder.finish().map_err(unwritable)?;
            locked.clear();
            return Ok(());
        }
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
