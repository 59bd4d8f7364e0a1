//! Event loop of one worker: wait, accept, serve, expire.

mod accept;
mod receiver;
mod serve;
mod slot;
mod state;

use std::{collections::VecDeque, io, time::Duration};

use self::{receiver::Receiver, slot::Slot, state::WorkerState};
use super::{
    activity::WorkerActivity,
    log::WorkerLog,
    net::{LISTENER_KEY, Net, WAKE_KEY},
    shutdown::Stop,
    slots::Slots,
    timers::Timers,
};
use crate::{
    http::{Gate, Transmit},
    limits::EVENTS_PER_WAIT_MAX,
    site::{Damage, Site},
    tls::TlsConfig,
};

/// Options of a worker.
#[derive(Debug)]
pub(super) struct WorkerOptions<'a> {
    /// Maximum number of concurrent connections.
    pub(super) connections_max: usize,
    /// `None` if only plain HTTP is served.
    pub(super) tls: Option<TlsConfig>,
    /// What requests need besides a route, if anything.
    pub(super) gate: Option<&'a Gate>,
    pub(super) log: Option<WorkerLog>,
    pub(super) activity: Option<WorkerActivity>,
}

#[cfg(test)]
impl WorkerOptions<'_> {
    /// Plain HTTP, with this many connections at most.
    pub(super) fn plain(connections_max: usize) -> Self {
        Self { connections_max, tls: None, gate: None, log: None, activity: None }
    }
}

/// Whether the listeners are polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accepting {
    Enabled,
    /// Disabled until the slot of an evicted connection is free.
    UntilSlotFree,
    /// Disabled until this time, in milliseconds: no connection can be evicted, or the system has
    /// no descriptor left.
    PausedUntil(u64),
}

/// One event loop.
#[derive(Debug)]
pub(super) struct Worker<'a, N: Net> {
    state: WorkerState<'a>,
    stop: &'a Stop,
    net: N,
    accepting: Accepting,
    accept_warned_ms: Option<u64>,
    slots: Slots<Slot<'a, N::Socket>>,
    timers: Timers,
    /// Keys of connections that resume in the next turn without an event.
    continuing: VecDeque<usize>,
    /// The number of the current turn, which may wrap around.
    turn: u32,
    /// Keys of the sockets that the last wait reported. Kept for its capacity.
    ready: Vec<usize>,
    receiver: Receiver,
    activity: Option<WorkerActivity>,
    /// Buffer for output, of one connection at a time; empty in between.
    out: Transmit<'a>,
}

impl<'a, N: Net> Worker<'a, N> {
    /// Memory of an idle connection in bytes, including its entry in [`Worker::continuing`].
    pub(super) const BYTES_PER_CONNECTION: usize =
        Slots::<Slot<'a, N::Socket>>::BYTES_EACH + size_of::<usize>();

    pub(super) fn new(net: N, site: Site<'a>, stop: &'a Stop, options: WorkerOptions<'a>) -> Self {
        let WorkerOptions { connections_max, tls, gate, log, activity } = options;
        Self {
            state: WorkerState::new(site, gate, log, &net),
            stop,
            net,
            accepting: Accepting::Enabled,
            accept_warned_ms: None,
            slots: Slots::with_capacity(connections_max),
            timers: Timers::default(),
            continuing: VecDeque::with_capacity(connections_max),
            turn: 0,
            ready: Vec::with_capacity(EVENTS_PER_WAIT_MAX),
            receiver: Receiver::new(tls),
            activity,
            out: Transmit::default(),
        }
    }

    /// Runs until a shutdown is requested and every connection is closed or handed over.
    pub(super) fn run(&mut self) -> io::Result<()> {
        self.set_accepting(Accepting::Enabled)?;
        while !(self.state.is_leaving && self.slots.is_empty()) {
            let mut ready = std::mem::take(&mut self.ready);
            self.net.wait(self.timeout(), &mut ready)?;
            self.state.update_time(&self.net);
            self.turn(&ready)?;
            ready.clear();
            self.ready = ready;
        }
        let dropped = self.state.log.as_mut().map_or(0, WorkerLog::finish);
        self.warn_about_log(Some(dropped).filter(|&it| it > 0));
        Ok(())
    }

    /// The time until there is work that no event reports; `None` if there is none.
    fn timeout(&self) -> Option<Duration> {
        if !self.continuing.is_empty() {
            return Some(Duration::ZERO);
        }
        let accept_at_ms = match self.accepting {
            Accepting::PausedUntil(at_ms) => Some(at_ms),
            Accepting::Enabled | Accepting::UntilSlotFree => None,
        };
        let now_ms = self.state.now_ms;
        // The queue of the access log was locked, which is never for long.
        let has_pending = self.state.log.as_ref().is_some_and(WorkerLog::has_pending);
        let log_at_ms = has_pending.then_some(now_ms + 1);
        let scan_at_ms = self.timers.next_scan_ms();
        let times = [scan_at_ms, accept_at_ms, self.state.stop_at_ms, log_at_ms];
        let next_ms = times.into_iter().flatten().min()?;
        // `now_ms` is the start of the last turn, whose duration is negligible against a second.
        Some(Duration::from_millis(next_ms.saturating_sub(now_ms)))
    }

    /// Handles events, then queued connections, deadlines, and the access log.
    fn turn(&mut self, ready: &[usize]) -> io::Result<()> {
        self.turn = self.turn.wrapping_add(1);
        self.receiver.begin_turn();
        if self.stop.is_requested() {
            self.begin_leaving();
        }
        // A slot that is freed in the turn that ran out of descriptors belongs to the evicted
        // connection. One that is freed in a later turn has released a descriptor, so that
        // accepting may be enabled early.
        let was_paused = matches!(self.accepting, Accepting::PausedUntil(_));
        if matches!(self.accepting, Accepting::PausedUntil(at_ms) if at_ms <= self.state.now_ms) {
            self.set_accepting(Accepting::Enabled)?;
        }
        let continuing = self.continuing.len();
        for &key in ready {
            match key.checked_sub(LISTENER_KEY) {
                None => self.handle_event(key),
                Some(_) if key >= WAKE_KEY => self.adopt(),
                Some(index) => self.accept(index)?,
            }
        }
        // After the events: resuming changes the interests that these belong to.
        for _ in 0..continuing {
            if let Some(key) = self.continuing.pop_front() {
                self.resume(key);
            }
        }
        self.expire_connections();
        let dropped = self.state.log.as_mut().and_then(|log| log.hand_over(self.state.now_ms));
        self.warn_about_log(dropped);
        if self.state.site.has_damage() {
            self.warn_about_damage();
        }
        let may_accept = was_paused || self.accepting == Accepting::UntilSlotFree;
        if self.slots.end_turn() && may_accept {
            self.set_accepting(Accepting::Enabled)?;
        }
        if let Some(activity) = &mut self.activity {
            activity.record(self.slots.len());
        }
        Ok(())
    }

    /// Each damaged part is reported once, so this takes no time that matters.
    #[cold]
    fn warn_about_damage(&mut self) {
        for Damage { part, reason } in self.state.site.take_damage() {
            self.net.warn(format_args!("cannot serve {part}: {reason}"));
        }
    }

    fn warn_about_log(&mut self, dropped: Option<u64>) {
        if let Some(dropped) = dropped {
            self.net.warn(format_args!(
                "{dropped} lines of the access log were dropped: stdout is not read fast enough"
            ));
        }
    }
}
