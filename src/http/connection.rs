//! This file owns the life of a connection: every change of its state is here. It sees bytes and
//! times that it is given, and says what it wants done next; it doesn't know who does it.
//!
//! ```text
//!            head whole, no content            all sent, may go on
//!   +------+ ----------------------> answer -----------------------+
//!   | Head |                            ^                          |
//!   +------+ --head whole--> Content ---+ content passed           v
//!      ^                        |       |                        (Head)
//!      |                        | fault | refusal, or the last
//!      +------------------------+-------+-------> Closing --all sent--> Lingering --> Done
//!                                                    |                               ^
//!                                                    +-- nothing unread is expected -+
//! ```
//!
//! A connection owns bytes only while a head is incomplete, while requests wait behind an answer
//! that is not taken yet, or while the client doesn't take it.

mod interface;

use super::{
    answer::Response,
    close::CloseReason,
    context::Context,
    error_response::ErrorResponse,
    framing::{BodySkipper, Skipped},
    head::{self, Reading},
    journal::Entry,
    reply::Reply,
    transmit::Transmit,
};
use crate::{
    limits::{ANSWERS_PER_TURN_MAX, LINGER_MS_MAX, RECEIVE_MAX, REQUEST_MS_MAX, SEND_MS_MAX},
    site::Representation,
};

#[derive(Debug)]
enum State {
    /// Between requests or within a head.
    Head,
    /// The head is read, and what will be said is decided; the content has to pass first, so that
    /// a fault in it can still be answered, and is never answered twice.
    Content(Box<SkippingBody>),
    /// The next answer waits until this content is looked at; its request is kept.
    Checking(Representation),
    /// The last answer is on its way; nothing more is heard.
    Closing { reason: CloseReason, lingers: bool },
    /// Everything is sent; what still arrives is dropped.
    Lingering { reason: CloseReason, dropped: u64 },
    /// There is nothing left to do.
    Done(CloseReason),
}

/// What is known while the content of a request passes. It is rare, and large beside the rest.
#[derive(Debug)]
struct SkippingBody {
    drain: BodySkipper,
    reply: Reply<'static>,
    /// For whoever keeps a log; empty where nobody does.
    head: Box<[u8]>,
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    state: State,
    /// Input that could not be dealt with yet.
    input_buf: Vec<u8>,
    /// Whether `held` may hold a whole request, so that more input is not asked for.
    has_pipelined: bool,
    /// Output that the client has not taken yet.
    unsent: Option<Box<Transmit>>,
    /// Whether the client ended its side.
    input_ended: bool,
    /// How many requests have been answered.
    answers: u32,
    /// When it was accepted, or its last answer left; its deadline is nearer in a crowd.
    last_activity_ms: u64,
    deadline_ms: u64,
}

impl Connection {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new(now_ms: u64) -> Self {
        Self {
            state: State::Head,
            input_buf: Vec::new(),
            has_pipelined: false,
            unsent: None,
            input_ended: false,
            answers: 0,
            last_activity_ms: now_ms,
            deadline_ms: now_ms + REQUEST_MS_MAX,
        }
    }

    /// Takes bytes from the client and puts answers into `out`, which must be empty. Bytes that
    /// can't be dealt with yet are kept.
    pub fn receive(&mut self, input: &[u8], cx: Context<'_>, out: &mut Transmit) {
        match &mut self.state {
            State::Lingering { dropped, .. } => {
                *dropped += input.len() as u64;
                return;
            }
            State::Closing { .. } | State::Done(_) => return,
            State::Head | State::Content(_) | State::Checking(_) => {}
        }
        if self.input_buf.is_empty() {
            // The first byte of a later request starts its deadline.
            if self.answers > 0 && matches!(self.state, State::Head) {
                self.deadline_ms = cx.now_ms + REQUEST_MS_MAX;
            }
            self.advance(input, cx, out);
        } else {
            self.input_buf.extend_from_slice(input);
            // Only a line end can complete a head or show that it is none, so that bytes that come
            // one by one are not parsed again and again.
            if input.contains(&b'\n') || head::exceeds_limits(&self.input_buf) {
                self.advance_held(cx, out);
            }
        }
    }

    /// Goes on with input that waits already.
    pub fn resume(&mut self, cx: Context<'_>, out: &mut Transmit) {
        if matches!(self.state, State::Checking(_)) {
            self.state = State::Head;
        }
        if self.has_pipelined && self.unsent.is_none() {
            self.advance_held(cx, out);
        }
    }

