//! This file owns who is let in: when the listeners are heard, and who has to go where places or
//! descriptors are short. It doesn't know what becomes of who is inside.

use std::io;

use super::{
    super::{descriptors, net::Net},
    Slot, Worker,
};
use crate::{
    http::CloseReason,
    limits::{ACCEPT_COMPLAINT_MS, ACCEPT_PAUSE_MS, ACCEPTS_PER_TURN_MAX},
};

/// Whether the listeners are heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepting {
    Yes,
    /// No slot is free, and one will be.
    WhenSlotFrees,
    /// All are being answered, or the system has nothing left; from this time on it is tried again.
    From(u64),
}

impl<N: Net> Worker<'_, N> {
    /// Listens to who comes, or not for now.
    pub(super) fn hear(&mut self, accepting: Accepting) -> io::Result<()> {
        self.accepting = accepting;
        self.net.hear(accepting == Accepting::Yes)
    }

    pub(super) fn accept(&mut self, index: usize) -> io::Result<()> {
        for round in 0..ACCEPTS_PER_TURN_MAX {
            let Some(key) = self.slots.vacant_key() else {
                // In later rounds nothing says that someone waits; in the first the poller did,
                // though another worker may be quicker. The place is free in the next turn.
                if round == 0 {
                    let has_place = self.evict();
                    let later = Accepting::From(self.now_ms + ACCEPT_PAUSE_MS);
                    self.hear(if has_place { Accepting::WhenSlotFrees } else { later })?;
                }
                return Ok(());
            };
            match self.net.accept(index, key) {
                Ok((socket, client)) => self.open(key, socket, client),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if descriptors::are_exhausted(&error) => {
                    self.warn_about_accept(&error);
                    self.evict();
                    return self.hear(Accepting::From(self.now_ms + ACCEPT_PAUSE_MS));
                }
                // This one client is gone, or the network was for a moment (accept(2)); who comes
                // behind is heard all the same.
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Lets go of the connection that loses the least, and says whether one was not being answered.
    fn evict(&mut self) -> bool {
        let ranked = |(key, it): (usize, &Slot<_>)| Some((it.connection.eviction_rank()?, key));
        let first = self.slots.iter().filter_map(ranked).min();
        if let Some((_, key)) = first {
            self.abandon(key, CloseReason::Evicted);
        }
        first.is_some()
    }

    fn warn_about_accept(&mut self, error: &io::Error) {
        let is_due = |last| self.now_ms >= last + ACCEPT_COMPLAINT_MS;
        if self.warned_ms.is_none_or(is_due) {
            self.warned_ms = Some(self.now_ms);
            self.net.warn(format_args!("cannot accept connections for now: {error}"));
        }
    }
}
