//! State machine of one connection: bytes and times in, output and a next action out.
//!
//! ```text
//!  accepted
//!    |                    without a body
//!    v            +-------------------------------------+
//!  ReadingHead ---+--> SkippingBody --body is skipped---+--> response --last--> Closing
//!    ^  ^  ^      |                                             |                 |
//!    |  |  |      +--> Verifying --+                            |         write side shut down
//!    |  |  +------verified---------+                            |                 |
//!    |  |                                                       |                 v
//!    |  +----- a part of a head is left ------------------------+             Lingering
//!    +-- bytes --- Idle <------- no input is left --------------+                 |
//!    +-- turn ---- Pipelined <-- more input is left ------------+                 v
//!                                                                               Done
//! ```
//!
//! A fault in a request, an early end of the input and a deadline lead to an error response, which
//! is the last. `Lingering` is skipped if the client sends nothing more. An abort, for an eviction
//! or a failure of the socket, leads from any state to `Done`.
//!
//! What each event does in each state. An empty cell: the event cannot happen. "Noted": only
//! `input_ended` is set. "Waits": not evicted, and a shutdown waits for it.
//!
//! | state | bytes | end of input | resume | write side shut down | deadline | evicted | shutdown |
//! |---|---|---|---|---|---|---|---|
//! | `ReadingHead` | parsed | `Done`[^1] | | | 408, `Closing`[^1] | third | `Done` |
//! | `Idle` | parsed | noted, closed | | | `Done` | second | `Done` |
//! | `Pipelined` | buffered | noted | parsed | | 408, `Closing` | waits | waits |
//! | `SkippingBody` | skipped | 400, `Closing` | | | 408, `Closing` | third | `Done` |
//! | `Verifying` | buffered | noted | parsed again | | timer restarts | waits | waits |
//! | `Closing` | dropped | noted | | `Lingering`, `Done` | `Done` | waits | waits |
//! | `Lingering` | dropped | `Done` | | | `Done` | first | waits |
//! | `Done` | dropped | | | | | first | |
//!
//! [^1]: Before the first byte the end of the input is noted, and while there are only line ends a
//! deadline leads to `Done`.
//!
//! Orthogonal to the states are:
//!
//! - *Pending output*, which the client has not taken. While there is any, the next action is a
//!   write: nothing is read or resumed, the connection is not evicted, a shutdown waits for it, and
//!   a deadline leads to `Done`. Output that is taken restarts the timer and changes no state.
//! - *The end of the input*. Once everything before it is answered, the connection is closed.
//!
//! Timers are in `timers.rs`. A connection owns heap memory only for a part of a head, pipelined
//! input, a body that is skipped and pending output; between requests it owns none.

mod read;
mod state;
mod timers;

use self::state::State;
use super::{
    close::CloseReason, context::Context, error_response::ErrorResponse, head,
    next_action::NextAction, transmit::Transmit,
};
use crate::{
    limits::LINGER_MAX,
    site::{Readiness, UnverifiedContent},
};

/// One connection. The methods are in the order in which a worker calls them.
#[derive(Debug)]
pub struct Connection {
    state: State,
    /// Output that the client has not taken yet. It goes before everything else.
    pending_output: Option<Box<Transmit>>,
    /// Whether the client has shut down its write side.
    input_ended: bool,
    /// When it was accepted, or its last response was written.
    last_activity_ms: u64,
    /// When the running timer expires; see `timers.rs`.
    deadline_ms: u64,
}

/// What a client loses by an eviction, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EvictionClass {
    /// Nothing: the last response is written.
    Finished,
    /// A kept connection: every request is answered.
    Idle,
    /// A request that may be on its way. Clients send one at once, so of many connections in this
    /// class the oldest only hold their slots.
    Requesting,
}

impl Connection {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new(cx: &Context<'_>) -> Self {
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
        if self.pending_output.is_some() {
            return NextAction::Write;
        }
        match &self.state {
            State::Pipelined(_) => NextAction::Continue,
            State::Verifying { content, .. } => match content.readiness() {
                Readiness::Unchecked => NextAction::Verify,
                Readiness::Sound | Readiness::Damaged => NextAction::Continue,
            },
            State::ReadingHead(_) | State::Idle | State::SkippingBody(_) if self.input_ended => {
                NextAction::Close(CloseReason::ClientDone)
            }
            // More input is left in the kernel: a close now would reset the connection, and the
            // client may still be reading the response.
            State::Lingering { dropped, .. } if *dropped > LINGER_MAX => NextAction::Wait,
            State::ReadingHead(_)
            | State::Idle
            | State::SkippingBody(_)
            | State::Lingering { .. } => NextAction::Read,
            // Before a close, too: if the client has sent more meanwhile, the close resets the
            // connection, and what has not left by then is lost.
            State::Closing { .. } => NextAction::ShutdownWrite,
            State::Done(reason) => NextAction::Close(*reason),
        }
    }

    /// Reads bytes of the client and puts responses into `out`, which must be empty. Bytes that
    /// cannot be handled yet are buffered.
    pub fn read(&mut self, input: &[u8], cx: &mut Context<'_>, out: &mut Transmit) {
        if input.is_empty() {
            return;
        }
        match &mut self.state {
            State::Idle | State::SkippingBody(_) => self.advance(input, cx, out),
            State::ReadingHead(buffer) if buffer.is_empty() => self.advance(input, cx, out),
            State::ReadingHead(buffer) => {
                buffer.extend_from_slice(input);
                // Only a line end can complete a head or break its grammar, so bytes that arrive
                // one by one are not parsed again and again.
                if input.contains(&b'\n') || head::exceeds_limits(buffer) {
                    let buffer = std::mem::take(buffer);
                    self.advance(&buffer, cx, out);
                }
            }
            State::Pipelined(buffer) | State::Verifying { input: buffer, .. } => {
                buffer.extend_from_slice(input);
            }
            State::Lingering { dropped, .. } => *dropped += input.len() as u64,
            State::Closing { .. } | State::Done(_) => {}
        }
    }

