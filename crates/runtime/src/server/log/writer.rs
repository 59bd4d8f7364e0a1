//! Writer thread of the access log, and the queue between it and the workers. If stdout is not
//! read, only this thread waits.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::Duration,
};

use super::format::LogFormat;
use crate::{
    http::{LogQueue, Secret},
    limits::{LOG_FINISH_MS_MAX, LOG_WAITING_MAX, LOG_WAITING_RECORDS_MAX},
    server::stderr::warn,
};

/// Handle of the queue, which all workers and the writer thread share.
#[derive(Debug, Clone)]
pub(in crate::server) struct AccessLog(Arc<SharedQueue>);

#[derive(Debug, Default)]
struct SharedQueue {
    state: Mutex<QueueState>,
    has_changed: Condvar,
}

#[derive(Debug, Default)]
struct QueueState {
    waiting: LogQueue,
    /// Whether the workers have handed over their last records.
    is_finishing: bool,
    /// Whether the writer thread has ended.
    is_finished: bool,
}

fn waiting_queue() -> LogQueue {
    LogQueue::with_capacity(LOG_WAITING_RECORDS_MAX, LOG_WAITING_MAX)
}

impl AccessLog {
    /// Starts the thread, which logs no secret.
    pub(in crate::server) fn start(format: LogFormat, secret: Option<Secret>) -> io::Result<Self> {
        let log = Self(Arc::default());
        log.lock().waiting = waiting_queue();
        let writer = log.clone();
        // The thread is never joined, because it may be blocked in a write.
        let builder = thread::Builder::new().name("access-log".to_owned());
        builder.spawn(move || writer.run(format, secret.as_ref()))?;
        Ok(log)
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, QueueState>> {
        match self.0.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Moves all records of a worker to the queue, or drops them if they do not fit. Returns how
    /// many were dropped since the last call; `None` if the queue is locked.
    pub(super) fn try_append(&self, queue: &mut LogQueue) -> Option<u64> {
        let state = self.try_lock()?;
        Some(self.append_to(state, queue))
    }

    /// Blocking variant of [`AccessLog::try_append`], for a shutdown.
    pub(super) fn append(&self, queue: &mut LogQueue) -> u64 {
        self.append_to(self.lock(), queue)
    }

    fn append_to(&self, mut state: MutexGuard<'_, QueueState>, queue: &mut LogQueue) -> u64 {
        if state.is_finished {
            // The writer thread has reported the failure.
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

    /// Waits until everything is written, but no longer than [`LOG_FINISH_MS_MAX`].
    pub(in crate::server) fn finish(&self) {
        let mut state = self.lock();
        state.is_finishing = true;
        self.0.has_changed.notify_all();
        let wait = Duration::from_millis(LOG_FINISH_MS_MAX);
        let is_running = |state: &mut QueueState| !state.is_finished;
        let (_state, waited) = self
            .0
            .has_changed
            .wait_timeout_while(state, wait, is_running)
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            warn(format_args!("cannot write the last lines of the access log: stdout is not read"));
        }
    }

    fn run(&self, format: LogFormat, secret: Option<&Secret>) {
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
            for (record, head) in queue.iter() {
                let head = secret.map_or(Cow::Borrowed(head), |it| it.without_token(head));
                format.write(record, &head, &mut lines);
            }
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush());
            if let Err(error) = written {
                warn(format_args!("cannot write the access log: {error}; logging stops"));
                break self.set_finished(self.lock());
            }
            queue.clear();
            lines.clear();
        }
    }

    fn set_finished(&self, mut state: MutexGuard<'_, QueueState>) {
        state.is_finished = true;
        drop(state);
        self.0.has_changed.notify_all();
    }
}
