//! This file owns the wish to stop and its way to every worker. It doesn't know who has the wish.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use super::poller::Waker;

/// A wish that can be expressed once, from any thread, and is heard by all workers.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    is_wished: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
}

impl Stop {
    /// Asks every worker to finish, and says whether this was the first time.
    pub fn request(&self) -> bool {
        let is_first = !self.shared.is_wished.swap(true, Ordering::SeqCst);
        let wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        wakers.iter().for_each(Waker::wake);
        is_first
    }

    /// Whether anyone asked.
    pub(super) fn is_requested(&self) -> bool {
        self.shared.is_wished.load(Ordering::SeqCst)
    }

    /// From now on a request wakes this one too. It is woken at once if there was one already.
    pub(super) fn wake_also(&self, waker: Waker) {
        let mut wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_requested() {
            waker.wake();
        }
        wakers.push(waker);
    }
}
