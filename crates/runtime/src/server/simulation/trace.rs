//! Trace of a run: each call of the loop with its outcome, and the bytes that each client received.

use std::io;

use super::faults::Call;

/// Everything that the event loop did in a world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trace {
    pub(super) calls: Vec<TracedCall>,
    pub(super) received: Vec<Vec<u8>>,
}

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TracedCall {
    at_ms: u64,
    call: Call,
    peer: Option<usize>,
    outcome: Result<usize, io::ErrorKind>,
}

impl Trace {
    pub(super) fn record(
        &mut self,
        at_ms: u64,
        call: Call,
        peer: Option<usize>,
        outcome: Result<usize, &io::Error>,
    ) {
        let outcome = outcome.map_err(io::Error::kind);
        self.calls.push(TracedCall { at_ms, call, peer, outcome });
    }

    /// When this call was first made for a client, in milliseconds.
    #[cfg(feature = "tls")]
    pub(super) fn time_of(&self, call: Call, peer: usize) -> Option<u64> {
        let found = self.calls.iter().find(|it| it.call == call && it.peer == Some(peer));
        found.map(|it| it.at_ms)
    }

    /// A description of the first difference between two traces; `None` if they are equal.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let pairs = self.calls.iter().zip(&other.calls).enumerate();
        if let Some((number, (one, another))) = pairs.into_iter().find(|(_, (a, b))| a != b) {
            return Some(format!("call {number} is {one:?} or {another:?}"));
        }
        if self.calls.len() != other.calls.len() {
            return Some(format!("{} or {} calls", self.calls.len(), other.calls.len()));
        }
        let mut pairs = self.received.iter().zip(&other.received);
        let peer = pairs.position(|(one, another)| one != another)?;
        Some(format!("client {peer} receives other bytes"))
    }
}
