//! Processing of input: heads, bodies, responses, and buffering of the rest.

use super::{
    super::{
        close::CloseReason,
        context::Context,
        error_response::ErrorResponse,
        framing::{BodySkipper, Skipped},
        gate::Gate,
        head::{self, ParsedHead, RequestHead},
        planned_response::PlannedResponse,
        transmit::Transmit,
    },
    Connection,
    state::{SkippingBody, State},
};
use crate::limits::{READ_MAX, RESPONSES_PER_TURN_MAX};

/// Outcome of one step in the processing of input.
enum StepOutcome {
    /// A response is in the output; this many bytes are consumed.
    Responded(usize),
    /// This many bytes are consumed, and more input is needed.
    Incomplete(usize),
}

impl<'s> Connection<'s> {
    /// Responds to as many requests of `input` as a turn allows, and buffers the rest. The buffer
    /// of the current state must be empty.
    pub(super) fn process(
        &mut self,
        input: &[u8],
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) {
        let was_idle = matches!(self.state, State::Idle);
        let mut has_responded = false;
        let mut consumed = 0;
        for _ in 0..RESPONSES_PER_TURN_MAX {
            match self.step(&input[consumed..], cx, out) {
                StepOutcome::Responded(count) => {
                    consumed += count;
                    has_responded = true;
                }
                StepOutcome::Incomplete(count) => {
                    consumed += count;
                    // Skipping a body consumes all input, and the state is set already.
                    if !matches!(self.state, State::SkippingBody(_)) {
                        self.state = State::ReadingHead(input[consumed..].to_vec());
                    }
                    break;
                }
            }
            if consumed == input.len()
                || out.is_full()
                || matches!(self.state, State::Closing { .. })
            {
                break;
            }
        }
        match &mut self.state {
            // If the read filled its buffer, the kernel may have more input.
            State::Closing { lingers, .. } => {
                *lingers |= consumed < input.len() || input.len() >= READ_MAX;
            }
            State::Idle if consumed < input.len() => {
                self.state = State::Pipelined(input[consumed..].to_vec());
            }
            _ => {}
        }
        if has_responded {
            self.last_activity_ms = cx.now_ms;
        }
        if was_idle || has_responded {
            self.restart_timer(cx);
        }
    }

    /// Skips the body of the current request, or reads the head of the next one.
    fn step(
        &mut self,
        input: &[u8],
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) -> StepOutcome {
        let State::SkippingBody(body) = &mut self.state else {
            return self.step_head(input, cx, out);
        };
        match body.skipper.skip(input) {
            Ok(Skipped::Partial) => StepOutcome::Incomplete(input.len()),
            Ok(Skipped::Complete(count)) => {
                let (response, head) = (body.response, std::mem::take(&mut body.head));
                self.respond(&response, &head, cx, out);
                StepOutcome::Responded(count)
            }
            Err(error) => {
                self.respond_with_error(error, CloseReason::RequestRefused, cx, out);
                StepOutcome::Responded(0)
            }
        }
    }

