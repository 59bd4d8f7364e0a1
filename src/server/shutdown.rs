//! Graceful shutdown: a flag, and a way to wake every worker.

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
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    requested: Arc<AtomicBool>,
    /// Whether the wakers were used.
    notified: Arc<AtomicBool>,
    wakers: Mutex<Vec<Waker>>,
    signal_reader: Mutex<Option<SignalReader>>,
}

/// What a signal handler uses, which may do next to nothing (signal-safety(7)).
#[cfg(unix)]
#[derive(Debug)]
pub struct SignalPipe {
    /// To be set first.
    pub requested: Arc<AtomicBool>,
    /// Set once a worker has seen the request: another signal then ends the process at once.
    pub notified: Arc<AtomicBool>,
    /// Writing one byte here wakes a worker, which wakes the rest.
    pub writer: UnixStream,
}

impl Stop {
    /// Requests the shutdown, and says whether this was the first request.
    #[expect(clippy::must_use_candidate, reason = "most callers request it once")]
    pub fn request(&self) -> bool {
        let is_first = !self.shared.requested.swap(true, Ordering::SeqCst);
        self.wake_all();
        is_first
    }

    /// Lets a signal handler request the shutdown. The server that runs next watches the pipe that
    /// was made last.
    ///
    /// # Errors
    ///
    /// If the system gives no pair of sockets.
    #[cfg(unix)]
    pub fn signal_pipe(&self) -> io::Result<SignalPipe> {
        let (reader, writer) = UnixStream::pair()?;
        *self.shared.signal_reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader);
        let [requested, notified] = [&self.shared.requested, &self.shared.notified].map(Arc::clone);
        Ok(SignalPipe { requested, notified, writer })
    }

    /// The end of the signal pipe that one worker watches.
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

    fn wake_all(&self) {
        let wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.notified.store(true, Ordering::Relaxed);
        wakers.iter().for_each(Waker::wake);
    }

    /// Adds a waker for the request; it is used at once if the request was made before.
    pub(super) fn add_waker(&self, waker: Waker) {
        let mut wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.shared.requested.load(Ordering::SeqCst) {
            waker.wake();
        }
        wakers.push(waker);
    }
}
