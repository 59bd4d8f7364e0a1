//! This file owns the way of the access log from the workers to stdout: a buffer between them and a
//! thread that writes. When nobody reads stdout, the thread waits, and nobody else does.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::Duration,
};

use super::{log_line::LogFormat, scribe::Record, stderr::warn};
use crate::limits::{LOG_END_MS_MAX, LOG_WAITING_MAX};

/// The buffer, which all workers share.
#[derive(Debug, Clone)]
pub(super) struct AccessLog(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    has_changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<u8>,
    dropped: u64,
    /// Whether no more is coming.
    is_over: bool,
    /// Whether nothing is written any more.
    is_done: bool,
}

impl AccessLog {
    /// Starts the thread that writes.
    pub(super) fn start(format: LogFormat) -> io::Result<Self> {
        let log = Self(Arc::default());
        log.lock().records.reserve(LOG_WAITING_MAX);
        let writer = log.clone();
        // Not one that is waited for in the end: it may be stuck in a write.
        let builder = thread::Builder::new().name("access-log".to_owned());
        builder.spawn(move || writer.write(format))?;
        Ok(log)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        match self.0.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Takes records, or drops them where there is no room; false where neither can be done without
    /// waiting.
    pub(super) fn try_take(&self, records: &[u8], count: u64) -> bool {
        let Some(state) = self.try_lock() else { return false };
        self.put(state, records, count);
        true
    }

    /// The same for somebody who has nothing else to do any more.
    pub(super) fn take(&self, records: &[u8], count: u64) {
        self.put(self.lock(), records, count);
    }

    fn put(&self, mut state: MutexGuard<'_, State>, records: &[u8], count: u64) {
        // That the log has ended was said once.
        if state.is_done {
            return;
        }
        if state.records.len() + records.len() > LOG_WAITING_MAX {
            state.dropped += count;
        } else {
            state.records.extend_from_slice(records);
        }
        drop(state);
        self.0.has_changed.notify_all();
    }

    /// How many were dropped since this was last asked.
    pub(super) fn take_dropped(&self) -> u64 {
        self.try_lock().map_or(0, |mut state| std::mem::take(&mut state.dropped))
    }

    /// Waits until everything is written, but not for somebody who does not read.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.is_over = true;
        self.0.has_changed.notify_all();
        let wait = Duration::from_millis(LOG_END_MS_MAX);
        let is_going_on = |state: &mut State| !state.is_done;
        let (state, waited) = self
            .0
            .has_changed
            .wait_timeout_while(state, wait, is_going_on)
            .unwrap_or_else(PoisonError::into_inner);
        if state.dropped > 0 || waited.timed_out() {
            warn(format_args!("the end of the access log is lost: nobody reads it"));
        }
    }

    fn write(&self, format: LogFormat) {
        let mut records = Vec::with_capacity(LOG_WAITING_MAX);
        let mut lines = String::new();
        loop {
            let mut state = self.lock();
            while state.records.is_empty() && !state.is_over {
                let woken = self.0.has_changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
            if state.records.is_empty() {
                break self.is_done(state);
            }
            std::mem::swap(&mut records, &mut state.records);
            drop(state);
            let mut rest = &records[..];
            while let Some((record, behind)) = Record::read(rest) {
                format.write(&record, &mut lines);
                rest = behind;
            }
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
            if let Err(error) = written {
                warn(format_args!("the access log ends here: {error}"));
                break self.is_done(self.lock());
            }
            records.clear();
            lines.clear();
        }
    }

    fn is_done(&self, mut state: MutexGuard<'_, State>) {
        state.is_done = true;
        drop(state);
        self.0.has_changed.notify_all();
    }
}
