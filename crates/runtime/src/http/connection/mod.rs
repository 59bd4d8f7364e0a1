//! State machine of one connection: bytes and the current time in, output and a next action out.
//!
//! ```text
//!  accepted
//!    |                    without a body
//!    v            +-------------------------------------+
//!  ReadingHead ---+--> SkippingBody --body is skipped---+--> response --last--> Closing
//!    ^  ^                                                       |                 |
//!    |  |                                                       |         write side shut down
//!    |  |                                                       |                 |
//!    |  |                                                       |                 v
//!    |  +----- a part of a head is left ------------------------+             Lingering
//!    +-- bytes --- Idle <------- no input is left --------------+                 |
//!    +-- turn ---- Pipelined <-- more input is left ------------+                 v
//!                                                                               Done
//! ```
//!
//! A malformed request, a deadline within a request, and the end of the input within a body lead to
//! an error response, which is the last. `Lingering` is skipped unless the client may still be
//! sending. An abort, because of an eviction, a socket error or damaged content, leads from any
//! state to `Done`.
//!
//! What each event does in each state. An empty cell: nothing. "Noted": only `input_ended` is set.
//! "Waits": the connection is not evicted, and a shutdown waits for it.
//!
//! | state | bytes | end of input | resume | write shut down | deadline | eviction | shutdown |
//! |---|---|---|---|---|---|---|---|
//! | `ReadingHead` | parsed | `Done`[^1] | | | 408, `Closing`[^1] | third | `Done` |
//! | `Idle` | parsed | noted, closed | | | `Done` | second | `Done` |
//! | `Pipelined` | buffered | noted | parsed | | 408, `Closing` | waits | waits |
//! | `SkippingBody` | skipped | 400, `Closing` | | | 408, `Closing` | third | `Done` |
//! | `Closing` | dropped | noted | | `Lingering` or `Done` | `Done` | waits | waits |
//! | `Lingering` | dropped | `Done` | | | `Done` | first | waits |
//! | `Done` | dropped | noted | | | | first | `Done` |
//!
//! [^1]: While there are only line ends, a deadline leads to `Done`. Before the first byte, the end
//! of the input is noted, and the connection is closed.
//!
//! The worker reads only if the next action is `Read`, so bytes and the end of the input arrive
//! only in `ReadingHead`, `Idle`, `SkippingBody` and `Lingering`.
//!
//! Independent of the states are:
//!
//! - *Pending output*: output that the system has not accepted. While there is any, the next action
//!   is a write, `resume` does nothing, the connection is not evicted, a shutdown waits for it, and
//!   a deadline leads to `Done`. Writing some of it restarts the timer and changes no state.
//! - *A stream of events* that waits: pending output with nothing to write. The next action is to
//!   wait, it is evicted like an idle connection, and a shutdown closes it.
//! - *The end of the input*. If it is noted, the connection is closed once every complete request
//!   is answered.
//!
//! Timers are in `timers.rs`. A connection owns heap memory only for a part of a head, pipelined
//! input, a body that is skipped and pending output; between requests it owns none.

mod process;
mod state;
mod timers;

use self::state::State;
use super::{
    close::CloseReason, context::Context, error_response::ErrorResponse, head,
    next_action::NextAction, transmit::Transmit,
};
use crate::limits::LINGER_MAX;

/// One connection. The methods are in the order in which a worker calls them. After each, the
/// worker does what [`Connection::next_action`] returns.
#[derive(Debug)]
pub struct Connection<'s> {
    state: State<'s>,
    /// Output that the system has not accepted. It is written before anything else happens.
    pending_output: Option<Box<Transmit<'s>>>,
    /// Whether the client has shut down its write side.
    input_ended: bool,
    /// When the connection was accepted, or the last response was put into the output or written.
    last_activity_ms: u64,
    /// When the running timer expires; see `timers.rs`.
    deadline_ms: u64,
}

/// What a client loses by an eviction, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EvictionClass {
    /// Nothing: the last response is written.
    Finished,
    /// An open connection: every request is answered.
    Idle,
    /// A request that may be in transit. Clients send a request at once, so the oldest connections
    /// in this class are the most likely to be unused.
    Requesting,
}

impl<'s> Connection<'s> {
    /// A connection that has just been accepted.
    #[must_use]
    pub fn new(cx: &Context<'_, 's>) -> Self {
        let mut connection = Self {
            state: State::ReadingHead(Vec::new()),
            pending_output: None,
            input_ended: false,
            last_activity_ms: cx.now_ms,
            deadline_ms: 0,
        };
        connection.restart_timer(cx);
        connection
    }

