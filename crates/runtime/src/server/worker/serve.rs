//! Serving connections: read, write, continue, expire, close.

use std::net::IpAddr;

use super::{Worker, receiver::Receiver, slot::Slot};
use crate::{
    http::{CloseReason, Connection, Context, NextAction, Transmit},
    limits::STOP_MS_MAX,
    server::{
        net::{HandedOver, Interest, Net, Socket},
        shutdown::StopMode,
        transfer::{close_session, write, write_pending},
    },
};

/// Context of a connection.
type Cx<'b, 'c, 'a> = &'b mut Context<'c, 'a>;
/// Buffer for output.
type Output<'b, 'a> = &'b mut Transmit<'a>;

impl<'a, N: Net> Worker<'a, N> {
    /// Serves a connection that has just been accepted. It is read at once, because a request has
    /// often arrived.
    pub(super) fn open(&mut self, key: usize, socket: N::Socket, client: IpAddr) {
        self.insert(socket, client);
        self.handle_event(key);
    }

    /// Adds a connection.
    pub(super) fn insert(&mut self, socket: N::Socket, client: IpAddr) {
        let connection = Connection::new(&self.state.context(self.slots.is_crowded()));
        let event_turn = self.turn.wrapping_sub(1);
        let (session, is_new, is_queued) = (None, true, false);
        let slot = Slot { socket, connection, client, session, is_new, is_queued, event_turn };
        self.slots.insert(slot);
    }

    /// Serves a connection whose socket is ready: writes pending output, then reads and responds.
    pub(super) fn handle_event(&mut self, key: usize) {
        let Self { state, slots, receiver, turn, .. } = self;
        let is_crowded = slots.is_crowded();
        let Some(slot) = slots.get_mut(key) else { return };
        if std::mem::replace(&mut slot.event_turn, *turn) == *turn {
            return;
        }
        let Slot { socket, session, connection, .. } = slot;
        let next_action = match connection.next_action() {
            NextAction::Write => {
                let cx = state.context(is_crowded);
                write_pending(socket, session.as_deref_mut(), connection, &cx);
                // If all of it was written, the client may have sent more.
                connection.next_action()
            }
            // No interest is registered, so readiness means an error or a hang-up.
            NextAction::Wait => {
                connection.abort(CloseReason::ConnectionFailed);
                connection.next_action()
            }
            other => other,
        };
        if next_action == NextAction::Read && receiver.may_read(slot) {
            self.exchange(key, |slot, receiver, cx, out| receiver.read(slot, cx, out));
        }
        self.serve(key);
    }

    /// Calls a connection, and writes the output that it has produced.
    pub(super) fn exchange(
        &mut self,
        key: usize,
        call: impl FnOnce(&mut Slot<'a, N::Socket>, &mut Receiver, Cx<'_, '_, 'a>, Output<'_, 'a>),
    ) {
        let Self { state, slots, net, receiver, out, .. } = self;
        let is_crowded = slots.is_crowded();
        let Some(slot) = slots.get_mut(key) else { return };
        let mark = state.log_mark(net);
        let mut cx = state.context(is_crowded);
        cx.is_client_local = slot.client.is_loopback();
        cx.is_secure = slot.session.is_some();
        call(slot, receiver, &mut cx, out);
        write(&mut slot.socket, slot.session.as_deref_mut(), &mut slot.connection, out, &cx);
        state.complete_log(mark, slot.client, net);
    }

    /// Performs the next actions of a connection until one has to wait, for readiness or for the
    /// next turn.
    pub(super) fn serve(&mut self, key: usize) {
        let Self { state, slots, continuing, timers, .. } = self;
        let is_crowded = slots.is_crowded();
        let Some(slot) = slots.get_mut(key) else { return };
        let Slot { socket, session, connection, is_queued, .. } = slot;
        loop {
            let interest = match connection.next_action() {
                NextAction::Read if session.as_ref().is_some_and(|it| it.has_input_ended()) => {
                    self.end_session_input(key);
                    return;
                }
                NextAction::Read if state.is_leaving && !connection.is_responding() => {
                    if state.is_stopping() {
                        connection.abort(CloseReason::Stopping);
                        continue;
                    }
                    if let Some(input) = connection.detach() {
                        self.hand_over(key, input);
                        return;
                    }
                    Interest::Read
                }
                NextAction::Read => Interest::Read,
                // A stream of events: the browser connects again, and gets those of the next site.
                NextAction::Wait if state.is_leaving && !connection.is_responding() => {
                    connection.abort(CloseReason::Stopping);
                    continue;
                }
                NextAction::Wait => Interest::Pause,
                NextAction::Write => Interest::Write,
                NextAction::Continue => {
                    if !std::mem::replace(is_queued, true) {
                        continuing.push_back(key);
                    }
                    break;
                }
                NextAction::ShutdownWrite => {
                    match socket.shut_down_write() {
                        Ok(()) => connection.write_shut_down(&state.context(is_crowded)),
                        Err(_) => connection.abort(CloseReason::ConnectionFailed),
                    }
                    continue;
                }
                NextAction::Close(reason) => {
                    if let Some(session) = session
                        && !reason.cuts_output()
                    {
                        close_session(socket, session);
                    }
                    slots.remove(key);
                    return;
                }
            };
            match socket.set_interest(interest) {
                Ok(()) => break,
                Err(_) => connection.abort(CloseReason::ConnectionFailed),
            }
        }
        timers.schedule(connection.deadline_ms());
    }

