//! Accepting connections: when to poll the listeners, and which connection to evict when slots or
//! file descriptors run out.

use std::io;

use super::{Accepting, Worker, slot::Slot};
use crate::{
    http::CloseReason,
    limits::{ACCEPT_PAUSE_MS, ACCEPT_WARNING_INTERVAL_MS, ACCEPTS_PER_TURN_MAX},
    server::{
        net::{HandedOver, Net},
        system::is_exhausted,
    },
};

impl<N: Net> Worker<'_, N> {
    /// Enables or disables polling of the listeners.
    pub(super) fn set_accepting(&mut self, accepting: Accepting) -> io::Result<()> {
        self.accepting = accepting;
        self.net.set_accepting(accepting == Accepting::Enabled)
    }

    /// Accepts waiting connections from the listener with this index.
    pub(super) fn accept(&mut self, index: usize) -> io::Result<()> {
        let pause = Accepting::PausedUntil(self.state.now_ms + ACCEPT_PAUSE_MS);
        for round in 0..ACCEPTS_PER_TURN_MAX {
            let Some(key) = self.slots.vacant_key() else {
                // A client is known to wait in the first round only. The slot of the evicted
                // connection is free in the next turn.
                if round == 0 {
                    let has_evicted = self.evict();
                    self.set_accepting(if has_evicted { Accepting::UntilSlotFree } else { pause })?;
                }
                return Ok(());
            };
            match self.net.accept(index, key) {
                Ok((socket, client)) => self.open(key, socket, client),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_exhausted(&error) => {
                    self.warn_about_accept(&error);
                    self.evict();
                    return self.set_accepting(pause);
                }
                // The client has closed the connection, or a network error occurred (accept(2)).
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Takes the connections that the workers of the previous site have handed over.
    #[cold]
    pub(super) fn adopt(&mut self) {
        while !self.state.is_leaving
            && let Some(key) = self.slots.vacant_key()
            && let Some(HandedOver { socket, client, session, is_new, input }) = self.net.adopt(key)
        {
            self.insert(socket, client);
            if let Some(slot) = self.slots.get_mut(key) {
                (slot.session, slot.is_new) = (session, is_new);
            }
            if !input.is_empty() {
                self.exchange(key, |slot, _, cx, out| slot.connection.read(&input, cx, out));
            }
            self.handle_event(key);
        }
    }

    /// Evicts the connection whose client loses the least. Returns whether there was one: while it
    /// gets a response, a connection is not evicted.
    fn evict(&mut self) -> bool {
        let ranked =
            |(key, slot): (usize, &Slot<'_, _>)| Some((slot.connection.eviction_rank()?, key));
        let first = self.slots.iter().filter_map(ranked).min();
        if let Some((_, key)) = first {
            self.abort(key, CloseReason::Evicted);
        }
        first.is_some()
    }

    fn warn_about_accept(&mut self, error: &io::Error) {
        let now_ms = self.state.now_ms;
        let is_due = |last_ms| now_ms >= last_ms + ACCEPT_WARNING_INTERVAL_MS;
        if self.accept_warned_ms.is_none_or(is_due) {
            self.accept_warned_ms = Some(now_ms);
            self.net.warn(format_args!("cannot accept connections for now: {error}"));
        }
    }
}
