//! Timers of a connection. One runs at a time; the state determines which.
//!
//! | timer | runs | limit |
//! |---|---|---|
//! | [`Timer::Request`] | from accept or the first byte to the response | [`REQUEST_MS_MAX`] |
//! | [`Timer::Idle`] | from the last response to the next byte | [`Context::idle_ms`] |
//! | [`Timer::Write`] | while output is pending | [`WRITE_MS_MAX`] |
//! | [`Timer::Linger`] | from the shutdown of the write side to the close | [`LINGER_MS_MAX`] |
//!
//! A timer starts when the connection is accepted, a byte arrives in `Idle`, a response is put into
//! the output, output becomes pending or is written, or the write side is shut down. Further bytes
//! of a request do not restart its timer, so a client cannot extend it byte by byte.

use super::{super::context::Context, Connection, state::State};
use crate::limits::{LINGER_MS_MAX, REQUEST_MS_MAX, WRITE_MS_MAX};

/// A limit of time that a state has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timer {
    Request,
    Idle,
    Write,
    Linger,
}

impl Timer {
    fn duration_ms(self, cx: &Context<'_, '_>) -> u64 {
        match self {
            Self::Request => REQUEST_MS_MAX,
            Self::Idle => cx.idle_ms,
            Self::Write => WRITE_MS_MAX,
            Self::Linger => LINGER_MS_MAX,
        }
    }
}

impl Connection<'_> {
    /// Starts the timer of the current state anew.
    pub(super) fn restart_timer(&mut self, cx: &Context<'_, '_>) {
        self.deadline_ms = cx.now_ms + self.timer().duration_ms(cx);
    }

    fn timer(&self) -> Timer {
        if self.pending_output.is_some() {
            return Timer::Write;
        }
        match &self.state {
            State::Idle => Timer::Idle,
            State::ReadingHead(_)
            | State::Pipelined(_)
            | State::SkippingBody(_)
            // The worker leaves `Closing` in the same turn, unless output is pending.
            | State::Closing { .. } => Timer::Request,
            State::Lingering { .. } | State::Done(_) => Timer::Linger,
        }
    }
}