    /// Ends the input of a connection whose client has ended its session (`close_notify`), for
    /// which the socket reports no event. The next action is not to read then, so this recurses
    /// once.
    #[cold]
    fn end_session_input(&mut self, key: usize) {
        self.exchange(key, |slot, _, cx, out| {
            slot.connection.end_of_input(cx, out);
            debug_assert_ne!(slot.connection.next_action(), NextAction::Read);
        });
        self.serve(key);
    }

    /// Resumes a connection that has left [`Worker::continuing`].
    pub(super) fn resume(&mut self, key: usize) {
        self.exchange(key, |slot, _, cx, out| slot.connection.resume(cx, out));
        if let Some(slot) = self.slots.get_mut(key) {
            slot.is_queued = false;
        }
        self.serve(key);
    }

    /// Expires connections whose deadline has passed. At the deadline of a shutdown, aborts all.
    pub(super) fn expire_connections(&mut self) {
        let now_ms = self.state.now_ms;
        if self.state.stop_at_ms.is_some_and(|at_ms| at_ms <= now_ms) {
            self.abort_where(CloseReason::Stopping, |_| true);
        }
        if !self.timers.begin_scan(now_ms) {
            return;
        }
        for key in self.slots.keys() {
            let Some(slot) = self.slots.get_mut(key) else { continue };
            let deadline_ms = slot.connection.deadline_ms();
            if deadline_ms > now_ms {
                self.timers.schedule(deadline_ms);
            } else {
                self.exchange(key, |slot, _, cx, out| slot.connection.expire(cx, out));
                self.serve(key);
            }
        }
    }

    /// Starts a shutdown: closes the listeners, and closes or hands over every connection without a
    /// response in progress. Does nothing the second time.
    #[cold]
    pub(super) fn begin_leaving(&mut self) {
        let is_first = !std::mem::replace(&mut self.state.is_leaving, true);
        if is_first {
            self.net.close_listeners();
            self.stop.record_draining();
        }
        match self.stop.mode() {
            StopMode::Drain if is_first => self.slots.keys().for_each(|key| self.serve(key)),
            StopMode::Drain => {}
            StopMode::Stop if self.state.is_stopping() => {}
            StopMode::Stop => {
                self.state.stop_at_ms = Some(self.state.now_ms + STOP_MS_MAX);
                self.abort_where(CloseReason::Stopping, |it| !it.is_responding());
                self.report_stopping();
            }
            StopMode::Abort => self.state.stop_at_ms = Some(self.state.now_ms),
        }
    }

    /// Reports how many responses the shutdown waits for, once for all workers.
    #[cold]
    fn report_stopping(&mut self) {
        let sending = self.slots.iter().filter(|(_, slot)| !slot.connection.has_finished());
        match self.stop.add_in_progress(sending.count()) {
            None | Some(0) => {}
            Some(responses) => self.net.report_stopping(responses),
        }
    }

    /// Hands a connection over to the workers of the next site.
    #[cold]
    fn hand_over(&mut self, key: usize, input: Vec<u8>) {
        if let Some(Slot { socket, client, session, is_new, .. }) = self.slots.remove(key) {
            self.net.hand_over(HandedOver { socket, client, session, is_new, input });
        }
    }

    /// Aborts all connections for which `is_aborted` is true.
    fn abort_where(&mut self, reason: CloseReason, is_aborted: impl Fn(&Connection<'_>) -> bool) {
        let aborted = self.slots.iter().filter(|(_, slot)| is_aborted(&slot.connection));
        let keys: Vec<usize> = aborted.map(|(key, _)| key).collect();
        for key in keys {
            self.abort(key, reason);
        }
    }

    /// Closes a connection immediately.
    pub(super) fn abort(&mut self, key: usize, reason: CloseReason) {
        if let Some(slot) = self.slots.get_mut(key) {
            if slot.connection.pending_output().is_some_and(|pending| !pending.is_waiting())
                && let Some(session) = &mut slot.session
            {
                session.abandon();
            }
            slot.connection.abort(reason);
            self.serve(key);
        }
    }
}
