//! Serving connections: read, write, continue, expire, close.

use std::net::IpAddr;

use super::{Slot, Worker};
use crate::{
    http::{CloseReason, Connection, Context, NextAction, Transmit},
    limits::STOP_MS_MAX,
    server::{
        net::{Interest, Net, Socket},
        transfer::{read, write, write_pending},
    },
};

impl<N: Net> Worker<'_, N> {
    /// Serves a connection that was just accepted. It is read at once, since its request is often
    /// there.
    pub(super) fn open(&mut self, key: usize, socket: N::Socket, client: IpAddr) {
        let connection = Connection::new(&self.shared.context(self.slots.is_crowded()));
        let event_turn = self.turn.wrapping_sub(1);
        self.slots.insert(Slot { socket, connection, client, is_queued: false, event_turn });
        self.handle_event(key);
    }

    /// Serves a connection whose socket is ready: output that is pending goes first, then it is
    /// read and answered, before the next connection is read.
    pub(super) fn handle_event(&mut self, key: usize) {
        let Self { shared, slots, turn, .. } = self;
        let is_crowded = slots.is_crowded();
        let Some(Slot { socket, connection, event_turn, .. }) = slots.get_mut(key) else { return };
        if std::mem::replace(event_turn, *turn) == *turn {
            return;
        }
        match connection.next_action() {
            NextAction::Write => write_pending(socket, connection, &shared.context(is_crowded)),
            // No interest is registered, so readiness means an error or a hang-up.
            NextAction::Wait | NextAction::Verify => {
                connection.abort(CloseReason::ConnectionFailed);
            }
            NextAction::Read
            | NextAction::Continue
            | NextAction::ShutdownWrite
            | NextAction::Close(_) => {}
        }
        // A client that has just taken the last output may have sent more.
        if connection.next_action() == NextAction::Read {
            self.exchange(key, |slot, input, cx, out| {
                read(&mut slot.socket, &mut slot.connection, input, cx, out);
            });
        }
        self.serve(key);
    }

    /// Calls a connection that may respond, and writes its output.
    fn exchange(
        &mut self,
        key: usize,
        call: impl FnOnce(&mut Slot<N::Socket>, &mut [u8], &mut Context<'_>, &mut Transmit),
    ) {
        let Self { shared, slots, net, input, out, .. } = self;
        let is_crowded = slots.is_crowded();
        let Some(slot) = slots.get_mut(key) else { return };
        let mark = shared.log_mark(net);
        let mut cx = shared.context(is_crowded);
        call(slot, input, &mut cx, out);
        write(&mut slot.socket, &mut slot.connection, out, &cx);
        shared.complete_log(mark, slot.client, net);
    }

    /// Does what the connection needs until it has to wait. Reading, and writing of pending output,
    /// wait for an event.
    pub(super) fn serve(&mut self, key: usize) {
        let Self { shared, slots, signals, continuing, verifying, timers, .. } = self;
        let is_crowded = slots.is_crowded();
        let Some(Slot { socket, connection, is_queued, .. }) = slots.get_mut(key) else { return };
        loop {
            let interest = match connection.next_action() {
                NextAction::Read if shared.is_stopping() && !connection.is_responding() => {
                    connection.abort(CloseReason::Stopping);
                    continue;
                }
                NextAction::Read => Interest::Read,
                NextAction::Wait => Interest::Pause,
                NextAction::Verify => {
                    if !std::mem::replace(is_queued, true) {
                        verifying.push(key);
                    }
                    if let Some(content) = connection.content_to_verify() {
                        signals.verifier.verify(content);
                    }
                    Interest::Pause
                }
                NextAction::Write => Interest::Write,
                NextAction::Continue => {
                    if !std::mem::replace(is_queued, true) {
                        continuing.push_back(key);
                    }
                    break;
                }
                NextAction::ShutdownWrite => {
                    match socket.shut_down_write() {
                        Ok(()) => connection.write_shut_down(&shared.context(is_crowded)),
                        Err(_) => connection.abort(CloseReason::ConnectionFailed),
                    }
                    continue;
                }
                NextAction::Close(_) => {
                    slots.remove(key);
                    return;
                }
            };
            match socket.set_interest(interest) {
                Ok(()) => break,
                Err(_) => connection.abort(CloseReason::ConnectionFailed),
            }
        }
        timers.note(connection.deadline_ms());
    }

    /// Serves a connection that was taken out of a queue.
    pub(super) fn serve_unqueued(&mut self, key: usize) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.is_queued = false;
        }
        self.serve(key);
    }

    /// Continues with a connection that was taken out of [`Worker::continuing`].
    pub(super) fn resume(&mut self, key: usize) {
        self.exchange(key, |slot, _, cx, out| slot.connection.resume(cx, out));
        self.serve_unqueued(key);
    }

    /// Expires the connections whose deadline has passed, and at the end of a shutdown all of them.
    pub(super) fn expire_connections(&mut self) {
        let now_ms = self.shared.now_ms;
        if self.shared.stop_at_ms.is_some_and(|at_ms| at_ms <= now_ms) {
            self.abort_where(CloseReason::Stopping, |_| true);
        }
        if !self.timers.begin_scan(now_ms) {
            return;
        }
        for key in self.slots.keys() {
            let Some(slot) = self.slots.get_mut(key) else { continue };
            let deadline_ms = slot.connection.deadline_ms();
            if deadline_ms > now_ms {
                self.timers.note(deadline_ms);
            } else {
                self.exchange(key, |slot, _, cx, out| slot.connection.expire(cx, out));
                self.serve(key);
            }
        }
    }

    /// Once: closes the listeners, and every connection that is not being answered.
    pub(super) fn begin_stopping(&mut self) {
        if !self.shared.is_stopping() {
            self.shared.stop_at_ms = Some(self.shared.now_ms + STOP_MS_MAX);
            self.net.close_listeners();
            self.abort_where(CloseReason::Stopping, |it| !it.is_responding());
        }
    }

    fn abort_where(&mut self, reason: CloseReason, is_over: impl Fn(&Connection) -> bool) {
        let over = self.slots.iter().filter(|(_, slot)| is_over(&slot.connection));
        let keys: Vec<usize> = over.map(|(key, _)| key).collect();
        for key in keys {
            self.abort(key, reason);
        }
    }

    pub(super) fn abort(&mut self, key: usize, reason: CloseReason) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.connection.abort(reason);
            self.serve(key);
        }
    }
}
