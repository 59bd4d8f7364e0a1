//! This file owns the file that is to be written: it appears whole or not at all, and takes the
//! place of another only if that is wished. It doesn't know what is written.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tempfile::NamedTempFile;

use super::{signals, warn};

/// A file beside the one that is to be, which it takes the name of in the end.
#[derive(Debug)]
pub(super) struct Target {
    place: PathBuf,
    beside: NamedTempFile,
    unfinished: Unfinished,
}

/// The place of the file while it is not what it is to be.
#[derive(Debug, Clone, Default)]
struct Unfinished(Arc<Mutex<Option<PathBuf>>>);

impl Unfinished {
    fn lock(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is done at a signal. Once the file has its name, there is nothing left to stop.
    fn removal(self) -> impl Fn() {
        move || {
            if let Some(place) = &*self.lock() {
                let _ = fs::remove_file(place);
                warn(&"stopped; nothing was written");
                std::process::exit(1);
            }
        }
    }
}

/// Why the file can't be written.
#[derive(Debug)]
pub(super) enum TargetError {
    NoName(PathBuf),
    IsAFolder(PathBuf),
    Exists(PathBuf),
    IsRunning(PathBuf),
    IsInside(PathBuf, PathBuf),
    NoFolder(PathBuf),
    Unwritable(PathBuf, io::Error),
    Signals(io::Error),
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName(place) => {
                write!(f, "`{}` names no file; give the file to write", place.display())
            }
            Self::IsAFolder(place) => {
                write!(f, "`{}` is a folder; give the file to write", place.display())
            }
            Self::Exists(place) => {
                write!(f, "`{}` is there already; --force replaces it", place.display())
            }
            Self::IsRunning(place) => write!(
                f,
                "`{}` is the executable that runs; give another file to write",
                place.display()
            ),
            Self::IsInside(place, folder) => write!(
                f,
                "`{}` would lie in `{}` and be packed the next time; give a file outside",
                place.display(),
                folder.display()
            ),
            Self::NoFolder(folder) => {
                write!(f, "there is no folder `{}` to write to", folder.display())
            }
            Self::Unwritable(place, error) => {
                write!(f, "cannot write `{}`: {error}", place.display())
            }
            Self::Signals(error) => write!(f, "cannot listen for signals: {error}"),
        }
    }
}

impl Target {
    /// Opens a file beside `place`, which must not lie in the folder `not_in`. If the process is
    /// asked to end before it is done, nothing is left of it.
    pub(super) fn open(
        place: &Path,
        may_replace: bool,
        not_in: &Path,
    ) -> Result<Self, TargetError> {
        let own = || place.to_owned();
        if place.is_dir() {
            return Err(TargetError::IsAFolder(own()));
        }
        let ends_in_separator = place.as_os_str().as_encoded_bytes().last().copied() == Some(b'/');
        if place.file_name().is_none() || ends_in_separator {
            return Err(TargetError::NoName(own()));
        }
        let parent = place.parent().filter(|it| !it.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let folder = fs::canonicalize(parent).ok().filter(|it| it.is_dir());
        let folder = folder.ok_or_else(|| TargetError::NoFolder(parent.to_owned()))?;
        if is_running(place) {
            return Err(TargetError::IsRunning(own()));
        }
        if fs::symlink_metadata(place).is_ok() && !may_replace {
            return Err(TargetError::Exists(own()));
        }
        if fs::canonicalize(not_in).is_ok_and(|not_in| folder.starts_with(not_in)) {
            return Err(TargetError::IsInside(own(), not_in.to_owned()));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".chapbook-").suffix(".part");
        // Less what the user's mask takes away, as for any executable that is made.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let unfinished = Unfinished::default();
        signals::on_signal(unfinished.clone().removal()).map_err(TargetError::Signals)?;
        // A signal has to wait until it is known what there is to remove.
        let mut place_beside = unfinished.lock();
        let beside = builder.tempfile_in(&folder);
        let beside = beside.map_err(|error| TargetError::Unwritable(own(), error))?;
        *place_beside = Some(beside.path().to_owned());
        drop(place_beside);
        Ok(Self { place: own(), beside, unfinished })
    }

    /// What is written so far.
    pub(super) fn file(&mut self) -> &mut fs::File {
        self.beside.as_file_mut()
    }

    /// A file in the same folder that has no name and goes with the process.
    pub(super) fn scratch(&self) -> Result<fs::File, TargetError> {
        let folder = self.beside.path().parent().unwrap_or(Path::new("."));
        tempfile::tempfile_in(folder).map_err(|error| self.unwritable(error))
    }

    /// Gives the file its name, once all of it is on the disk.
    pub(super) fn finish(self) -> Result<(), TargetError> {
        let Self { place, beside, unfinished } = self;
        let synced = beside.as_file().sync_all();
        synced.map_err(|error| TargetError::Unwritable(place.clone(), error))?;
        let mut place_beside = unfinished.lock();
        let persisted = beside.persist(&place);
        persisted.map_err(|error| TargetError::Unwritable(place, error.error))?;
        *place_beside = None;
        Ok(())
    }

    /// The error of a file that could not be written.
    pub(super) fn unwritable(&self, error: io::Error) -> TargetError {
        TargetError::Unwritable(self.place.clone(), error)
    }
}

/// Whether this is the executable of this process: a copy of the next site in its place would be
/// served only by the one after.
fn is_running(place: &Path) -> bool {
    let own = env::current_exe().and_then(fs::canonicalize);
    own.is_ok_and(|own| fs::canonicalize(place).is_ok_and(|place| place == own))
}
