//! Response together with its effect on the connection: whether the connection stays open, and
//! which `Connection` field says so.

use super::{
    close::CloseReason,
    context::Context,
    error_response::ErrorResponse,
    framing::Framing,
    gate::Gate,
    gate_response::respond_at_gate,
    head::{Expectation, RequestHead},
    method::Method,
    respond::respond,
    response::{Persistence, Response, StaticResponse},
};

/// A response, how it is written, and whether the connection closes after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlannedResponse<'a, 's> {
    pub(super) response: Response<'a, 's>,
    /// Whether content is written: not for HEAD.
    pub(super) has_content: bool,
    pub(super) persistence: Persistence,
    /// Why the connection closes after the response; `None` if it stays open.
    pub(super) close: Option<CloseReason>,
}

impl<'a, 's> PlannedResponse<'a, 's> {
    /// The response to a request with this head, whose body has not been read.
    #[expect(clippy::inline_always, reason = "its result is long, so returning it takes a copy")]
    #[inline(always)]
    pub(super) fn new(head: &RequestHead<'a>, cx: &Context<'_, 's>) -> Self {
        Self::of(respond(head, cx), head, cx)
    }

    /// The same for a request that does not pass the gate. Its body, if any, is declined.
    pub(super) fn at_gate(
        gate: &'s Gate,
        head: &RequestHead<'a>,
        cx: &Context<'_, 's>,
    ) -> Option<Self> {
        let planned = Self::of(respond_at_gate(gate, head, cx)?, head, cx);
        let has_body = head.framing != Framing::None;
        Some(if has_body { planned.declining_the_body() } else { planned })
    }

    #[expect(clippy::inline_always, reason = "its result is long, so returning it takes a copy")]
    #[inline(always)]
    fn of(response: Response<'a, 's>, head: &RequestHead<'a>, cx: &Context<'_, 's>) -> Self {
        let has_body = head.framing != Framing::None;
        let declines = has_body && head.expectation != Expectation::None;
        // A response that contains a part of the path cannot wait for the body, because the head is
        // not kept.
        let cannot_wait = has_body && response.as_static().is_none();
        let close = if response.as_static().is_some_and(StaticResponse::ends_connection) {
            Some(CloseReason::RequestRefused)
        } else if declines || cannot_wait {
            // RFC 9110 section 10.1.1: a final response instead of 100 declines the body, but the
            // client may send it anyway.
            Some(CloseReason::ContentDeclined)
        } else if !head.keeps_alive && head.is_http_1_0 {
            Some(CloseReason::OneRequestByVersion)
        } else if !head.keeps_alive {
            Some(CloseReason::ClientAsked)
        } else if cx.is_stopping {
            Some(CloseReason::Stopping)
        } else {
            None
        };
        let persistence = match close {
            Some(_) => Persistence::Close,
            None if head.is_http_1_0 => Persistence::KeepAlive,
            None => Persistence::Implied,
        };
        Self { response, has_content: head.method != Method::Head, persistence, close }
    }

    /// The same response, after which the connection closes, because the body is not read.
    fn declining_the_body(self) -> Self {
        let close = self.close.or(Some(CloseReason::ContentDeclined));
        Self { persistence: Persistence::Close, close, ..self }
    }

    /// An error response after which the connection closes.
    pub(super) fn last(error: ErrorResponse, reason: CloseReason, has_content: bool) -> Self {
        Self {
            response: Response::Static(StaticResponse::Error(error)),
            has_content,
            persistence: Persistence::Close,
            close: Some(reason),
        }
    }

    /// The same without a borrow of the request; `None` if the response contains a part of it.
    pub(super) fn without_request(self) -> Option<PlannedResponse<'static, 's>> {
        let Self { response, has_content, persistence, close } = self;
        let response = Response::Static(*response.as_static()?);
        Some(PlannedResponse { response, has_content, persistence, close })
    }

    /// Whether the body is skipped before the response is written, so that a fault in it can still
    /// be reported.
    pub(super) fn waits_for_body(&self) -> bool {
        !self.close.is_some_and(CloseReason::lingers)
    }
}
