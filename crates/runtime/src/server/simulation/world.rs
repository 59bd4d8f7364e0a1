//! Simulated world: time, readiness, and the invariants during and after a run. All randomness
//! comes from the seed.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
};

use chapbook_oracle::{model, rng::Rng};

use super::{
    faults::{Call, Failure, Faults},
    peer::{Encryption, Peer, PeerEvent, PeerState},
    trace::Trace,
};
use crate::{
    limits::{IDLE_MS_MAX, LINGER_MS_MAX, REQUEST_MS_MAX, STOP_MS_MAX, WRITE_MS_MAX},
    server::net::{Interest, LISTENER_KEY},
};

/// Maximum number of turns in which nothing happens.
const IDLE_TURNS_MAX: u32 = 2000;
/// Milliseconds that a connection may last without progress: the sum of all deadlines, each with
/// the second by which a scan may be late.
const STALLED_MS_MAX: u64 = REQUEST_MS_MAX + IDLE_MS_MAX + WRITE_MS_MAX + LINGER_MS_MAX + 4 * 1000;
/// Maximum number of calls in a turn: a few connections transfer at most some hundred kilobytes, at
/// worst byte by byte.
const CALLS_PER_TURN_MAX: u32 = 1_000_000;
const HOUR_MS: u64 = 3_600_000;

/// Stage of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Clients act, and calls fail.
    Faulty,
    /// No call fails any more, and a client with a valid request must get a response.
    Recovered,
    /// A shutdown is requested.
    Stopping,
}

/// State of the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listening {
    Polled,
    NotPolled,
    Closed,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) now_ms: u64,
    pub(super) wall_s: u64,
    pub(super) rng: Rng,
    pub(super) faults: Faults,
    stage: Stage,
    stage_ms: u64,
    stops_early: bool,
    pub(super) connections_max: usize,
    pub(super) peers: Vec<Peer>,
    /// The encryption of the client after the faults.
    pub(super) encryption: Option<fn() -> Box<dyn Encryption>>,
    /// Clients that wait to be accepted.
    pub(super) backlog: VecDeque<usize>,
    pub(super) listening: Listening,
    /// The client and the interest of each connection, by key.
    pub(super) accepted: BTreeMap<usize, (usize, Interest)>,
    pub(super) idle_turns: u32,
    pub(super) calls_in_turn: u32,
    /// The client whose network accepts nothing in this turn.
    pub(super) stalled: Option<usize>,
    pub(super) warned_ms: Option<u64>,
    pub(super) warnings: Vec<String>,
    /// Whether responses to any client may be missing.
    is_disturbed: bool,
    trace: Trace,
}

impl World {
    pub(super) fn new(
        rng: Rng,
        peers: Vec<Peer>,
        faults: Faults,
        stops_early: bool,
        connections_max: usize,
    ) -> Self {
        Self {
            now_ms: 0,
            wall_s: 1_700_000_000,
            rng,
            is_disturbed: stops_early || peers.len() >= connections_max,
            faults,
            stage: Stage::Faulty,
            stage_ms: 0,
            stops_early,
            connections_max,
            peers,
            encryption: None,
            backlog: VecDeque::new(),
            listening: Listening::NotPolled,
            accepted: BTreeMap::new(),
            idle_turns: 0,
            calls_in_turn: 0,
            stalled: None,
            warned_ms: None,
            warnings: Vec::new(),
            trace: Trace::default(),
        }
    }

    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    pub(super) fn record(
        &mut self,
        call: Call,
        peer: Option<usize>,
        outcome: Result<usize, &io::Error>,
    ) {
        self.trace.record(self.now_ms, call, peer, outcome);
    }

    /// The trace, after the loop has ended.
    pub(super) fn take_trace(&mut self) -> Trace {
        let received = self.peers.iter().map(|it| it.received.clone()).collect();
        Trace { received, ..std::mem::take(&mut self.trace) }
    }

    /// Checks the state of the loop after it has ended.
    pub(super) fn check_connections_at_the_end(&self) {
        assert!(self.accepted.is_empty(), "connections are left: {:?}", self.accepted);
        assert_eq!(self.listening, Listening::Closed);
        let lasted_ms = self.now_ms - self.stage_ms;
        assert!(lasted_ms <= STOP_MS_MAX + 2000, "the shutdown took {lasted_ms} ms");
    }

    /// Checks everything that the clients have received from the embedded site.
    pub(super) fn check_responses_at_the_end(&self) {
        for (number, peer) in self.peers.iter().enumerate() {
            let expected = model::expected(&peer.sent);
            let must_respond = expected.end != model::End::ClosesWithInput;
            let is_complete = must_respond && !peer.is_disturbed && !self.is_disturbed;
            if let Err(problem) = model::check(&peer.received, &expected, is_complete) {
                panic!("client {number}: {problem}\nafter {}", peer.sent.escape_ascii());
            }
            if let Some(encryption) = &peer.encryption {
                let is_cut = model::is_cut(&peer.received, &expected);
                let may_be_lost = peer.is_disturbed || self.is_disturbed || peer.rejected > 0;
                match encryption.has_close_notify() {
                    Some(true) => assert!(!is_cut, "client {number}: close_notify is wrong"),
                    Some(false) => assert!(may_be_lost, "client {number}: no close_notify"),
                    None => {}
                }
            }
        }
    }

    /// Notes progress of a client.
    pub(super) fn progress(&mut self, peer: usize) {
        self.idle_turns = 0;
        self.peers[peer].progress_ms = self.now_ms;
    }