    /// Takes note that the client ended its side.
    pub fn end_of_input(&mut self, cx: Context<'_>, out: &mut Transmit) {
        self.input_ended = true;
        match &self.state {
            State::Lingering { reason, .. } => self.state = State::Done(*reason),
            State::Content(_) => {
                self.refuse(ErrorResponse::BadRequest, CloseReason::ClientLeftMidway, cx, out);
            }
            State::Head if !self.input_buf.is_empty() && !self.has_pipelined => {
                self.state = State::Done(CloseReason::ClientLeftMidway);
            }
            State::Head | State::Checking(_) | State::Closing { .. } | State::Done(_) => {}
        }
    }

    /// Keeps what the client did not take of the output.
    pub fn keep(&mut self, rest: Transmit, now_ms: u64) {
        self.unsent = Some(Box::new(rest));
        self.deadline_ms = now_ms + SEND_MS_MAX;
    }

    /// The output that was kept, to be sent first.
    pub fn unsent(&mut self) -> Option<&mut Transmit> {
        self.unsent.as_deref_mut()
    }

    /// Takes note that the client took some of what was kept.
    pub fn sent(&mut self, cx: Context<'_>) {
        if self.unsent.as_ref().is_some_and(|unsent| !unsent.is_empty()) {
            self.deadline_ms = cx.now_ms + SEND_MS_MAX;
            return;
        }
        self.unsent = None;
        self.last_activity_ms = cx.now_ms;
        let is_idle = self.is_between_requests();
        self.deadline_ms = cx.now_ms + if is_idle { cx.idle_ms } else { REQUEST_MS_MAX };
    }

    /// Takes note that the sending side is ended.
    pub fn write_shut_down(&mut self, now_ms: u64) {
        if let State::Closing { reason, lingers } = self.state {
            self.state = if lingers && !self.input_ended {
                State::Lingering { reason, dropped: 0 }
            } else {
                State::Done(reason)
            };
            self.deadline_ms = now_ms + LINGER_MS_MAX;
        }
    }

    /// Takes note that the deadline has passed. There may be a last answer in `out`.
    pub fn expire(&mut self, cx: Context<'_>, out: &mut Transmit) {
        if self.unsent.is_some() {
            self.unsent = None;
            self.state = State::Done(CloseReason::ClientTakesNothing);
            return;
        }
        match &self.state {
            State::Lingering { reason, .. } | State::Closing { reason, .. } => {
                self.state = State::Done(*reason);
            }
            // Nothing that could be a request has come: there is nobody to answer.
            State::Head if self.input_buf.iter().all(|byte| matches!(byte, b'\r' | b'\n')) => {
                self.state = State::Done(CloseReason::Idle);
            }
            // It ends by itself, and then the request is answered.
            State::Checking(_) => self.deadline_ms = cx.now_ms + REQUEST_MS_MAX,
            State::Head | State::Content(_) => {
                self.refuse(ErrorResponse::RequestTimeout, CloseReason::RequestTooSlow, cx, out);
            }
            State::Done(_) => {}
        }
    }

    /// Gives it up for someone else's sake.
    pub fn abandon(&mut self, reason: CloseReason) {
        self.unsent = None;
        self.state = State::Done(reason);
    }

    fn is_between_requests(&self) -> bool {
        matches!(self.state, State::Head) && self.input_buf.is_empty() && self.unsent.is_none()
    }

    fn advance_held(&mut self, cx: Context<'_>, out: &mut Transmit) {
        let held = std::mem::take(&mut self.input_buf);
        self.advance(&held, cx, out);
    }

    /// Deals with as many requests of `input` as may be dealt with now, and keeps the rest.
    fn advance(&mut self, input: &[u8], cx: Context<'_>, out: &mut Transmit) {
        let answers_before = self.answers;
        let mut used = 0;
        self.has_pipelined = false;
        for _ in 0..ANSWERS_PER_TURN_MAX {
            let rest = &input[used..];
            match &self.state {
                State::Head | State::Content(_) if !rest.is_empty() && !out.is_full() => {}
                _ => break,
            }
            match self.step(rest, cx, out) {
                Step::Used(count) => used += count,
                Step::NeedsMore(count) => {
                    return self.hold(&input[used + count..], cx, answers_before);
                }
            }
        }
        self.has_pipelined = used < input.len();
        self.hold(&input[used..], cx, answers_before);
        // Where a receive was as full as it can be, more may lie unread in the system.
        if let State::Closing { lingers, .. } = &mut self.state {
            *lingers |= input.len() >= RECEIVE_MAX;
        }
    }

    fn hold(&mut self, rest: &[u8], cx: Context<'_>, answers_before: u32) {
        let is_content = matches!(self.state, State::Content(_));
        match &mut self.state {
            State::Head | State::Content(_) | State::Checking(_) => {
                self.input_buf = rest.to_vec();
                let is_begun = !rest.is_empty() || is_content;
                if is_begun && self.answers != answers_before {
                    self.deadline_ms = cx.now_ms + REQUEST_MS_MAX;
                }
            }
            State::Closing { lingers, .. } => *lingers |= !rest.is_empty(),
            State::Lingering { .. } | State::Done(_) => {}
        }
    }

