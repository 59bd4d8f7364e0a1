//! Temporary files and folders that a signal removes.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::interrupt;
use crate::cli::output::warn;

/// The paths of temporary files and folders; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct TemporaryPaths(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(super) struct State {
    paths: Vec<PathBuf>,
    /// Whether a server is running, which the signal stops in its own way.
    is_serving: bool,
}

impl TemporaryPaths {
    /// Installs a signal handler that removes them and ends the process. It does nothing while
    /// there are none.
    pub(super) fn new() -> io::Result<Self> {
        let paths = Self::default();
        let handler = paths.clone();
        interrupt::on_interrupt(move |status| handler.interrupt(status))?;
        Ok(paths)
    }

    /// Held while files are created or renamed, so that a signal in between waits for it.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, a signal removes the paths and does not end the process.
    pub(super) fn keep_serving(&self) {
        self.lock().is_serving = true;
    }

    fn interrupt(&self, status: i32) {
        let mut state = self.lock();
        if state.paths.is_empty() {
            return;
        }
        state.paths.drain(..).for_each(|path| remove(&path));
        if state.is_serving {
            return;
        }
        warn("interrupted; nothing was written");
        std::process::exit(status);
    }
}

impl State {
    pub(super) fn add(&mut self, path: &Path) {
        self.paths.push(path.to_owned());
    }

    /// Forgets all paths, because the output is complete: a signal no longer ends the process.
    pub(super) fn clear(&mut self) {
        self.paths.clear();
    }

    /// Forgets a path that was removed.
    pub(super) fn forget(&mut self, path: &Path) {
        self.paths.retain(|it| it != path);
    }
}

/// Removes a file, or a folder with its contents. A failure has no remedy.
fn remove(path: &Path) {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|it| it.is_dir());
    let _ = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}
