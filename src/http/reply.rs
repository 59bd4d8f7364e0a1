//! This file owns what an answer means for its connection: whether it goes on, and what the answer
//! says of that. It changes no state.

use super::{
    answer::{Answer, Persistence, Response},
    close::CloseReason,
    context::Context,
    error_response::ErrorResponse,
    framing::Framing,
    head::{Expectation, Head},
    method::Method,
    respond::respond,
};

/// An answer and what becomes of the connection behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply<'a> {
    pub(super) response: Response<'a>,
    pub(super) has_content: bool,
    pub(super) persistence: Persistence,
    /// Why the connection ends behind it; `None` where it goes on.
    pub(super) close: Option<CloseReason>,
}

impl<'a> Reply<'a> {
    /// What is said to a request with this head, whose content is still to pass.
    pub(super) fn new(head: &Head<'a>, cx: Context<'_>) -> Self {
        let response = respond(head, *cx.site);
        let has_request_content = head.framing != Framing::None;
        let declines = has_request_content && head.expectation != Expectation::None;
        // What holds a part of the path can't wait for the content: the path is gone by then.
        let cannot_wait = has_request_content && response.answer().is_none();
        let close = if response.answer().is_some_and(Answer::ends_connection) {
            Some(CloseReason::RequestRefused)
        } else if declines || cannot_wait {
            // RFC 9110 section 10.1.1: a final answer instead of 100 means that the content is not
            // wanted, but whether it comes all the same cannot be known.
            Some(CloseReason::ContentDeclined)
        } else if !head.keeps_alive {
            let by_version = head.is_http_1_0;
            Some(if by_version {
                CloseReason::OneRequestByVersion
            } else {
                CloseReason::ClientAsked
            })
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

    /// A refusal that ends the connection.
    pub(super) fn refusal(refusal: ErrorResponse, reason: CloseReason, has_content: bool) -> Self {
        Self {
            response: Response::Answer(Answer::Refused(refusal)),
            has_content,
            persistence: Persistence::Closed,
            close: Some(reason),
        }
    }
    /// The same without a part of the request in it; `None` where there is one.
    pub(super) fn outliving(self) -> Option<Reply<'static>> {
        let Self { response, has_content, persistence, close } = self;
        let response = Response::Answer(*response.answer()?);
        Some(Reply { response, has_content, persistence, close })
    }
}