    /// The failure of the next call, if it fails.
    pub(super) fn fails(&mut self, call: Call, peer: Option<usize>) -> Option<Failure> {
        self.calls_in_turn += 1;
        assert!(self.calls_in_turn < CALLS_PER_TURN_MAX, "a turn does not end");
        if call == Call::Write && peer.is_some() && self.stalled == peer {
            return Some(Failure::Zero);
        }
        let failure = self.faults.next(call, self.now_ms, &mut self.rng)?;
        if failure == Failure::Zero {
            self.stalled = peer;
        }
        match peer {
            Some(peer) if failure.is_fatal() => self.peers[peer].is_disturbed = true,
            // Connections may be evicted for clients that cannot be accepted.
            None if failure == Failure::Exhausted => self.is_disturbed = true,
            _ => {}
        }
        Some(failure)
    }

    /// Runs the events of all clients up to now.
    pub(super) fn run_peer_events(&mut self) {
        for number in 0..self.peers.len() {
            let now_ms = self.now_ms;
            self.peers[number].read(now_ms);
            while self.peers[number].events.front().is_some_and(|(at_ms, _)| *at_ms <= now_ms) {
                if let Some((_, event)) = self.peers[number].events.pop_front() {
                    self.run_peer_event(number, event);
                }
            }
        }
    }

    fn run_peer_event(&mut self, number: usize, event: PeerEvent) {
        let peer = &mut self.peers[number];
        match event {
            PeerEvent::Connect if self.listening != Listening::Closed => {
                peer.state = PeerState::InBacklog;
                peer.flush();
                self.backlog.push_back(number);
            }
            PeerEvent::Connect => peer.state = PeerState::Closed,
            _ if peer.state == PeerState::Closed => {}
            PeerEvent::Send(bytes) => peer.send(&bytes),
            PeerEvent::SendRaw(bytes) => peer.unread.extend(bytes),
            PeerEvent::End => peer.end(),
            PeerEvent::Reset => {
                peer.has_reset = true;
                peer.is_disturbed = true;
            }
        }
    }

    fn is_ready(&self, peer: usize, interest: Interest) -> bool {
        let peer = &self.peers[peer];
        let is_readable = !peer.unread.is_empty() || peer.has_ended;
        match interest {
            // An error is reported with any interest.
            _ if peer.has_reset => true,
            Interest::Pause => false,
            Interest::Read => is_readable,
            Interest::Write => peer.in_flight.len() < peer.in_flight_max,
        }
    }

    /// Adds the keys of all sockets that are ready.
    pub(super) fn find_ready(&mut self, ready: &mut Vec<usize>) {
        if self.listening == Listening::Polled && !self.backlog.is_empty() {
            ready.push(LISTENER_KEY);
        }
        let accepted = self.accepted.iter();
        let all = accepted.filter(|(_, (peer, interest))| self.is_ready(*peer, *interest));
        ready.extend(all.map(|(key, _)| *key));
    }

    /// Enters the next stage if this one is over. Returns whether to request a shutdown.
    pub(super) fn next_stage(&mut self) -> bool {
        let is_over = |peer: &Peer| peer.events.is_empty() && peer.state != PeerState::InBacklog;
        let is_quiet = self.peers.iter().all(is_over) && self.accepted.is_empty();
        let is_early = self.stops_early && self.stage == Stage::Faulty && self.now_ms > 5_000;
        match self.stage {
            Stage::Faulty if is_early => {
                self.enter(Stage::Stopping);
                true
            }
            Stage::Faulty if is_quiet => {
                self.faults.clear();
                self.enter(Stage::Recovered);
                let mut peer = Peer::healthy(self.now_ms);
                peer.encryption = self.encryption.map(|encryption| encryption());
                self.peers.push(peer);
                false
            }
            Stage::Recovered if is_quiet => {
                let response = &self.peers.last().expect("the last client is healthy").received;
                assert!(response.starts_with(b"HTTP/1.1 200 "), "the server does not recover");
                assert!(self.now_ms - self.stage_ms < 10_000, "the recovery took too long");
                self.enter(Stage::Stopping);
                true
            }
            _ => false,
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.stage_ms = self.now_ms;
    }

    /// The time of the next event of a client.
    pub(super) fn next_ms(&self) -> Option<u64> {
        self.peers.iter().filter_map(Peer::next_ms).min()
    }

    /// Advances the clocks.
    pub(super) fn advance_to(&mut self, at_ms: u64) {
        self.now_ms = self.now_ms.max(at_ms);
        let chance = self.rng.below(1000);
        if chance < self.faults.jumps {
            self.now_ms += HOUR_MS;
            // The process was suspended, which does not count against any limit.
            self.stage_ms += HOUR_MS;
            self.is_disturbed = true;
            for peer in &mut self.peers {
                peer.progress_ms = self.now_ms;
            }
        }
        self.wall_s += 1;
        if self.faults.has_extreme_wall_clock {
            let extreme = [0, 1, 2_147_483_648, 253_402_300_799, 253_402_300_800, 1_700_000_000];
            self.wall_s = extreme[self.rng.below(extreme.len())];
        }
    }

    /// Checks the invariants during a run.
    pub(super) fn check_while_running(&mut self) {
        self.idle_turns += 1;
        assert!(self.idle_turns < IDLE_TURNS_MAX, "the loop spins");
        assert!(self.accepted.len() <= self.connections_max, "too many connections");
        for (peer, _) in self.accepted.values() {
            let stalled_ms = self.now_ms - self.peers[*peer].progress_ms;
            assert!(stalled_ms <= STALLED_MS_MAX, "client {peer} stays for {stalled_ms} ms");
        }
        let lasted_ms = self.now_ms - self.stage_ms;
        assert!(self.stage == Stage::Faulty || lasted_ms < 60_000, "{:?} does not end", self.stage);
    }
}
