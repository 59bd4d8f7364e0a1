//! Source of a site: a folder, or an archive that is unpacked to a temporary folder.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use chapbook_compiler::{Unpack, is_archive};
use tempfile::TempDir;

use super::{disk_space, progress::ProgressDisplay, temporary_paths::TemporaryPaths};
use crate::cli::failure::Failure;

/// The source of a site. Dropping it removes the temporary folder.
#[derive(Debug)]
pub(super) struct Source {
    /// The folder with the site.
    pub(super) folder: PathBuf,
    /// Its name in messages, if it is a temporary one.
    pub(super) name: Option<String>,
    unpacked: Option<Unpacked>,
}

/// The temporary folder.
#[derive(Debug)]
struct Unpacked {
    folder: Option<TempDir>,
    paths: TemporaryPaths,
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let mut paths = self.paths.lock();
        if let Some(folder) = self.folder.take() {
            paths.forget(folder.path());
            // A failure has no remedy; a signal may have removed it.
            let _ = folder.close();
        }
    }
}

impl Source {
    /// The folder or archive at a path. A folder that does not exist is an error later.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let Some((archive, below)) = split(path) else {
            return Ok(Self { folder: path.to_owned(), name: None, unpacked: None });
        };
        let paths = TemporaryPaths::new().map_err(|error| {
            Failure::error(format_args!("cannot install signal handlers: {error}"))
        })?;
        Self::unpack(archive, below, paths)
    }

    /// The same, with paths that a signal removes already.
    pub(super) fn open_with(path: &Path, paths: &TemporaryPaths) -> Result<Self, Failure> {
        match split(path) {
            None => Ok(Self { folder: path.to_owned(), name: None, unpacked: None }),
            Some((archive, below)) => Self::unpack(archive, below, paths.clone()),
        }
    }

    fn unpack(archive: &Path, below: &Path, paths: TemporaryPaths) -> Result<Self, Failure> {
        let scratch = create_scratch(&paths).map_err(|error| {
            let folder = env::temp_dir();
            Failure::error(format_args!(
                "cannot unpack `{}` to the temporary folder `{}`: {error}",
                archive.display(),
                folder.display()
            ))
        })?;
        let path = scratch.path().to_owned();
        let unpacked = Unpacked { folder: Some(scratch), paths };
        let display = ProgressDisplay::new();
        display.show("unpacking");
        let (folder, name) = Unpack {
            archive,
            below,
            scratch: &path,
            available: disk_space::available(&path),
            progress: display.progress(),
        }
        .run()?;
        Ok(Self { folder, name: Some(name), unpacked: Some(unpacked) })
    }

    /// The name in messages.
    pub(super) fn shown(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.folder.display().to_string())
    }

    /// From now on, a signal stops the server, which ends the process.
    pub(super) fn keep_serving(&self) {
        if let Some(unpacked) = &self.unpacked {
            unpacked.paths.keep_serving();
        }
    }
}

/// An empty folder that only this user can read.
fn create_scratch(paths: &TemporaryPaths) -> io::Result<TempDir> {
    let mut paths = paths.lock();
    let mut builder = tempfile::Builder::new();
    builder.prefix("chapbook-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = builder.tempdir()?;
    paths.add(folder.path());
    Ok(folder)
}

/// The archive at a path, or the one that a path leads into and the path below it.
fn split(path: &Path) -> Option<(&Path, &Path)> {
    // Without a slash at its end, which would require a folder.
    let path = path.components().as_path();
    let archive = path.ancestors().find(|it| fs::symlink_metadata(it).is_ok())?;
    let below = path.strip_prefix(archive).ok()?;
    is_archive(archive).then_some((archive, below))
}
