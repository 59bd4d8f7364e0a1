//! This file owns what an answer means for its connection: whether it goes on, and what the answer
//! says of that. It changes no state.

use super::{
    answer::{Answer, Persistence},
    close::CloseReason,
    framing::Framing,
    head::{Expectation, Head},
    method::Method,
    refusal::Refusal,
    respond::respond,
    surroundings::Surroundings,
};

/// An answer and what becomes of the connection behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) has_content: bool,
    pub(super) persistence: Persistence,
    /// Why the connection ends behind it; `None` where it goes on.
    pub(super) close: Option<CloseReason>,
}

impl Reply {
    /// What is said to a request with this head, whose content is still to pass.
    pub(super) fn new(head: &Head<'_>, around: Surroundings<'_>) -> Self {
        let answer = respond(head, around.site);
        let declines = head.expectation != Expectation::None && head.framing != Framing::None;
        let close = if answer.ends_connection() {
            Some(CloseReason::RequestRefused)
        } else if declines {
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
        } else if around.is_stopping {
            Some(CloseReason::Stopping)
        } else {
            None
        };
        let persistence = match close {
            Some(_) => Persistence::Closed,
            None if head.is_http_1_0 => Persistence::Kept,
            None => Persistence::Implied,
        };
        Self { answer, has_content: head.method != Method::Head, persistence, close }
    }

    /// A refusal that ends the connection.
    pub(super) fn refusal(refusal: Refusal, reason: CloseReason, has_content: bool) -> Self {
        Self {
            answer: Answer::Refused(refusal),
            has_content,
            persistence: Persistence::Closed,
            close: Some(reason),
        }
    }
}
