//! What has happened to a watched folder since the last call: flags, so that any number of events
//! takes no memory.

use std::{
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What has happened.
#[derive(Debug, Default)]
pub(super) struct Happened {
    pub(super) has_changed: bool,
    /// Why the system cannot report all changes.
    pub(super) failure: Option<String>,
    /// Whether the server is to stop. It stays set.
    pub(super) is_stopped: bool,
}

/// The signals of a folder. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct FolderSignals(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    happened: Mutex<Happened>,
    has_changed: Condvar,
}

impl Happened {
    fn is_nothing(&self) -> bool {
        !self.has_changed && self.failure.is_none() && !self.is_stopped
    }
}

impl FolderSignals {
    fn lock(&self) -> MutexGuard<'_, Happened> {
        self.0.happened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records what has happened.
    pub(super) fn record(&self, record: impl FnOnce(&mut Happened)) {
        record(&mut self.lock());
        self.0.has_changed.notify_all();
    }

    /// Waits until something has happened, for at most this time if there is one. Returns what has
    /// happened since the last call.
    pub(super) fn wait(&self, timeout: Option<Duration>) -> Happened {
        let is_nothing = |it: &mut Happened| it.is_nothing();
        let mut happened = if let Some(timeout) = timeout {
            let waited = self.0.has_changed.wait_timeout_while(self.lock(), timeout, is_nothing);
            waited.unwrap_or_else(PoisonError::into_inner).0
        } else {
            let waited = self.0.has_changed.wait_while(self.lock(), is_nothing);
            waited.unwrap_or_else(PoisonError::into_inner)
        };
        let is_stopped = happened.is_stopped;
        mem::replace(&mut happened, Happened { is_stopped, ..Happened::default() })
    }
}
