//! From input to responses: heads, bodies, and what becomes of the rest.

use super::{
    super::{
        answer::Response,
        close::CloseReason,
        context::Context,
        error_response::ErrorResponse,
        framing::{BodySkipper, Skipped},
        head::{self, Reading},
        planned_response::PlannedResponse,
        transmit::Transmit,
    },
    Connection,
    state::{SkippingBody, State},
};
use crate::{
    limits::{READ_MAX, RESPONSES_PER_TURN_MAX},
    site::UnverifiedContent,
};

/// Outcome of reading a part of the input.
enum Step {
    /// A response is written; this many bytes are used.
    Responded(usize),
    /// This many bytes are used, and the others need more after them.
    Incomplete(usize),
    /// The request at the start of the input waits for this content.
    Unverified(UnverifiedContent),
}

impl Connection {
    /// Answers as many requests of `input` as this turn allows, one at least unless it is
    /// incomplete, and keeps the rest. The state before is one of those that read, and its buffer
    /// is empty.
    pub(super) fn advance(&mut self, input: &[u8], cx: &mut Context<'_>, out: &mut Transmit) {
        let mut restarts_timer = matches!(self.state, State::Idle);
        let mut used = 0;
        for _ in 0..RESPONSES_PER_TURN_MAX {
            match self.step(&input[used..], cx, out) {
                Step::Responded(count) => {
                    used += count;
                    restarts_timer = true;
                }
                Step::Incomplete(count) => {
                    used += count;
                    // A body that is skipped has used everything.
                    if !matches!(self.state, State::SkippingBody(_)) {
                        self.state = State::ReadingHead(input[used..].to_vec());
                    }
                    break;
                }
                Step::Unverified(content) => {
                    self.state = State::Verifying { content, input: input[used..].to_vec() };
                    break;
                }
            }
            if used == input.len() || out.is_full() || matches!(self.state, State::Closing { .. }) {
                break;
            }
        }
        match &mut self.state {
            // Where a read was as full as it can be, more may be unread in the kernel.
            State::Closing { lingers, .. } => {
                *lingers |= used < input.len() || input.len() >= READ_MAX;
            }
            State::Idle if used < input.len() => {
                self.state = State::Pipelined(input[used..].to_vec());
            }
            _ => {}
        }
        if restarts_timer {
            self.restart_timer(cx);
        }
    }

    /// Reads the body that is skipped, or a head.
    fn step(&mut self, input: &[u8], cx: &mut Context<'_>, out: &mut Transmit) -> Step {
        let State::SkippingBody(body) = &mut self.state else {
            return self.read_head(input, cx, out);
        };
        match body.skipper.skip(input) {
            Ok(Skipped::Partial) => Step::Incomplete(input.len()),
            Ok(Skipped::Complete(count)) => {
                let (response, head) = (body.response, std::mem::take(&mut body.head));
                self.respond(&response, &head, cx, out);
                Step::Responded(count)
            }
            Err(error) => {
                self.refuse(error, CloseReason::RequestRefused, cx, out);
                Step::Responded(0)
            }
        }
    }

    fn read_head(&mut self, input: &[u8], cx: &mut Context<'_>, out: &mut Transmit) -> Step {
        let mut fields = head::room();
        let error = match head::read(input, &mut fields) {
            Ok(Reading::Partial) => return Step::Incomplete(0),
            Ok(Reading::Complete(head, length)) => {
                let response = PlannedResponse::new(&head, cx);
                if let Response::Wait(content) = response.response {
                    return Step::Unverified(content);
                }
                let skipper = BodySkipper::new(head.framing);
                match skipper.and_then(|skipper| Some((skipper, response.without_request()?))) {
                    Some((skipper, response)) if response.waits_for_body() => {
                        return self.begin_body(skipper, response, input.split_at(length), cx, out);
                    }
                    _ => self.respond(&response, &input[..length], cx, out),
                }
                return Step::Responded(length);
            }
            Err(error) => error,
        };
        if error == ErrorResponse::VersionNotSupported {
            let mut lowered = input.to_vec();
            if head::lower_minor_version(&mut lowered) {
                return self.read_head(&lowered, cx, out);
            }
        }
        let has_content = !head::is_for_head(input);
        let response = PlannedResponse::last(error, CloseReason::RequestRefused, has_content);
        self.respond(&response, input, cx, out);
        Step::Responded(0)
    }

    /// Skips the body after a head. Nearly always it is complete already, and nothing is kept.
    fn begin_body(
        &mut self,
        mut skipper: BodySkipper,
        response: PlannedResponse<'static>,
        (head, input): (&[u8], &[u8]),
        cx: &mut Context<'_>,
        out: &mut Transmit,
    ) -> Step {
        match skipper.skip(input) {
            Ok(Skipped::Complete(count)) => {
                self.respond(&response, head, cx, out);
                Step::Responded(head.len() + count)
            }
            Ok(Skipped::Partial) => {
                let head = if cx.log.is_some() { head.into() } else { Box::default() };
                self.state =
                    State::SkippingBody(Box::new(SkippingBody { skipper, response, head }));
                Step::Incomplete(input.len())
            }
            Err(error) => {
                let reason = CloseReason::RequestRefused;
                let response = PlannedResponse::last(error, reason, response.has_content);
                self.respond(&response, head, cx, out);
                Step::Responded(head.len())
            }
        }
    }

    /// Answers a request that is incomplete with an error, as the last response.
    pub(super) fn refuse(
        &mut self,
        error: ErrorResponse,
        reason: CloseReason,
        cx: &mut Context<'_>,
        out: &mut Transmit,
    ) {
        let (has_content, head) = match std::mem::replace(&mut self.state, State::Idle) {
            State::SkippingBody(body) => (body.response.has_content, body.head.into_vec()),
            State::ReadingHead(input) | State::Pipelined(input) => {
                (!head::is_for_head(&input), input)
            }
            _ => (true, Vec::new()),
        };
        self.respond(&PlannedResponse::last(error, reason, has_content), &head, cx, out);
        self.restart_timer(cx);
    }

    /// Puts out the response to the request with this head.
    fn respond(
        &mut self,
        response: &PlannedResponse<'_>,
        head: &[u8],
        cx: &mut Context<'_>,
        out: &mut Transmit,
    ) {
        let PlannedResponse { response, has_content, persistence, close } = response;
        let content_length = response.write(out, cx.date, *persistence, *has_content);
        if let Some(log) = &mut cx.log {
            log.push(response.status(), content_length, *close, head);
        }
        self.last_activity_ms = cx.now_ms;
        match *close {
            Some(reason) => self.state = State::Closing { reason, lingers: reason.lingers() },
            // Between pipelined requests the state is right already, and an assignment would drop
            // the old one.
            None if matches!(self.state, State::Idle) => {}
            None => self.state = State::Idle,
        }
    }
}
