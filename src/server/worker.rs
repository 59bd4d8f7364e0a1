//! This file owns the loop: wait, accept, serve, look at deadlines. It moves bytes between sockets
//! and connections and knows no HTTP.

mod accepting;

use std::{collections::VecDeque, io, net::IpAddr, time::Duration};

use self::accepting::Accepting;
use super::{
    checker::Checker,
    net::{Interest, LISTENER_KEY, Net, Socket},
    scribe::{Scribe, Writing, begin, settle},
    slots::Slots,
    stop::Stop,
    timers::Timers,
    transfer::{receive, send, send_kept},
    wait::EVENTS_PER_WAIT,
};
use crate::{
    http::{CloseReason, Connection, Context, DateField, Journal, NextAction, Transmit},
    limits::{CROWDED_PERCENT, IDLE_CROWDED_MS_MAX, IDLE_MS_MAX, RECEIVE_MAX, STOP_MS_MAX},
    site::Site,
};

/// What a worker is allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How many connections it may have.
    pub(super) connections_max: usize,
}

/// Whom a worker hears and tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signals<'a> {
    pub(super) stop: &'a Stop,
    pub(super) checker: &'a Checker,
}

/// A connection and the socket that it speaks through: two lines of the processor's cache, which
/// another one's would share if it began anywhere.
#[derive(Debug)]
#[repr(align(64))]
struct Slot<S> {
    socket: S,
    connection: Connection,
    client: IpAddr,
    /// Whether it is in [`Worker::again`] already.
    is_queued: bool,
    /// The turn that it was told last in that it is ready: what is told twice in a turn was said
    /// of what it wanted before.
    ready_turn: u32,
}

/// One loop.
#[derive(Debug)]
pub(super) struct Worker<'a, N: Net> {
    site: Site,
    signals: Signals<'a>,
    /// When whoever is still there is left alone; `None` until a stop is asked for.
    stop_at_ms: Option<u64>,
    net: N,
    now_ms: u64,
    wall_ms: u64,
    date: DateField,
    accepting: Accepting,
    warned_ms: Option<u64>,
    slots: Slots<Slot<N::Socket>>,
    timers: Timers,
    /// Connections that go on in the next turn without waiting for anything.
    again: VecDeque<usize>,
    /// Connections that wait until a content is looked at.
    checking: Vec<usize>,
    /// What the last wait found.
    ready: Vec<usize>,
    receive: Box<[u8]>,
    /// The output of one connection at a time; it is empty in between.
    out: Transmit,
    /// The number of the current turn, which may wrap around.
    turn: u32,
    /// Writes down the answers, if anybody wants to read of them.
    scribe: Option<Scribe>,
}

/// What a connection sees, borrowed from single fields so that the slots stay free to be changed.
macro_rules! surroundings {
    ($worker:ident) => {
        Context {
            site: &$worker.site,
            date: &$worker.date,
            now_ms: $worker.now_ms,
            idle_ms: idle_ms(&$worker.slots),
            is_stopping: $worker.stop_at_ms.is_some(),
            journal: $worker.scribe.as_ref().map(|it| it as &dyn Journal),
        }
    };
}

/// How long a connection may be idle: not long where places are scarce.
fn idle_ms<T>(slots: &Slots<T>) -> u64 {
    let is_crowded = slots.len() * 100 > slots.capacity() * CROWDED_PERCENT;
    if is_crowded { IDLE_CROWDED_MS_MAX } else { IDLE_MS_MAX }
}

impl<'a, N: Net> Worker<'a, N> {
    /// What a connection takes that waits for a request, with its place in [`Worker::again`].
    pub(super) const BYTES_PER_CONNECTION: usize =
        Slots::<Slot<N::Socket>>::BYTES_EACH + size_of::<usize>();

    pub(super) fn new(
        net: N,
        site: Site,
        bounds: Bounds,
        signals: Signals<'a>,
        scribe: Option<Scribe>,
    ) -> Self {
        Self {
            site,
            signals,
            stop_at_ms: None,
            now_ms: net.now_ms(),
            wall_ms: net.wall_ms(),
            date: DateField::new(net.wall_ms() / 1000),
            net,
            accepting: Accepting::Yes,
            warned_ms: None,
            slots: Slots::with_capacity(bounds.connections_max),
            timers: Timers::default(),
            again: VecDeque::with_capacity(bounds.connections_max),
            checking: Vec::new(),
            ready: Vec::with_capacity(EVENTS_PER_WAIT),
            receive: vec![0; RECEIVE_MAX].into_boxed_slice(),
            out: Transmit::default(),
            turn: 0,
            scribe,
        }
    }

