//! Access-log writer thread, and the queue between it and the workers. When stdout is not read,
//! only this thread waits.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::Duration,
};

use super::format::LogFormat;
use crate::{
    http::LogQueue,
    limits::{LOG_FINISH_MS_MAX, LOG_WAITING_MAX, LOG_WAITING_RECORDS_MAX},
    server::stderr::warn,
};

/// The queue, which all workers share.
#[derive(Debug, Clone)]
pub(in crate::server) struct AccessLog(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    has_changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: LogQueue,
    /// Whether the workers have handed over their last records.
    is_finishing: bool,
    /// Whether the thread has ended.
    is_finished: bool,
}

fn waiting_queue() -> LogQueue {
    LogQueue::with_capacity(LOG_WAITING_RECORDS_MAX, LOG_WAITING_MAX)
}

impl AccessLog {
    /// Starts the thread.
    pub(in crate::server) fn start(format: LogFormat) -> io::Result<Self> {
        let log = Self(Arc::default());
        log.lock().waiting = waiting_queue();
        let writer = log.clone();
        // It is not joined at the end: it may be stuck in a write.
        let builder = thread::Builder::new().name("access-log".to_owned());
        builder.spawn(move || writer.run(format))?;
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

    /// Takes all records of a worker, or drops them where there is no room, and returns how many
    /// were dropped since the last call. `None` if that cannot be done without waiting.
    pub(super) fn try_take(&self, queue: &mut LogQueue) -> Option<u64> {
        let state = self.try_lock()?;
        Some(self.take_into(state, queue))
    }

    /// Blocking variant, for shutdown.
    pub(super) fn take(&self, queue: &mut LogQueue) -> u64 {
        self.take_into(self.lock(), queue)
    }

    fn take_into(&self, mut state: MutexGuard<'_, State>, queue: &mut LogQueue) -> u64 {
        if state.is_finished {
            // The failure was reported once.
            queue.clear();
            return 0;
        }
        let has_records = !queue.is_empty();
        state.waiting.append(queue);
        let dropped = state.waiting.take_dropped();
        drop(state);
        if has_records {
            self.0.has_changed.notify_all();
        }
        dropped
    }

    /// Waits until everything is written, or for a second if stdout is not read.
    pub(in crate::server) fn finish(&self) {
        let mut state = self.lock();
        state.is_finishing = true;
        self.0.has_changed.notify_all();
        let wait = Duration::from_millis(LOG_FINISH_MS_MAX);
        let is_running = |state: &mut State| !state.is_finished;
        let (_state, waited) = self
            .0
            .has_changed
            .wait_timeout_while(state, wait, is_running)
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            warn(format_args!("the last lines of the access log are lost: stdout is not read"));
        }
    }

    fn run(&self, format: LogFormat) {
        let mut queue = waiting_queue();
        let mut lines = String::new();
        loop {
            let mut state = self.lock();
            while state.waiting.is_empty() && !state.is_finishing {
                let woken = self.0.has_changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
            if state.waiting.is_empty() {
                break self.set_finished(state);
            }
            std::mem::swap(&mut queue, &mut state.waiting);
            drop(state);
            queue.iter().for_each(|(record, head)| format.write(record, head, &mut lines));
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
            if let Err(error) = written {
                warn(format_args!("cannot write the access log, so logging stops: {error}"));
                break self.set_finished(self.lock());
            }
            queue.clear();
            lines.clear();
        }
    }

    fn set_finished(&self, mut state: MutexGuard<'_, State>) {
        state.is_finished = true;
        drop(state);
        self.0.has_changed.notify_all();
    }
}
