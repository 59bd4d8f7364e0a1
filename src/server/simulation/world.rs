//! This file owns the simulated world: its time, who is ready, and what must hold meanwhile and in
//! the end. It decides nothing by chance that the seed does not say.

use std::collections::{BTreeMap, VecDeque};

use chapbook_oracle::{model, numbers::Numbers};

use super::{
    faults::{Call, Failure, Faults},
    peer::{Act, Peer, Place},
};
use crate::{
    limits::{IDLE_MS_MAX, LINGER_MS_MAX, REQUEST_MS_MAX, STOP_MS_MAX, WRITE_MS_MAX},
    server::net::{Interest, LISTENER_KEY},
};

/// How often a loop may be told of something and do nothing.
const IDLE_TURNS_MAX: u32 = 2000;
/// How long a connection may last while nothing moves: every deadline one behind the other, and
/// the second by which a scan may be late.
const STILL_MS_MAX: u64 = REQUEST_MS_MAX + IDLE_MS_MAX + WRITE_MS_MAX + LINGER_MS_MAX + 4 * 1000;
/// How many calls a turn may make: each of a few connections moves some hundred kilobytes at most,
/// at worst byte by byte.
const CALLS_PER_TURN_MAX: u32 = 1_000_000;
const HOUR_MS: u64 = 3_600_000;

/// How far a world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Everybody does what they do, and all goes wrong that will.
    Stormy,
    /// All is well again, and somebody healthy comes, who must be answered.
    Healed,
    /// The loop was asked to stop.
    Stopping,
}

/// What is done with who comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listening {
    Heard,
    Unheard,
    Closed,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) now_ms: u64,
    pub(super) wall: u64,
    pub(super) numbers: Numbers,
    pub(super) faults: Faults,
    stage: Stage,
    stage_ms: u64,
    stops_early: bool,
    connections_max: usize,
    pub(super) peers: Vec<Peer>,
    pub(super) door: VecDeque<usize>,
    pub(super) listening: Listening,
    /// Who is inside by their keys, and what the loop watches for.
    pub(super) inside: BTreeMap<usize, (usize, Interest)>,
    pub(super) idle_turns: u32,
    pub(super) calls_in_turn: u32,
    /// Whose network takes nothing in this turn.
    pub(super) stuck: Option<usize>,
    pub(super) warned_ms: Option<u64>,
    /// Whether something happened to all that not every answer survives.
    is_disturbed: bool,
}

impl World {
    pub(super) fn new(
        numbers: Numbers,
        peers: Vec<Peer>,
        faults: Faults,
        stops_early: bool,
        connections_max: usize,
    ) -> Self {
        Self {
            now_ms: 0,
            wall: 1_700_000_000,
            numbers,
            is_disturbed: stops_early || peers.len() >= connections_max,
            faults,
            stage: Stage::Stormy,
            stage_ms: 0,
            stops_early,
            connections_max,
            peers,
            door: VecDeque::new(),
            listening: Listening::Unheard,
            inside: BTreeMap::new(),
            idle_turns: 0,
            calls_in_turn: 0,
            stuck: None,
            warned_ms: None,
        }
    }

    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    /// What must hold when the loop has ended.
    pub(super) fn check_at_the_end(&self) {
        assert!(self.inside.is_empty(), "somebody is inside: {:?}", self.inside);
        assert_eq!(self.listening, Listening::Closed);
        let lasted_ms = self.now_ms - self.stage_ms;
        assert!(lasted_ms <= STOP_MS_MAX + 2000, "stopping took {lasted_ms} ms");
        for (number, peer) in self.peers.iter().enumerate() {
            let expected = model::expected(&peer.sent);
            let is_owed = expected.end != model::End::BreaksItsWord;
            let is_whole = is_owed && !peer.is_disturbed && !self.is_disturbed;
            if let Err(problem) = model::check(&peer.received, &expected, is_whole) {
                panic!("client {number}: {problem}\nafter {}", peer.sent.escape_ascii());
            }
        }
    }

    pub(super) fn moved(&mut self, peer: usize) {
        self.idle_turns = 0;
        self.peers[peer].moved_ms = self.now_ms;
    }

    pub(super) fn fails(&mut self, call: Call, peer: Option<usize>) -> Option<Failure> {
        self.calls_in_turn += 1;
        assert!(self.calls_in_turn < CALLS_PER_TURN_MAX, "a turn does not end");
        if call == Call::Write && peer.is_some() && self.stuck == peer {
            return Some(Failure::Zero);
        }
        let failure = self.faults.next(call, self.now_ms, &mut self.numbers)?;
        if failure == Failure::Zero {
            self.stuck = peer;
        }
        match peer {
            Some(peer) if failure.is_fatal() => self.peers[peer].is_disturbed = true,
            // Who is not being answered may be let go for somebody who cannot be accepted.
            None if failure == Failure::Exhausted => self.is_disturbed = true,
            _ => {}
        }
        Some(failure)
    }