    /// Parses the head at the start of the input, and responds if its body need not be skipped.
    fn step_head(
        &mut self,
        input: &[u8],
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) -> StepOutcome {
        let mut buffers = head::field_buffers();
        let error = match head::parse(input, &mut buffers) {
            Ok(ParsedHead::Partial) => return StepOutcome::Incomplete(0),
            Ok(ParsedHead::Complete(head, length)) => {
                if let Some(gate) = cx.gate
                    && self.step_gate(gate, &head, &input[..length], cx, out)
                {
                    return StepOutcome::Responded(length);
                }
                let response = PlannedResponse::new(&head, cx);
                let skipper = BodySkipper::new(head.framing);
                match skipper.and_then(|skipper| Some((skipper, response.without_request()?))) {
                    Some((skipper, response)) if response.waits_for_body() => {
                        return self.step_body(skipper, response, input.split_at(length), cx, out);
                    }
                    _ => self.respond(&response, &input[..length], cx, out),
                }
                return StepOutcome::Responded(length);
            }
            Err(error) => error,
        };
        if error == ErrorResponse::VersionNotSupported {
            let mut lowered = input.to_vec();
            if head::lower_minor_version(&mut lowered) {
                return self.step_head(&lowered, cx, out);
            }
        }
        // RFC 9110 section 7.4: only over TLS may a target have the scheme `https`.
        if error == ErrorResponse::MisdirectedRequest
            && cx.is_secure
            && let Some(shorter) = head::with_http_scheme(input)
        {
            return match self.step_head(&shorter, cx, out) {
                StepOutcome::Responded(count) => StepOutcome::Responded(count + 1),
                StepOutcome::Incomplete(count) => StepOutcome::Incomplete(count + 1),
            };
        }
        let has_content = !head::is_head_request(input);
        let response = PlannedResponse::last(error, CloseReason::RequestRefused, has_content);
        self.respond(&response, input, cx, out);
        StepOutcome::Responded(0)
    }

    /// Responds to a head that does not pass the gate. A function of its own, so that requests to
    /// servers without a gate cost nothing more.
    #[cold]
    #[inline(never)]
    fn step_gate(
        &mut self,
        gate: &'s Gate,
        head: &RequestHead<'_>,
        bytes: &[u8],
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) -> bool {
        let response = PlannedResponse::at_gate(gate, head, cx);
        response.inspect(|response| self.respond(response, bytes, cx, out)).is_some()
    }

    /// Skips the body after a head. The body is nearly always in the same read, so the state is
    /// allocated only if it is not.
    fn step_body(
        &mut self,
        mut skipper: BodySkipper,
        response: PlannedResponse<'static, 's>,
        (head, input): (&[u8], &[u8]),
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) -> StepOutcome {
        match skipper.skip(input) {
            Ok(Skipped::Complete(count)) => {
                self.respond(&response, head, cx, out);
                StepOutcome::Responded(head.len() + count)
            }
            Ok(Skipped::Partial) => {
                let head = if cx.log.is_some() { head.into() } else { Box::default() };
                self.state =
                    State::SkippingBody(Box::new(SkippingBody { skipper, response, head }));
                StepOutcome::Incomplete(input.len())
            }
            Err(error) => {
                let reason = CloseReason::RequestRefused;
                let response = PlannedResponse::last(error, reason, response.has_content);
                self.respond(&response, head, cx, out);
                StepOutcome::Responded(head.len())
            }
        }
    }

    /// Responds to an incomplete request with an error, and closes the connection after it.
    pub(super) fn respond_with_error(
        &mut self,
        error: ErrorResponse,
        reason: CloseReason,
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) {
        let (has_content, head) = match std::mem::replace(&mut self.state, State::Idle) {
            State::SkippingBody(body) => (body.response.has_content, body.head.into_vec()),
            State::ReadingHead(input) | State::Pipelined(input) => {
                (!head::is_head_request(&input), input)
            }
            _ => (true, Vec::new()),
        };
        self.respond(&PlannedResponse::last(error, reason, has_content), &head, cx, out);
        self.last_activity_ms = cx.now_ms;
        self.restart_timer(cx);
    }

    /// Puts the response into the output, records it, and enters the state after it.
    fn respond(
        &mut self,
        response: &PlannedResponse<'_, 's>,
        head: &[u8],
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) {
        let PlannedResponse { response, has_content, persistence, close } = response;
        let content = response.write(out, cx.date, *persistence, *has_content);
        if let Some(log) = &mut cx.log {
            log.push(response.status(), content.len() as u64, *close, head);
        }
        match *close {
            Some(reason) => self.state = State::Closing { reason, lingers: reason.lingers() },
            // Between pipelined requests the state is already `Idle`, and an assignment would drop
            // the old value.
            None if matches!(self.state, State::Idle) => {}
            None => self.state = State::Idle,
        }
    }
}
