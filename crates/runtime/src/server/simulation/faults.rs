//! Faults of a simulated world: which calls fail, how, and how often.

use std::io;

use chapbook_oracle::rng::Rng;

/// A way for a call to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Readiness was reported in error.
    WouldBlock,
    /// A signal arrived.
    Interrupted,
    /// The client has reset the connection.
    Reset,
    /// The client has reset the connection, detected by a write.
    BrokenPipe,
    /// The client closed the connection before it was accepted, or the network is down.
    Aborted,
    /// The client did not respond to keep-alive probes.
    TimedOut,
    /// The process has no descriptor left.
    Exhausted,
    /// Nothing is written, without an error.
    Zero,
}

impl Failure {
    pub(super) const ALL: [Self; 8] = [
        Self::WouldBlock,
        Self::Interrupted,
        Self::Reset,
        Self::BrokenPipe,
        Self::Aborted,
        Self::TimedOut,
        Self::Exhausted,
        Self::Zero,
    ];

    /// Whether the connection has to end.
    pub(super) fn is_fatal(self) -> bool {
        !matches!(self, Self::WouldBlock | Self::Interrupted | Self::Zero)
    }

    pub(super) fn error(self) -> io::Error {
        match self {
            Self::WouldBlock | Self::Zero => io::ErrorKind::WouldBlock.into(),
            Self::Interrupted => io::ErrorKind::Interrupted.into(),
            Self::Reset => io::ErrorKind::ConnectionReset.into(),
            Self::BrokenPipe => io::ErrorKind::BrokenPipe.into(),
            Self::Aborted => io::ErrorKind::ConnectionAborted.into(),
            Self::TimedOut => io::ErrorKind::TimedOut.into(),
            #[cfg(unix)]
            Self::Exhausted => rustix::io::Errno::MFILE.into(),
            #[cfg(not(unix))]
            Self::Exhausted => io::Error::from_raw_os_error(10024),
        }
    }
}

/// A call of the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Wait,
    Accept,
    Read,
    Write,
    ShutdownWrite,
    SetInterest,
    Close,
}

/// Faults and their rates.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    /// Rates per thousand calls.
    would_block: usize,
    interrupted: usize,
    fatal: usize,
    accept_aborted: usize,
    accept_exhausted: usize,
    rare: usize,
    /// Whether reads and writes transfer fewer bytes than possible.
    pub(super) is_short: bool,
    /// Rate per thousand waits at which the clock jumps by an hour.
    pub(super) jumps: usize,
    /// Whether the system clock is set to extreme times.
    pub(super) has_extreme_wall_clock: bool,
    /// Until this time no connection can be accepted.
    pub(super) exhausted_until_ms: u64,
    at_call: Option<(u64, Failure)>,
    calls: u64,
}

impl Faults {
    pub(super) const NONE: Self = Self {
        would_block: 0,
        interrupted: 0,
        fatal: 0,
        accept_aborted: 0,
        accept_exhausted: 0,
        rare: 0,
        is_short: false,
        jumps: 0,
        has_extreme_wall_clock: false,
        exhausted_until_ms: 0,
        at_call: None,
        calls: 0,
    };

    /// Some kinds of faults at random rates.
    pub(super) fn random(rng: &mut Rng) -> Self {
        let mut rate = |most: usize| if rng.below(3) == 0 { rng.below(most) } else { 0 };
        Self {
            would_block: rate(500),
            interrupted: rate(300),
            fatal: rate(60),
            accept_aborted: rate(500),
            accept_exhausted: rate(300),
            rare: rate(30),
            is_short: rate(2) == 1 || rate(2) == 1,
            jumps: rate(20),
            has_extreme_wall_clock: rate(2) == 1,
            exhausted_until_ms: rate(30_000) as u64,
            ..Self::NONE
        }
    }

    /// A single fault, at the call with this number.
    pub(super) fn at_call(call: u64, failure: Failure) -> Self {
        Self { at_call: Some((call, failure)), ..Self::NONE }
    }

    /// Removes all faults.
    pub(super) fn clear(&mut self) {
        *self = Self { calls: self.calls, ..Self::NONE };
    }

    /// How the next call fails, if it does.
    pub(super) fn next(&mut self, call: Call, now_ms: u64, rng: &mut Rng) -> Option<Failure> {
        let number = self.calls;
        self.calls += 1;
        if let Some((at, failure)) = self.at_call {
            return (at == number).then_some(failure);
        }
        let mut happens = |rate: usize| rate > 0 && rng.below(1000) < rate;
        match call {
            Call::Accept if now_ms < self.exhausted_until_ms => Some(Failure::Exhausted),
            Call::Accept if happens(self.accept_exhausted) => Some(Failure::Exhausted),
            Call::Accept if happens(self.accept_aborted) => Some(Failure::Aborted),
            Call::Read | Call::Write if happens(self.fatal) => {
                let fatal = [Failure::Reset, Failure::BrokenPipe, Failure::TimedOut];
                Some(fatal[rng.below(fatal.len())])
            }
            Call::Read | Call::Write if happens(self.interrupted) => Some(Failure::Interrupted),
            Call::Accept | Call::Read | Call::Write if happens(self.would_block) => {
                Some(Failure::WouldBlock)
            }
            Call::Write if happens(self.rare) => Some(Failure::Zero),
            Call::ShutdownWrite | Call::SetInterest if happens(self.rare) => {
                Some(Failure::Exhausted)
            }
            _ => None,
        }
    }
}
