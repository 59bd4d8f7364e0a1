//! This file owns a client: what it does and when, and what came back. It knows no rules.

use std::{collections::VecDeque, sync::OnceLock};

use chapbook_oracle::{TARGETS, numbers::Numbers};

/// Something that a client does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Connect,
    Send(Vec<u8>),
    /// It sends no more.
    End,
    /// It is gone.
    Reset,
}

/// How a client takes what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    AtOnce,
    Never,
    /// So many bytes each second.
    Slowly(usize),
}

/// Where a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Away,
    /// It waits to be accepted.
    AtTheDoor,
    Inside,
    Gone,
}

#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) acts: VecDeque<(u64, Act)>,
    pub(super) habit: Habit,
    pub(super) place: Place,
    /// All that it sent, and what of it the server has not read.
    pub(super) sent: Vec<u8>,
    pub(super) unread: VecDeque<u8>,
    pub(super) has_ended: bool,
    pub(super) has_reset: bool,
    /// What it took, and what lies between.
    pub(super) received: Vec<u8>,
    pub(super) under_way: VecDeque<u8>,
    /// How much may lie between.
    pub(super) room: usize,
    /// Whether it did, or met with, something that not all answers survive.
    pub(super) is_disturbed: bool,
    /// When it was accepted, or something moved since.
    pub(super) moved_ms: u64,
    pub(super) takes_at_ms: u64,
}

/// Requests that mean something, besides those of the conformance table.
const REQUESTS: [&str; 10] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /style.css HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /book HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /style.css HTTP/1.1\r\nHost: a\r\nRange: bytes=100-4000\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n",
    "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /book HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "GET /icon.svg HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
];

fn table() -> &'static [Vec<u8>] {
    static TABLE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    TABLE.get_or_init(|| (TARGETS[0].seeds)())
}

impl Peer {
    /// A client that does these, one behind the other in time.
    pub(super) fn new(acts: VecDeque<(u64, Act)>, habit: Habit) -> Self {
        Self {
            acts,
            habit,
            place: Place::Away,
            sent: Vec::new(),
            unread: VecDeque::new(),
            has_ended: false,
            has_reset: false,
            received: Vec::new(),
            under_way: VecDeque::new(),
            room: 200_000,
            is_disturbed: habit != Habit::AtOnce,
            moved_ms: 0,
            takes_at_ms: 0,
        }
    }

    /// A client that asks once and wants no more.
    pub(super) fn healthy(at_ms: u64) -> Self {
        let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_vec();
        Self::new([(at_ms, Act::Connect), (at_ms, Act::Send(request))].into(), Habit::AtOnce)
    }

    pub(super) fn of_seed(numbers: &mut Numbers) -> Self {
        let mut bytes = Vec::new();
        for _ in 0..numbers.below(5) {
            if numbers.below(3) > 0 {
                bytes.extend(numbers.one_of(&REQUESTS).as_bytes());
            } else {
                bytes.extend(&table()[numbers.below(table().len())]);
            }
        }
        let mut at_ms = numbers.below(20_000) as u64;
        let mut acts: VecDeque<(u64, Act)> = [(at_ms, Act::Connect)].into();
        // A client that dribbles is in time for nothing; the others are for all.
        let dribbles = numbers.below(8) == 0;
        let pieces = 1 + numbers.below(6);
        for piece in bytes.chunks(bytes.len().div_ceil(pieces).max(1)) {
            at_ms += if dribbles { 4_000 } else { numbers.below(300) as u64 };
            acts.push_back((at_ms, Act::Send(piece.to_vec())));
        }
        let end = numbers.below(6);
        at_ms += numbers.below(if end == 0 { 20 } else { 3_000 }) as u64;
        match end {
            0 => acts.push_back((at_ms, Act::Reset)),
            1 | 2 => acts.push_back((at_ms, Act::End)),
            _ => {}
        }
        let habit = match numbers.below(10) {
            0 => Habit::Never,
            1 => Habit::Slowly(1 + numbers.below(500)),
            _ => Habit::AtOnce,
        };
        let mut peer = Self::new(acts, habit);
        peer.is_disturbed |= dribbles;
        if numbers.below(3) == 0 {
            peer.room = 1 + numbers.below(3000);
        }
        peer
    }

    /// When it does something next.
    pub(super) fn next_ms(&self) -> Option<u64> {
        let acts_ms = self.acts.front().map(|(at_ms, _)| *at_ms);
        let is_taking = matches!(self.habit, Habit::Slowly(_)) && !self.under_way.is_empty();
        let takes_ms = is_taking.then_some(self.takes_at_ms);
        acts_ms.into_iter().chain(takes_ms).min()
    }

    /// Takes what it takes by now.
    pub(super) fn take(&mut self, now_ms: u64) {
        let count = match self.habit {
            Habit::AtOnce => self.under_way.len(),
            Habit::Slowly(count) if self.takes_at_ms <= now_ms => {
                self.takes_at_ms = now_ms + 1000;
                count.min(self.under_way.len())
            }
            Habit::Never | Habit::Slowly(_) => 0,
        };
        self.received.extend(self.under_way.drain(..count));
        if count > 0 {
            self.moved_ms = now_ms;
        }
    }
}
