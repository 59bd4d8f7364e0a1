//! Graceful shutdown: a flag, and wakers for every worker.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
#[cfg(unix)]
use std::{io, os::unix::net::UnixStream};

use super::{poller::Waker, system::SignalReader};

/// Requests a shutdown from any thread. Clones share the request.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    shared: Arc<StopState>,
}

#[derive(Debug, Default)]
struct StopState {
    requested: Arc<AtomicBool>,
    /// Whether the workers have been woken.
    notified: Arc<AtomicBool>,
    wakers: Mutex<Vec<Waker>>,
    in_progress: Mutex<InProgress>,
    signal_reader: Mutex<Option<SignalReader>>,
}

/// Responses that a shutdown waits for.
#[derive(Debug, Default)]
struct InProgress {
    responses: usize,
    /// The number of workers that have counted theirs.
    workers: usize,
}

/// What a signal handler needs. A handler may do very little (signal-safety(7)).
#[cfg(unix)]
#[derive(Debug)]
pub struct SignalPipe {
    /// The handler sets this first.
    pub requested: Arc<AtomicBool>,
    /// Set once a worker has seen the request. From then on, another signal ends the process.
    pub notified: Arc<AtomicBool>,
    /// Writing one byte here wakes a worker, which wakes the rest.
    pub writer: UnixStream,
}

impl Stop {
    /// Requests the shutdown. Returns whether this is the first request.
    #[expect(clippy::must_use_candidate, reason = "most callers request it once")]
    pub fn request(&self) -> bool {
        let is_first = !self.shared.requested.swap(true, Ordering::SeqCst);
        self.wake_all();
        is_first
    }

    /// A pipe through which a signal handler requests the shutdown. The next server to run watches
    /// the latest pipe.
    ///
    /// # Errors
    ///
    /// If the system cannot create a socket pair.
    #[cfg(unix)]
    pub fn signal_pipe(&self) -> io::Result<SignalPipe> {
        let (reader, writer) = UnixStream::pair()?;
        *self.shared.signal_reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader);
        let [requested, notified] = [&self.shared.requested, &self.shared.notified].map(Arc::clone);
        Ok(SignalPipe { requested, notified, writer })
    }

    /// The read end of the signal pipe, for one worker.
    pub(super) fn take_signal_reader(&self) -> Option<SignalReader> {
        self.shared.signal_reader.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the shutdown is requested. The first worker that sees it wakes the others.
    pub(super) fn is_requested(&self) -> bool {
        let is_requested = self.shared.requested.load(Ordering::SeqCst);
        if is_requested && !self.shared.notified.load(Ordering::Relaxed) {
            self.wake_all();
        }
        is_requested
    }

    /// Adds the responses that a worker is still sending. Returns the sum for the last worker.
    pub(super) fn add_in_progress(&self, responses: usize) -> Option<usize> {
        let workers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner).len();
        let mut all = self.shared.in_progress.lock().unwrap_or_else(PoisonError::into_inner);
        all.responses += responses;
        all.workers += 1;
        (all.workers >= workers).then_some(all.responses)
    }

    fn wake_all(&self) {
        let wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.notified.store(true, Ordering::Relaxed);
        wakers.iter().for_each(Waker::wake);
    }

    /// Adds a worker to wake at the request; it is woken now if the request was made before.
    pub(super) fn add_waker(&self, waker: Waker) {
        let mut wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.shared.requested.load(Ordering::SeqCst) {
            waker.wake();
        }
        wakers.push(waker);
    }
}