    /// Lets everybody do what they do by now.
    pub(super) fn let_peers_act(&mut self) {
        for number in 0..self.peers.len() {
            let now_ms = self.now_ms;
            self.peers[number].take(now_ms);
            while self.peers[number].acts.front().is_some_and(|(at_ms, _)| *at_ms <= now_ms) {
                if let Some((_, act)) = self.peers[number].acts.pop_front() {
                    self.act(number, act);
                }
            }
        }
    }

    fn act(&mut self, number: usize, act: Act) {
        let peer = &mut self.peers[number];
        match act {
            Act::Connect if self.listening != Listening::Closed => {
                peer.place = Place::AtTheDoor;
                self.door.push_back(number);
            }
            Act::Connect => peer.place = Place::Gone,
            _ if peer.place == Place::Gone => {}
            Act::Send(bytes) => {
                peer.sent.extend(&bytes);
                peer.unread.extend(bytes);
            }
            Act::End => peer.has_ended = true,
            Act::Reset => {
                peer.has_reset = true;
                peer.is_disturbed = true;
            }
        }
    }

    fn is_ready(&self, peer: usize, interest: Interest) -> bool {
        let peer = &self.peers[peer];
        let is_readable = !peer.unread.is_empty() || peer.has_ended;
        match interest {
            // A broken connection is told whatever is watched for.
            _ if peer.has_reset => true,
            Interest::Pause => false,
            Interest::Read => is_readable,
            Interest::Write => peer.under_way.len() < peer.room,
        }
    }

    pub(super) fn find_ready(&mut self, ready: &mut Vec<usize>) {
        if self.listening == Listening::Heard && !self.door.is_empty() {
            ready.push(LISTENER_KEY);
        }
        let inside = self.inside.iter();
        let all = inside.filter(|(_, (peer, interest))| self.is_ready(*peer, *interest));
        ready.extend(all.map(|(key, _)| *key));
    }

    /// Where nothing is to come any more, the next stage begins. Returns whether the loop is to be
    /// stopped.
    pub(super) fn next_stage(&mut self) -> bool {
        let is_over = |peer: &Peer| peer.acts.is_empty() && peer.place != Place::AtTheDoor;
        let is_quiet = self.peers.iter().all(is_over) && self.inside.is_empty();
        let is_early = self.stops_early && self.stage == Stage::Stormy && self.now_ms > 5_000;
        match self.stage {
            Stage::Stormy if is_early => {
                self.enter(Stage::Stopping);
                true
            }
            Stage::Stormy if is_quiet => {
                self.faults.heal();
                self.enter(Stage::Healed);
                self.peers.push(Peer::healthy(self.now_ms));
                false
            }
            Stage::Healed if is_quiet => {
                let answer = &self.peers.last().expect("somebody healthy came").received;
                assert!(answer.starts_with(b"HTTP/1.1 200 "), "it does not serve again");
                assert!(self.now_ms - self.stage_ms < 10_000, "it took too long to serve again");
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

    /// When something happens next that the loop does not cause.
    pub(super) fn next_ms(&self) -> Option<u64> {
        self.peers.iter().filter_map(Peer::next_ms).min()
    }

    pub(super) fn pass_to(&mut self, at_ms: u64) {
        self.now_ms = self.now_ms.max(at_ms);
        let chance = self.numbers.below(1000);
        if chance < self.faults.jumps {
            self.now_ms += HOUR_MS;
            // A stage takes no longer because everybody was asleep.
            self.stage_ms += HOUR_MS;
            self.is_disturbed = true;
            // Everybody was asleep.
            for peer in &mut self.peers {
                peer.moved_ms = self.now_ms;
            }
        }
        self.wall += 1;
        if self.faults.has_odd_wall {
            let odd = [0, 1, 2_147_483_648, 253_402_300_799, 253_402_300_800, 1_700_000_000];
            self.wall = odd[self.numbers.below(odd.len())];
        }
    }

    pub(super) fn check_while_it_runs(&mut self) {
        self.idle_turns += 1;
        assert!(self.idle_turns < IDLE_TURNS_MAX, "the loop spins");
        assert!(self.inside.len() <= self.connections_max, "too many are inside");
        for (peer, _) in self.inside.values() {
            let still_ms = self.now_ms - self.peers[*peer].moved_ms;
            assert!(still_ms <= STILL_MS_MAX, "client {peer} stays for {still_ms} ms");
        }
        let lasted_ms = self.now_ms - self.stage_ms;
        assert!(self.stage == Stage::Stormy || lasted_ms < 60_000, "{:?} does not end", self.stage);
    }
}
