//! Thread that verifies long contents before they are sent for the first time, beside the loops,
//! and reports damaged parts of the site.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
};

use super::{poller::Waker, stderr::warn};
use crate::site::{Check, Progress, Site, UnverifiedContent};

/// Verification queue, and the workers to wake after each verification.
#[derive(Debug, Default)]
pub(super) struct Verifier {
    queue: Mutex<Queue>,
    has_changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    checks: VecDeque<Check>,
    wakers: Vec<Waker>,
    has_damage: bool,
    is_stopped: bool,
}

impl Verifier {
    /// Adds a waker that is used whenever a content has been verified.
    pub(super) fn add_waker(&self, waker: Waker) {
        self.change(|queue| queue.wakers.push(waker));
    }

    /// Queues a content, unless it is verified or being verified already.
    pub(super) fn verify(&self, content: UnverifiedContent) {
        if let Some(check) = content.check() {
            self.change(|queue| queue.checks.push_back(check));
        }
    }

    /// Has damage reported that was found elsewhere.
    pub(super) fn report_damage(&self) {
        self.change(|queue| queue.has_damage = true);
    }

    /// Ends [`Verifier::run`].
    pub(super) fn stop(&self) {
        self.change(|queue| queue.is_stopped = true);
    }

    fn change(&self, change: impl FnOnce(&mut Queue)) {
        change(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner));
        self.has_changed.notify_one();
    }

    /// Verifies what is queued until it is stopped: a piece of each content in turn, so that a
    /// short one does not wait for a long one.
    pub(super) fn run(&self, site: Site) {
        let mut checks: VecDeque<Check> = VecDeque::new();
        loop {
            {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                while checks.is_empty() && queue.is_idle() {
                    let woken = self.has_changed.wait(queue);
                    queue = woken.unwrap_or_else(PoisonError::into_inner);
                }
                if queue.is_stopped {
                    return;
                }
                queue.has_damage = false;
                checks.append(&mut queue.checks);
            }
            if let Some(mut check) = checks.pop_front() {
                match check.advance() {
                    Progress::More => checks.push_back(check),
                    Progress::Done => self.wake_all(),
                }
            }
            for part in site.take_damage() {
                warn(format_args!("{part} is damaged and is not served"));
            }
        }
    }

    fn wake_all(&self) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.wakers.iter().for_each(Waker::wake);
    }
}

impl Queue {
    fn is_idle(&self) -> bool {
        self.checks.is_empty() && !self.has_damage && !self.is_stopped
    }
}