    /// One step along the states: a head, or a piece of content.
    fn step(&mut self, input: &[u8], cx: Context<'_>, out: &mut Transmit) -> Step {
        let State::Content(passing) = &mut self.state else {
            return self.step_head(input, cx, out);
        };
        match passing.drain.skip(input) {
            Ok(Skipped::Partial) => Step::NeedsMore(input.len()),
            Ok(Skipped::Whole(count)) => {
                let (reply, head) = (passing.reply, std::mem::take(&mut passing.head));
                self.reply(reply, &head, cx, out);
                Step::Used(count)
            }
            Err(refusal) => {
                self.refuse(refusal, CloseReason::RequestRefused, cx, out);
                Step::Used(0)
            }
        }
    }

    fn step_head(&mut self, input: &[u8], cx: Context<'_>, out: &mut Transmit) -> Step {
        let mut room = head::room();
        let refusal = match head::read(input, &mut room) {
            Ok(Reading::Partial) => return Step::NeedsMore(0),
            Ok(Reading::Whole(head, length)) => {
                let reply = Reply::new(&head, cx);
                if let Response::Wait(content) = reply.response {
                    self.state = State::Checking(content);
                    return Step::Used(0);
                }
                match BodySkipper::new(head.framing).zip(reply.outliving()) {
                    Some((drain, reply)) if reply.close.is_none_or(CloseReason::hears_content) => {
                        return self.begin_content(drain, reply, input.split_at(length), cx, out);
                    }
                    _ => self.reply(reply, &input[..length], cx, out),
                }
                return Step::Used(length);
            }
            Err(refusal) => refusal,
        };
        if refusal == ErrorResponse::VersionNotSupported {
            let mut lowered = input.to_vec();
            if head::lower_minor_version(&mut lowered) {
                return self.step_head(&lowered, cx, out);
            }
        }
        let reason = CloseReason::RequestRefused;
        self.reply(Reply::refusal(refusal, reason, !head::is_for_head(input)), input, cx, out);
        Step::Used(0)
    }

    /// The first piece of content, behind its head. Where it is all there is, as it nearly always
    /// is, nothing has to be kept.
    fn begin_content(
        &mut self,
        mut drain: BodySkipper,
        reply: Reply<'static>,
        (head, input): (&[u8], &[u8]),
        cx: Context<'_>,
        out: &mut Transmit,
    ) -> Step {
        match drain.skip(input) {
            Ok(Skipped::Whole(count)) => {
                self.reply(reply, head, cx, out);
                Step::Used(head.len() + count)
            }
            Ok(Skipped::Partial) => {
                let kept = if cx.journal.is_some() { head.into() } else { Box::default() };
                self.state = State::Content(Box::new(SkippingBody { drain, reply, head: kept }));
                Step::NeedsMore(head.len() + input.len())
            }
            Err(refusal) => {
                let reason = CloseReason::RequestRefused;
                let reply = Reply::refusal(refusal, reason, reply.has_content);
                self.reply(reply, head, cx, out);
                Step::Used(head.len())
            }
        }
    }

    /// Refuses what could not be heard to its end.
    fn refuse(
        &mut self,
        refusal: ErrorResponse,
        reason: CloseReason,
        cx: Context<'_>,
        out: &mut Transmit,
    ) {
        let (has_content, head) = match &mut self.state {
            State::Content(it) => (it.reply.has_content, std::mem::take(&mut it.head)),
            _ => (!head::is_for_head(&self.input_buf), std::mem::take(&mut self.input_buf).into()),
        };
        self.reply(Reply::refusal(refusal, reason, has_content), &head, cx, out);
    }

    /// Answers a request with this head.
    fn reply(&mut self, reply: Reply<'_>, head: &[u8], cx: Context<'_>, out: &mut Transmit) {
        let Reply { response, has_content, persistence, close } = reply;
        let content_length = response.write(out, cx.date, persistence, has_content);
        if let Some(journal) = cx.journal {
            journal.note(Entry { head, status: response.status(), content_length, close });
        }
        self.answers = self.answers.saturating_add(1);
        self.last_activity_ms = cx.now_ms;
        self.deadline_ms = cx.now_ms + cx.idle_ms;
        self.state = match close {
            Some(reason) => State::Closing { reason, lingers: reason.lingers() },
            None => State::Head,
        };
    }
}

/// How far a step got.
enum Step {
    /// It dealt with so many bytes.
    Used(usize),
    /// The same, and the others make no sense without more.
    NeedsMore(usize),
}