    /// Turns until it is stopped.
    pub(super) fn run(&mut self) -> io::Result<()> {
        self.hear(Accepting::Yes)?;
        while self.stop_at_ms.is_none() || !self.slots.is_empty() {
            let mut ready = std::mem::take(&mut self.ready);
            self.net.wait(self.timeout(), &mut ready)?;
            let now_ms = self.net.now_ms();
            // Many turns fit into a millisecond, and one clock tells the other when to be asked.
            if now_ms != self.now_ms {
                self.now_ms = now_ms;
                self.wall_ms = self.net.wall_ms();
                self.date.update(self.wall_ms / 1000);
            }
            self.turn(&ready)?;
            ready.clear();
            self.ready = ready;
        }
        self.scribe.iter().for_each(Scribe::end);
        Ok(())
    }

    /// Until there is something to do that no source tells.
    fn timeout(&self) -> Option<Duration> {
        if !self.again.is_empty() {
            return Some(Duration::ZERO);
        }
        let accept_at_ms = match self.accepting {
            Accepting::From(at) => Some(at),
            Accepting::Yes | Accepting::WhenSlotFrees => None,
        };
        // Another worker may have been at the log; it never is for long.
        let has_pending = self.scribe.as_ref().is_some_and(Scribe::has_pending);
        let log_at_ms = has_pending.then_some(self.now_ms + 1);
        let times = [self.timers.next_scan_ms(), accept_at_ms, self.stop_at_ms, log_at_ms];
        let next = times.into_iter().flatten().min()?;
        // The turn that has just ended took no time that counts against a second.
        Some(Duration::from_millis(next.saturating_sub(self.now_ms)))
    }

    fn turn(&mut self, ready: &[usize]) -> io::Result<()> {
        if self.signals.stop.is_requested() {
            self.stop_accepting();
        }
        // What frees a place in the turn that ran out of descriptors is an eviction, and proves
        // nothing; what does so in a later one is a descriptor that was given back.
        let was_exhausted = matches!(self.accepting, Accepting::From(_));
        if matches!(self.accepting, Accepting::From(at) if at <= self.now_ms) {
            self.hear(Accepting::Yes)?;
        }
        let (again, checking) = (self.again.len(), std::mem::take(&mut self.checking));
        self.turn = self.turn.wrapping_add(1);
        for &key in ready {
            match key.checked_sub(LISTENER_KEY) {
                Some(index) => self.accept(index)?,
                None => self.ready(key),
            }
        }
        // Only now: what a connection was ready for is said of what it wanted before.
        for _ in 0..again {
            if let Some(key) = self.again.pop_front() {
                self.resume(key);
            }
        }
        for key in checking {
            self.serve(key);
        }
        self.expire_connections();
        if let Some(dropped) = self.scribe.as_ref().and_then(|it| it.hand_over(self.now_ms)) {
            self.net.warn(format_args!(
                "{dropped} lines of the access log were dropped: nobody reads them fast enough"
            ));
        }
        if self.site.has_damage_to_tell() {
            self.signals.checker.tell_damage();
        }
        let is_hopeful = was_exhausted || self.accepting == Accepting::WhenSlotFrees;
        if self.slots.end_turn() && is_hopeful {
            self.hear(Accepting::Yes)?;
        }
        Ok(())
    }

    fn open(&mut self, key: usize, socket: N::Socket, client: IpAddr) {
        let connection = Connection::new(self.now_ms);
        let ready_turn = self.turn.wrapping_sub(1);
        self.slots.insert(Slot { socket, connection, client, is_queued: false, ready_turn });
        self.ready(key);
    }

    /// Writes what is left of the output of a connection that is ready, then reads and answers it,
    /// before the next one is read.
    fn ready(&mut self, key: usize) {
        self.exchange(key);
        self.serve(key);
    }

    fn exchange(&mut self, key: usize) {
        let cx = surroundings!(self);
        let Some(Slot { socket, connection, client, ready_turn, .. }) = self.slots.get_mut(key)
        else {
            return;
        };
        if std::mem::replace(ready_turn, self.turn) == self.turn {
            return;
        }
        // Output that waits goes first; a client that takes the last of it may have sent more.
        if connection.next_action() == NextAction::Write && !send_kept(socket, connection, cx) {
            return;
        }
        match connection.next_action() {
            NextAction::Read => {
                let writing = begin(self.scribe.as_ref(), *client, self.wall_ms, &self.net);
                receive(socket, connection, &mut self.receive, cx, &mut self.out);
                let writing = writing.map(Writing::written);
                send(socket, connection, &mut self.out, self.now_ms);
                settle(writing, &self.net);
            }
            // No interest is registered, so readiness means an error or a hang-up.
            NextAction::Wait | NextAction::Verify => {
                connection.abandon(CloseReason::ConnectionFailed);
            }
            _ => {}
        }
    }