    /// What the connection needs next.
    #[must_use]
    pub fn next_action(&self) -> NextAction {
        if let Some(pending) = &self.pending_output {
            return if pending.is_waiting() { NextAction::Wait } else { NextAction::Write };
        }
        match &self.state {
            State::Pipelined(_) => NextAction::Continue,
            State::ReadingHead(_) | State::Idle | State::SkippingBody(_) if self.input_ended => {
                NextAction::Close(CloseReason::ClientDone)
            }
            // Not a close: the kernel has more input, so a close would reset the connection while
            // the client may still be reading the response.
            State::Lingering { dropped, .. } if *dropped > LINGER_MAX => NextAction::Wait,
            State::ReadingHead(_)
            | State::Idle
            | State::SkippingBody(_)
            | State::Lingering { .. } => NextAction::Read,
            // Even if it does not linger: if the client has sent more, a close resets the
            // connection, and output that has not been sent is lost.
            State::Closing { .. } => NextAction::ShutdownWrite,
            State::Done(reason) => NextAction::Close(*reason),
        }
    }

    /// Processes bytes from the client, and puts responses into `out`, which must be empty. To be
    /// called if the next action is [`NextAction::Read`].
    pub fn read(&mut self, input: &[u8], cx: &mut Context<'_, 's>, out: &mut Transmit<'s>) {
        if input.is_empty() {
            return;
        }
        match &mut self.state {
            State::Idle | State::SkippingBody(_) => self.process(input, cx, out),
            State::ReadingHead(buffer) if buffer.is_empty() => self.process(input, cx, out),
            State::ReadingHead(buffer) => {
                buffer.extend_from_slice(input);
                // Only complete lines are parsed, so the head is not parsed again before a line end
                // arrives. Otherwise single bytes would cost quadratic time.
                if input.contains(&b'\n') || head::exceeds_limits(buffer) {
                    let buffer = std::mem::take(buffer);
                    self.process(&buffer, cx, out);
                }
            }
            State::Pipelined(buffer) => buffer.extend_from_slice(input),
            State::Lingering { dropped, .. } => *dropped += input.len() as u64,
            State::Closing { .. } | State::Done(_) => {}
        }
    }

    /// Processes the end of the input: the client has shut down its write side. To be called if the
    /// next action is [`NextAction::Read`]; `out` must be empty, and may get the last response.
    #[cold]
    pub fn end_of_input(&mut self, cx: &mut Context<'_, 's>, out: &mut Transmit<'s>) {
        self.input_ended = true;
        match &self.state {
            State::Lingering { reason, .. } => self.state = State::Done(*reason),
            State::SkippingBody(_) => {
                self.respond_with_error(
                    ErrorResponse::BadRequest,
                    CloseReason::ClientLeftMidway,
                    cx,
                    out,
                );
            }
            State::ReadingHead(buffer) if !buffer.is_empty() => {
                self.state = State::Done(CloseReason::ClientLeftMidway);
            }
            State::ReadingHead(_)
            | State::Idle
            | State::Pipelined(_)
            | State::Closing { .. }
            | State::Done(_) => {}
        }
    }

    /// Processes buffered input in another turn. `out` must be empty. Does nothing while output is
    /// pending.
    pub fn resume(&mut self, cx: &mut Context<'_, 's>, out: &mut Transmit<'s>) {
        if self.pending_output.is_some() {
            return;
        }
        if let State::Pipelined(input) = &mut self.state {
            let input = std::mem::take(input);
            self.process(&input, cx, out);
        }
    }

    /// Whether the write side is shut down as soon as the current output is written.
    #[must_use]
    pub fn shuts_down_next(&self) -> bool {
        matches!(self.state, State::Closing { .. })
    }

    /// Keeps output that the system did not accept.
    pub fn keep_pending_output(&mut self, rest: Transmit<'s>, cx: &Context<'_, 's>) {
        self.pending_output = Some(Box::new(rest));
        self.restart_timer(cx);
    }

