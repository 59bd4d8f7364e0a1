//! States of a connection, each with the input that it buffers.

use super::super::{close::CloseReason, framing::BodySkipper, planned_response::PlannedResponse};

/// See the diagram in `mod.rs`.
#[derive(Debug)]
pub(super) enum State<'s> {
    /// A part of a head, or nothing before the first request.
    ReadingHead(Vec<u8>),
    /// Every request is answered, and no byte of another one has arrived.
    Idle,
    /// Input that may contain complete requests. They wait until the pending output is written, or
    /// for the next turn.
    Pipelined(Vec<u8>),
    /// The head is parsed and the response planned. The body is skipped before the response, so
    /// that a fault in it can be reported and no request gets two responses.
    SkippingBody(Box<SkippingBody<'s>>),
    /// The last response is in the output, and nothing more is read.
    Closing {
        reason: CloseReason,
        /// Whether the client may still be sending.
        lingers: bool,
    },
    /// The write side is shut down. Input is read and dropped, because closing with unread input
    /// would reset the connection.
    Lingering {
        reason: CloseReason,
        /// The number of bytes dropped.
        dropped: u64,
    },
    /// The socket is to be closed.
    Done(CloseReason),
}

/// Data of `State::SkippingBody`. Boxed there, because it is large and rare.
#[derive(Debug)]
pub(super) struct SkippingBody<'s> {
    pub(super) skipper: BodySkipper,
    pub(super) response: PlannedResponse<'static, 's>,
    /// The head of the request for the access log; empty without a log.
    pub(super) head: Box<[u8]>,
}
