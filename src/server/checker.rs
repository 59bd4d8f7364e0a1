//! This file owns the thread that looks at long contents before they are sent for the first time,
//! beside the loops, and says which parts of the site were found damaged.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, PoisonError},
};

use super::{poller::Waker, stderr::warn};
use crate::site::{Check, Progress, Representation, Site};

/// What there is to look at, and who waits for it.
#[derive(Debug, Default)]
pub(super) struct Checker {
    wishes: Mutex<Wishes>,
    is_something_new: Condvar,
}

#[derive(Debug, Default)]
struct Wishes {
    checks: VecDeque<Check>,
    wakers: Vec<Waker>,
    has_damage: bool,
    is_over: bool,
}

impl Checker {
    /// From now on this is woken, too, whenever a content has been looked at.
    pub(super) fn wake_also(&self, waker: Waker) {
        self.change(|wishes| wishes.wakers.push(waker));
    }

    /// Asks for a look at a content, unless it was taken or someone takes it.
    pub(super) fn ask(&self, content: Representation) {
        if let Some(check) = content.check() {
            self.change(|wishes| wishes.checks.push_back(check));
        }
    }

    /// Lets it say what was found damaged elsewhere.
    pub(super) fn tell_damage(&self) {
        self.change(|wishes| wishes.has_damage = true);
    }

    /// Ends [`Checker::run`].
    pub(super) fn end(&self) {
        self.change(|wishes| wishes.is_over = true);
    }

    fn change(&self, change: impl FnOnce(&mut Wishes)) {
        change(&mut self.wishes.lock().unwrap_or_else(PoisonError::into_inner));
        self.is_something_new.notify_one();
    }

    /// Looks at what it is asked to until it is ended: at a piece of each in turn, so that a short
    /// content does not wait for a long one.
    pub(super) fn run(&self, site: Site) {
        let mut checks: VecDeque<Check> = VecDeque::new();
        loop {
            {
                let mut wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
                while checks.is_empty() && wishes.has_nothing() {
                    let woken = self.is_something_new.wait(wishes);
                    wishes = woken.unwrap_or_else(PoisonError::into_inner);
                }
                if wishes.is_over {
                    return;
                }
                wishes.has_damage = false;
                checks.append(&mut wishes.checks);
            }
            if let Some(mut check) = checks.pop_front() {
                match check.advance() {
                    Progress::More => checks.push_back(check),
                    Progress::Done => self.wake(),
                }
            }
            for part in site.damage() {
                warn(format_args!("{part} is damaged and is not served"));
            }
        }
    }

    fn wake(&self) {
        let wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        wishes.wakers.iter().for_each(Waker::wake);
    }
}

impl Wishes {
    fn has_nothing(&self) -> bool {
        self.checks.is_empty() && !self.has_damage && !self.is_over
    }
}