    /// Does what the connection wants until it has to wait, but for hearing it and for sending what
    /// is unsent, which wait until it is ready for that.
    fn serve(&mut self, key: usize) {
        let cx = surroundings!(self);
        let Some(Slot { socket, connection, is_queued, .. }) = self.slots.get_mut(key) else {
            return;
        };
        loop {
            let interest = match connection.next_action() {
                NextAction::Read if cx.is_stopping && !connection.is_being_answered() => {
                    connection.abandon(CloseReason::Stopping);
                    continue;
                }
                NextAction::Read => Interest::Read,
                NextAction::Wait => Interest::Pause,
                NextAction::Verify => {
                    if let Some(content) = connection.awaited() {
                        self.signals.checker.ask(content);
                    }
                    self.checking.push(key);
                    Interest::Pause
                }
                NextAction::Write => Interest::Write,
                NextAction::Continue => {
                    if !std::mem::replace(is_queued, true) {
                        self.again.push_back(key);
                    }
                    break;
                }
                NextAction::ShutdownWrite => {
                    match socket.end_sending() {
                        Ok(()) => connection.write_shut_down(self.now_ms),
                        Err(_) => connection.abandon(CloseReason::ConnectionFailed),
                    }
                    continue;
                }
                NextAction::Close(_) => return self.close(key),
            };
            match socket.watch_for(interest) {
                Ok(()) => break,
                Err(_) => connection.abandon(CloseReason::ConnectionFailed),
            }
        }
        self.timers.note(connection.deadline_ms());
    }

    fn resume(&mut self, key: usize) {
        let cx = surroundings!(self);
        let Some(Slot { socket, connection, client, is_queued, .. }) = self.slots.get_mut(key)
        else {
            return;
        };
        *is_queued = false;
        let out = &mut self.out;
        let writing = begin(self.scribe.as_ref(), *client, self.wall_ms, &self.net);
        connection.resume(cx, out);
        let writing = writing.map(Writing::written);
        send(socket, connection, out, self.now_ms);
        settle(writing, &self.net);
        self.serve(key);
    }

    fn close(&mut self, key: usize) {
        self.slots.remove(key);
    }

    /// Ends what has lasted too long. Each connection's deadline is noted anew by
    /// [`Worker::serve`].
    fn expire_connections(&mut self) {
        if self.stop_at_ms.is_some_and(|at| at <= self.now_ms) {
            self.abandon_where(CloseReason::Stopping, |_| true);
        }
        if !self.timers.begin_scan(self.now_ms) {
            return;
        }
        for key in self.slots.keys() {
            let cx = surroundings!(self);
            let Some(Slot { socket, connection, client, .. }) = self.slots.get_mut(key) else {
                continue;
            };
            if connection.deadline_ms() > self.now_ms {
                self.timers.note(connection.deadline_ms());
                continue;
            }
            let writing = begin(self.scribe.as_ref(), *client, self.wall_ms, &self.net);
            connection.expire(cx, &mut self.out);
            let writing = writing.map(Writing::written);
            send(socket, connection, &mut self.out, self.now_ms);
            settle(writing, &self.net);
            self.serve(key);
        }
    }

    /// Once: closes the listeners, and every connection that is not being answered.
    fn stop_accepting(&mut self) {
        if self.stop_at_ms.is_none() {
            self.stop_at_ms = Some(self.now_ms + STOP_MS_MAX);
            self.net.close_listeners();
            self.abandon_where(CloseReason::Stopping, |it| !it.is_being_answered());
        }
    }

    fn abandon_where(&mut self, reason: CloseReason, is_over: impl Fn(&Connection) -> bool) {
        let over = self.slots.iter().filter(|(_, slot)| is_over(&slot.connection));
        let keys: Vec<usize> = over.map(|(key, _)| key).collect();
        for key in keys {
            self.abandon(key, reason);
        }
    }

    fn abandon(&mut self, key: usize, reason: CloseReason) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.connection.abandon(reason);
            self.serve(key);
        }
    }
}
