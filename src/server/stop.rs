//! This file owns the wish to stop and its way to every worker. It doesn't know who has the wish.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
#[cfg(unix)]
use std::{io, os::unix::net::UnixStream};

use super::poller::Waker;

/// A wish that can be expressed once, from any thread, and is heard by all workers.
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
    #[cfg(unix)]
    bell: Mutex<Option<UnixStream>>,
}

/// What the handler of a signal needs, which may do next to nothing (signal-safety(7)).
#[cfg(unix)]
#[derive(Debug)]
pub struct SignalPipe {
    /// To be set first.
    pub requested: Arc<AtomicBool>,
    /// Set once a worker has heard of it: who asks again means it.
    pub notified: Arc<AtomicBool>,
    /// To be written a byte to, which wakes one worker, and that one the others.
    pub rope: UnixStream,
}

impl Stop {
    /// Asks every worker to finish, and says whether this was the first time.
    #[expect(clippy::must_use_candidate, reason = "who asks once need not know")]
    pub fn request(&self) -> bool {
        let is_first = !self.shared.requested.swap(true, Ordering::SeqCst);
        self.tell();
        is_first
    }

    /// Lets the handler of a signal ask. One bell is heard, the last that was hung up before the
    /// server runs.
    ///
    /// # Errors
    ///
    /// If the system gives no pair of sockets.
    #[cfg(unix)]
    pub fn signal_pipe(&self) -> io::Result<SignalPipe> {
        let (bell, rope) = UnixStream::pair()?;
        *self.shared.bell.lock().unwrap_or_else(PoisonError::into_inner) = Some(bell);
        let [requested, notified] = [&self.shared.requested, &self.shared.notified].map(Arc::clone);
        Ok(SignalPipe { requested, notified, rope })
    }

    /// What becomes readable when the bell rings, for one worker to watch.
    #[cfg(unix)]
    pub(super) fn take_bell(&self) -> Option<UnixStream> {
        self.shared.bell.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether anyone asked. Whoever is the first to hear of it tells the others.
    pub(super) fn is_requested(&self) -> bool {
        let is_requested = self.shared.requested.load(Ordering::SeqCst);
        if is_requested && !self.shared.notified.load(Ordering::Relaxed) {
            self.tell();
        }
        is_requested
    }

    fn tell(&self) {
        let wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.notified.store(true, Ordering::Relaxed);
        wakers.iter().for_each(Waker::wake);
    }

    /// From now on a request wakes this one too. It is woken at once if there was one already.
    pub(super) fn wake_also(&self, waker: Waker) {
        let mut wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.shared.requested.load(Ordering::SeqCst) {
            waker.wake();
        }
        wakers.push(waker);
    }
}
