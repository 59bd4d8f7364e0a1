//! This file owns what goes wrong in a simulated world, and when. It doesn't know what comes of it.

use std::io;

use chapbook_oracle::numbers::Numbers;

/// A way for a call to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing is there after all.
    WouldBlock,
    /// A signal came.
    Interrupted,
    /// The client is gone.
    Reset,
    /// So it is, seen while sending.
    BrokenPipe,
    /// The connection was given up before it was accepted, or the network is down.
    Aborted,
    /// Keepalive found nobody.
    TimedOut,
    /// The process has no descriptor left.
    Exhausted,
    /// Nothing is taken, which is no error.
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

    /// Whether a connection that it befalls has to end.
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

/// What can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Accept,
    Read,
    Write,
    EndSending,
    Watch,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    /// How often in a thousand calls each of these happens.
    would_block: usize,
    interrupted: usize,
    fatal: usize,
    accept_aborted: usize,
    accept_exhausted: usize,
    odd: usize,
    /// Reads and writes move a part only.
    pub(super) is_short: bool,
    /// How often in a thousand waits the clock jumps by an hour.
    pub(super) jumps: usize,
    /// Whether the clock that people set goes wherever it likes.
    pub(super) has_odd_wall: bool,
    /// As long as this lasts, nobody can be accepted.
    pub(super) exhausted_until_ms: u64,
    at_call: Option<(u64, Failure)>,
    calls: u64,
}

impl Faults {
    const NONE: Self = Self {
        would_block: 0,
        interrupted: 0,
        fatal: 0,
        accept_aborted: 0,
        accept_exhausted: 0,
        odd: 0,
        is_short: false,
        jumps: 0,
        has_odd_wall: false,
        exhausted_until_ms: 0,
        at_call: None,
        calls: 0,
    };

    /// Some kinds of faults, each more or less often, or not at all.
    pub(super) fn of_seed(numbers: &mut Numbers) -> Self {
        let mut often = |most: usize| if numbers.below(3) == 0 { numbers.below(most) } else { 0 };
        Self {
            would_block: often(500),
            interrupted: often(300),
            fatal: often(60),
            accept_aborted: often(500),
            accept_exhausted: often(300),
            odd: often(30),
            is_short: often(2) == 1 || often(2) == 1,
            jumps: often(20),
            has_odd_wall: often(2) == 1,
            exhausted_until_ms: often(30_000) as u64,
            ..Self::NONE
        }
    }

    /// Nothing but this, once.
    pub(super) fn at_call(call: u64, failure: Failure) -> Self {
        Self { at_call: Some((call, failure)), ..Self::NONE }
    }

    /// From now on nothing goes wrong.
    pub(super) fn heal(&mut self) {
        *self = Self { calls: self.calls, ..Self::NONE };
    }

    /// What becomes of the next call, if it fails.
    pub(super) fn next(
        &mut self,
        call: Call,
        now_ms: u64,
        numbers: &mut Numbers,
    ) -> Option<Failure> {
        let number = self.calls;
        self.calls += 1;
        if let Some((at, failure)) = self.at_call {
            return (at == number).then_some(failure);
        }
        let mut happens = |often: usize| often > 0 && numbers.below(1000) < often;
        match call {
            Call::Accept if now_ms < self.exhausted_until_ms => Some(Failure::Exhausted),
            Call::Accept if happens(self.accept_exhausted) => Some(Failure::Exhausted),
            Call::Accept if happens(self.accept_aborted) => Some(Failure::Aborted),
            Call::Read | Call::Write if happens(self.fatal) => {
                let fatal = [Failure::Reset, Failure::BrokenPipe, Failure::TimedOut];
                Some(fatal[numbers.below(fatal.len())])
            }
            Call::Read | Call::Write if happens(self.interrupted) => Some(Failure::Interrupted),
            Call::Accept | Call::Read | Call::Write if happens(self.would_block) => {
                Some(Failure::WouldBlock)
            }
            Call::Write if happens(self.odd) => Some(Failure::Zero),
            Call::EndSending | Call::Watch if happens(self.odd) => Some(Failure::Exhausted),
            _ => None,
        }
    }
}
