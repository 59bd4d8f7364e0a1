//! A response together with its effect on the connection: whether it stays open, and what the
//! `Connection` field says of that.

use super::{
    answer::{Answer, Persistence, Response},
    close::CloseReason,
    context::Context,
    error_response::ErrorResponse,
    framing::Framing,
    head::{Expectation, RequestHead},
    method::Method,
    respond::respond,
};

/// What is written for a request, and what becomes of the connection after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlannedResponse<'a> {
    pub(super) response: Response<'a>,
    /// Whether content is sent: not to HEAD.
    pub(super) has_content: bool,
    pub(super) persistence: Persistence,
    /// Why the connection closes after it; `None` where it stays open.
    pub(super) close: Option<CloseReason>,
}

impl<'a> PlannedResponse<'a> {
    /// The response to a request with this head, whose body is still to be skipped.
    pub(super) fn new(head: &RequestHead<'a>, cx: &Context<'_>) -> Self {
        let response = respond(head, *cx.site);
        let has_body = head.framing != Framing::None;
        let declines = has_body && head.expectation != Expectation::None;
        // A response with a part of the path in it cannot wait for the body: the path is gone by
        // then.
        let cannot_wait = has_body && response.answer().is_none();
        let close = if response.answer().is_some_and(Answer::ends_connection) {
            Some(CloseReason::RequestRefused)
        } else if declines || cannot_wait {
            // RFC 9110 section 10.1.1: a final response instead of 100 means that the body is not
            // wanted, but whether the client sends it anyway cannot be known.
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
            Some(_) => Persistence::Closed,
            None if head.is_http_1_0 => Persistence::Kept,
            None => Persistence::Implied,
        };
        Self { response, has_content: head.method != Method::Head, persistence, close }
    }

    /// An error response that is the last on its connection.
    pub(super) fn last(error: ErrorResponse, reason: CloseReason, has_content: bool) -> Self {
        Self {
            response: Response::Answer(Answer::Refused(error)),
            has_content,
            persistence: Persistence::Closed,
            close: Some(reason),
        }
    }

    /// The same without a reference to the request; `None` where the response has a part of it.
    pub(super) fn without_request(self) -> Option<PlannedResponse<'static>> {
        let Self { response, has_content, persistence, close } = self;
        let response = Response::Answer(*response.answer()?);
        Some(PlannedResponse { response, has_content, persistence, close })
    }

    /// Whether the body is skipped before the response is written.
    pub(super) fn waits_for_body(&self) -> bool {
        !self.close.is_some_and(CloseReason::lingers)
    }
}