    /// The output that the system has not accepted.
    pub fn pending_output(&mut self) -> Option<&mut Transmit<'s>> {
        self.pending_output.as_deref_mut()
    }

    /// To be called after some of the pending output, or all of it, is written.
    pub fn pending_output_written(&mut self, cx: &Context<'_, 's>) {
        if self.pending_output.as_ref().is_some_and(|pending| pending.is_empty()) {
            self.pending_output = None;
            self.last_activity_ms = cx.now_ms;
        }
        self.restart_timer(cx);
    }

    /// To be called after the write side is shut down.
    pub fn write_shut_down(&mut self, cx: &Context<'_, 's>) {
        if let State::Closing { reason, lingers } = self.state {
            self.state = if lingers && !self.input_ended {
                State::Lingering { reason, dropped: 0 }
            } else {
                State::Done(reason)
            };
            self.restart_timer(cx);
        }
    }

    /// When to call [`Connection::expire`], in milliseconds on the clock of [`Context::now_ms`].
    /// Any other call may change it.
    #[must_use]
    pub fn deadline_ms(&self) -> u64 {
        self.deadline_ms
    }

    /// To be called after the deadline has passed. `out` must be empty, and may get the last
    /// response.
    pub fn expire(&mut self, cx: &mut Context<'_, 's>, out: &mut Transmit<'s>) {
        if self.pending_output.is_some() {
            return self.abort(CloseReason::WriteTimeout);
        }
        match &self.state {
            State::Lingering { reason, .. } | State::Closing { reason, .. } => {
                self.state = State::Done(*reason);
            }
            State::Idle => self.state = State::Done(CloseReason::IdleTimeout),
            // No request has begun, so there is nothing to respond to.
            State::ReadingHead(input) if input.iter().all(|byte| matches!(byte, b'\r' | b'\n')) => {
                self.state = State::Done(CloseReason::IdleTimeout);
            }
            State::ReadingHead(_) | State::Pipelined(_) | State::SkippingBody(_) => {
                self.respond_with_error(
                    ErrorResponse::RequestTimeout,
                    CloseReason::RequestTimeout,
                    cx,
                    out,
                );
            }
            State::Done(_) => {}
        }
    }

    /// The part of a head that has arrived, if the connection waits for a request or the rest of
    /// one. A new connection that reads it continues this one.
    pub(crate) fn detach(&mut self) -> Option<Vec<u8>> {
        match &mut self.state {
            _ if self.pending_output.is_some() || self.input_ended => None,
            State::ReadingHead(input) => Some(std::mem::take(input)),
            State::Idle => Some(Vec::new()),
            _ => None,
        }
    }

    /// Whether a stream of events waits for an event.
    fn is_waiting(&self) -> bool {
        self.pending_output.as_ref().is_some_and(|pending| pending.is_waiting())
    }

    /// Whether a response is in progress, which a shutdown waits for.
    #[must_use]
    pub fn is_responding(&self) -> bool {
        self.pending_output.as_ref().is_some_and(|pending| !pending.is_waiting())
            || matches!(
                self.state,
                State::Pipelined(_) | State::Closing { .. } | State::Lingering { .. }
            )
    }

    /// Whether the last response is written.
    #[must_use]
    pub fn has_finished(&self) -> bool {
        let is_over = matches!(self.state, State::Lingering { .. } | State::Done(_));
        is_over && self.pending_output.is_none()
    }

    /// The rank in the order of eviction, the lowest first: by class, and within a class by the
    /// time of the last activity. `None` if the connection must not be evicted.
    pub(crate) fn eviction_rank(&self) -> Option<(EvictionClass, u64)> {
        let class = match self.state {
            // A browser connects again.
            _ if self.is_waiting() => EvictionClass::Idle,
            _ if self.pending_output.is_some() => return None,
            State::Lingering { .. } | State::Done(_) => EvictionClass::Finished,
            State::Idle => EvictionClass::Idle,
            State::ReadingHead(_) | State::SkippingBody(_) => EvictionClass::Requesting,
            State::Pipelined(_) | State::Closing { .. } => return None,
        };
        Some((class, self.last_activity_ms))
    }

    /// Reads and drops input before a close, if one is coming: the kernel may have more of it than
    /// was passed to the connection.
    pub fn linger(&mut self) {
        if let State::Closing { lingers, .. } = &mut self.state {
            *lingers = true;
        }
    }

    /// Makes a close the next action, after the output that was produced outside of HTTP is
    /// written.
    pub fn refuse(&mut self, reason: CloseReason, cx: &Context<'_, 's>) {
        self.state = State::Closing { reason, lingers: true };
        self.restart_timer(cx);
    }

    /// Drops pending output and makes a close the next action.
    pub fn abort(&mut self, reason: CloseReason) {
        self.pending_output = None;
        self.state = State::Done(reason);
    }
}
