//! Thread that verifies long contents, so that the event loops do not have to, and reports damaged
//! parts of the site.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
};

use super::{poller::Waker, stderr::warn};
use crate::site::{Site, UnverifiedContent, Verification};

/// Verification queue. After each verification, all workers are woken.
#[derive(Debug, Default)]
pub(super) struct Verifier {
    state: Mutex<VerifierState>,
    has_changed: Condvar,
}

#[derive(Debug, Default)]
struct VerifierState {
    queue: VecDeque<Verification>,
    wakers: Vec<Waker>,
    /// Whether damaged parts of the site are to be reported.
    has_damage: bool,
    is_stopped: bool,
}

impl Verifier {
    /// Adds a worker to wake after each verification.
    pub(super) fn add_waker(&self, waker: Waker) {
        self.change(|state| state.wakers.push(waker));
    }

    /// Queues a content, unless its verification is finished or in progress.
    pub(super) fn verify(&self, content: UnverifiedContent) {
        if let Some(verification) = content.verify() {
            self.change(|state| state.queue.push_back(verification));
        }
    }

    /// Lets the thread report damage that a worker has found.
    pub(super) fn report_damage(&self) {
        self.change(|state| state.has_damage = true);
    }

    /// Ends [`Verifier::run`].
    pub(super) fn stop(&self) {
        self.change(|state| state.is_stopped = true);
    }

    fn change(&self, change: impl FnOnce(&mut VerifierState)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.has_changed.notify_one();
    }

    /// Verifies queued contents until it is stopped. It hashes a piece of each content in turn, so
    /// that a short content does not wait for a long one.
    pub(super) fn run(&self, site: Site) {
        let mut in_progress: VecDeque<Verification> = VecDeque::new();
        loop {
            {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                while in_progress.is_empty() && state.is_idle() {
                    let woken = self.has_changed.wait(state);
                    state = woken.unwrap_or_else(PoisonError::into_inner);
                }
                if state.is_stopped {
                    return;
                }
                state.has_damage = false;
                in_progress.append(&mut state.queue);
            }
            if let Some(mut verification) = in_progress.pop_front() {
                if verification.advance() {
                    self.wake_all();
                } else {
                    in_progress.push_back(verification);
                }
            }
            for part in site.take_damage() {
                warn(format_args!("cannot serve {part}: it is damaged; copy the executable again"));
            }
        }
    }

    fn wake_all(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.wakers.iter().for_each(Waker::wake);
    }
}

impl VerifierState {
    fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.has_damage && !self.is_stopped
    }
}