    /// The client has shut down its write side.
    pub fn end_of_input(&mut self, cx: &mut Context<'_>, out: &mut Transmit) {
        self.input_ended = true;
        match &self.state {
            State::Lingering { reason, .. } => self.state = State::Done(*reason),
            State::SkippingBody(_) => {
                self.refuse(ErrorResponse::BadRequest, CloseReason::ClientLeftMidway, cx, out);
            }
            State::ReadingHead(buffer) if !buffer.is_empty() => {
                self.state = State::Done(CloseReason::ClientLeftMidway);
            }
            State::ReadingHead(_)
            | State::Idle
            | State::Pipelined(_)
            | State::Verifying { .. }
            | State::Closing { .. }
            | State::Done(_) => {}
        }
    }

    /// Continues with buffered input: another turn, or [`Connection::content_to_verify`] is
    /// verified.
    pub fn resume(&mut self, cx: &mut Context<'_>, out: &mut Transmit) {
        if self.pending_output.is_some() {
            return;
        }
        if let State::Pipelined(input) | State::Verifying { input, .. } = &mut self.state {
            let input = std::mem::take(input);
            self.advance(&input, cx, out);
        }
    }

    /// The content that has to be verified before the next response.
    #[must_use]
    pub fn content_to_verify(&self) -> Option<UnverifiedContent> {
        match self.state {
            State::Verifying { content, .. } => Some(content),
            _ => None,
        }
    }

    /// Whether the write side is shut down as soon as the output so far is written.
    #[must_use]
    pub fn shuts_down_next(&self) -> bool {
        matches!(self.state, State::Closing { .. })
    }

    /// Keeps the rest of an output that the client did not take.
    pub fn keep_pending_output(&mut self, rest: Transmit, cx: &Context<'_>) {
        self.pending_output = Some(Box::new(rest));
        self.restart_timer(cx);
    }

    /// The output that the client has not taken yet.
    pub fn pending_output(&mut self) -> Option<&mut Transmit> {
        self.pending_output.as_deref_mut()
    }

    /// The client took some of the pending output, or all of it.
    pub fn pending_output_taken(&mut self, cx: &Context<'_>) {
        if self.pending_output.as_ref().is_some_and(|pending| pending.is_empty()) {
            self.pending_output = None;
            self.last_activity_ms = cx.now_ms;
        }
        self.restart_timer(cx);
    }

    /// The write side is shut down.
    pub fn write_shut_down(&mut self, cx: &Context<'_>) {
        if let State::Closing { reason, lingers } = self.state {
            self.state = if lingers && !self.input_ended {
                State::Lingering { reason, dropped: 0 }
            } else {
                State::Done(reason)
            };
            self.restart_timer(cx);
        }
    }

    /// When [`Connection::expire`] is to be called unless something happens before.
    #[must_use]
    pub fn deadline_ms(&self) -> u64 {
        self.deadline_ms
    }

    /// The deadline has passed. There may be a last response in `out`.
    pub fn expire(&mut self, cx: &mut Context<'_>, out: &mut Transmit) {
        if self.pending_output.is_some() {
            return self.abort(CloseReason::ClientTakesNothing);
        }
        match &self.state {
            State::Lingering { reason, .. } | State::Closing { reason, .. } => {
                self.state = State::Done(*reason);
            }
            State::Idle => self.state = State::Done(CloseReason::Idle),
            // No request has begun, so there is nothing to respond to.
            State::ReadingHead(input) if input.iter().all(|it| matches!(it, b'\r' | b'\n')) => {
                self.state = State::Done(CloseReason::Idle);
            }
            // Verification ends by itself, and then the request is answered.
            State::Verifying { .. } => self.restart_timer(cx),
            State::ReadingHead(_) | State::Pipelined(_) | State::SkippingBody(_) => {
                self.refuse(ErrorResponse::RequestTimeout, CloseReason::RequestTooSlow, cx, out);
            }
            State::Done(_) => {}
        }
    }

    /// Whether a response is under way, which a shutdown waits for.
    #[must_use]
    pub fn is_responding(&self) -> bool {
        self.pending_output.is_some()
            || matches!(
                self.state,
                State::Pipelined(_)
                    | State::Verifying { .. }
                    | State::Closing { .. }
                    | State::Lingering { .. }
            )
    }

    /// Whether the last response is written.
    #[must_use]
    pub fn has_finished(&self) -> bool {
        let is_over = matches!(self.state, State::Lingering { .. } | State::Done(_));
        is_over && self.pending_output.is_none()
    }

    /// The order of eviction, the lowest first: the client that loses the least, and of these the
    /// one that has been inactive the longest. `None` while a response is under way.
    pub(crate) fn eviction_rank(&self) -> Option<(EvictionClass, u64)> {
        let class = match self.state {
            _ if self.pending_output.is_some() => return None,
            State::Lingering { .. } | State::Done(_) => EvictionClass::Finished,
            State::Idle => EvictionClass::Idle,
            State::ReadingHead(_) | State::SkippingBody(_) => EvictionClass::Requesting,
            State::Pipelined(_) | State::Verifying { .. } | State::Closing { .. } => return None,
        };
        Some((class, self.last_activity_ms))
    }

    /// Closes the connection immediately.
    pub fn abort(&mut self, reason: CloseReason) {
        self.pending_output = None;
        self.state = State::Done(reason);
    }
}
