//! Simulated client: its actions and their times, and what it has received.

use std::{collections::VecDeque, sync::OnceLock};

use chapbook_oracle::{TARGETS, rng::Rng};

/// An action of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PeerEvent {
    Connect,
    Send(Vec<u8>),
    /// The client sends these bytes past its session, and nothing of HTTP.
    SendRaw(Vec<u8>),
    /// The client shuts down its write side.
    End,
    /// The client resets the connection.
    Reset,
}

/// How a client reads responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadPattern {
    AtOnce,
    Never,
    /// This many bytes each second.
    Slowly(usize),
}

/// State of the connection of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PeerState {
    NotConnected,
    /// The connection waits to be accepted.
    InBacklog,
    Accepted,
    Closed,
}

/// What a client does to its bytes on their way to the server and back: TLS, or nothing.
pub(super) trait Encryption: std::fmt::Debug {
    /// Encrypts bytes, once the handshake is complete. `None` ends the input.
    fn encrypt(&mut self, bytes: Option<&[u8]>);

    /// Decrypts bytes, and adds what they contain to `received`.
    fn decrypt(&mut self, bytes: &[u8], received: &mut Vec<u8>);

    /// What is to be sent next, and whether it is the last.
    fn take_output(&mut self) -> (Vec<u8>, bool);

    /// Whether the server has announced the end of its output; `None` without a session.
    fn has_close_notify(&self) -> Option<bool>;
}

/// A client and its connection.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) encryption: Option<Box<dyn Encryption>>,
    pub(super) events: VecDeque<(u64, PeerEvent)>,
    pub(super) read_pattern: ReadPattern,
    pub(super) state: PeerState,
    /// Everything that the client has sent.
    pub(super) sent: Vec<u8>,
    /// The part of `sent` that the server has not read.
    pub(super) unread: VecDeque<u8>,
    pub(super) has_ended: bool,
    pub(super) has_reset: bool,
    /// Everything that the client has read.
    pub(super) received: Vec<u8>,
    /// Bytes that the server has written and the client has not read.
    pub(super) in_flight: VecDeque<u8>,
    /// Maximum number of bytes in flight.
    pub(super) in_flight_max: usize,
    /// How many bytes of the last write the system did not accept.
    pub(super) rejected: usize,
    /// Whether responses may be missing, because of a fault or a slow client.
    pub(super) is_disturbed: bool,
    /// The time of the accept or of the last transfer.
    pub(super) progress_ms: u64,
    /// When a slow client reads next.
    pub(super) reads_at_ms: u64,
}

/// Valid requests, besides those of the conformance table.
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

/// The requests of the conformance table.
fn table() -> &'static [Vec<u8>] {
    static TABLE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    TABLE.get_or_init(|| (TARGETS[0].seeds)())
}

impl Peer {
    /// A client with these events, in the order of time.
    pub(super) fn new(events: VecDeque<(u64, PeerEvent)>, read_pattern: ReadPattern) -> Self {
        Self {
            encryption: None,
            events,
            read_pattern,
            state: PeerState::NotConnected,
            sent: Vec::new(),
            unread: VecDeque::new(),
            has_ended: false,
            has_reset: false,
            received: Vec::new(),
            in_flight: VecDeque::new(),
            in_flight_max: 200_000,
            rejected: 0,
            is_disturbed: read_pattern != ReadPattern::AtOnce,
            progress_ms: 0,
            reads_at_ms: 0,
        }
    }

    /// A client with one valid request.
    pub(super) fn healthy(at_ms: u64) -> Self {
        let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_vec();
        let events = [(at_ms, PeerEvent::Connect), (at_ms, PeerEvent::Send(request))];
        Self::new(events.into(), ReadPattern::AtOnce)
    }

    /// A client with random requests and behaviour.
    pub(super) fn random(rng: &mut Rng) -> Self {
        let mut bytes = Vec::new();
        for _ in 0..rng.below(5) {
            if rng.below(3) > 0 {
                bytes.extend(rng.one_of(&REQUESTS).as_bytes());
            } else {
                bytes.extend(&table()[rng.below(table().len())]);
            }
        }
        let mut at_ms = rng.below(20_000) as u64;
        let mut events: VecDeque<(u64, PeerEvent)> = [(at_ms, PeerEvent::Connect)].into();
        // A client that trickles its request misses every deadline, the others none.
        let trickles = rng.below(8) == 0;
        let pieces = 1 + rng.below(6);
        for piece in bytes.chunks(bytes.len().div_ceil(pieces).max(1)) {
            at_ms += if trickles { 4_000 } else { rng.below(300) as u64 };
            events.push_back((at_ms, PeerEvent::Send(piece.to_vec())));
        }
        let end = rng.below(6);
        at_ms += rng.below(if end == 0 { 20 } else { 3_000 }) as u64;
        match end {
            0 => events.push_back((at_ms, PeerEvent::Reset)),
            1 | 2 => events.push_back((at_ms, PeerEvent::End)),
            _ => {}
        }
        let read_pattern = match rng.below(10) {
            0 => ReadPattern::Never,
            1 => ReadPattern::Slowly(1 + rng.below(500)),
            _ => ReadPattern::AtOnce,
        };
        let mut peer = Self::new(events, read_pattern);
        peer.is_disturbed |= trickles;
        if rng.below(3) == 0 {
            peer.in_flight_max = 1 + rng.below(3000);
        }
        peer
    }

    /// The time of its next action.
    pub(super) fn next_ms(&self) -> Option<u64> {
        let event_ms = self.events.front().map(|(at_ms, _)| *at_ms);
        let is_slow = matches!(self.read_pattern, ReadPattern::Slowly(_));
        let reads_ms = (is_slow && !self.in_flight.is_empty()).then_some(self.reads_at_ms);
        event_ms.into_iter().chain(reads_ms).min()
    }

    /// Reads as much as the pattern allows at this time.
    pub(super) fn read(&mut self, now_ms: u64) {
        let count = match self.read_pattern {
            ReadPattern::AtOnce => self.in_flight.len(),
            ReadPattern::Slowly(count) if self.reads_at_ms <= now_ms => {
                self.reads_at_ms = now_ms + 1000;
                count.min(self.in_flight.len())
            }
            ReadPattern::Never | ReadPattern::Slowly(_) => 0,
        };
        self.receive(count);
        if count > 0 {
            self.progress_ms = now_ms;
        }
    }

    /// Receives this many of the bytes in flight.
    pub(super) fn receive(&mut self, count: usize) {
        let bytes: Vec<u8> = self.in_flight.drain(..count).collect();
        match &mut self.encryption {
            Some(encryption) => encryption.decrypt(&bytes, &mut self.received),
            None => self.received.extend(bytes),
        }
        self.flush();
    }

    /// Sends bytes of HTTP.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        self.sent.extend(bytes);
        match &mut self.encryption {
            Some(encryption) => encryption.encrypt(Some(bytes)),
            None => self.unread.extend(bytes),
        }
        self.flush();
    }

    /// Ends the input.
    pub(super) fn end(&mut self) {
        match &mut self.encryption {
            Some(encryption) => encryption.encrypt(None),
            None => self.has_ended = true,
        }
        self.flush();
    }

    /// Sends what the session has produced.
    pub(super) fn flush(&mut self) {
        if let Some(encryption) = &mut self.encryption
            && !self.has_ended
            && self.state != PeerState::Closed
        {
            let (bytes, is_last) = encryption.take_output();
            self.unread.extend(bytes);
            self.has_ended = is_last;
        }
    }
}
