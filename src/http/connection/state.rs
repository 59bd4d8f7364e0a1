//! States of a connection, each with the input that it keeps.

use super::super::{close::CloseReason, framing::BodySkipper, planned_response::PlannedResponse};
use crate::site::UnverifiedContent;

/// See the diagram in `mod.rs`.
#[derive(Debug)]
pub(super) enum State {
    /// Part of a head, or nothing yet of the first request.
    ReadingHead(Vec<u8>),
    /// Everything is answered, and no byte of another request has arrived.
    Idle,
    /// Input that may hold complete requests. They wait until the output before them is taken, or
    /// until the other connections have had their turn.
    Pipelined(Vec<u8>),
    /// The head is read and the response planned. The body is skipped first, so that a fault in it
    /// can still be answered and no request is answered twice.
    SkippingBody(Box<SkippingBody>),
    /// `input` begins with a request whose content has to be verified before the response.
    Verifying { content: UnverifiedContent, input: Vec<u8> },
    /// The last response is put out, and nothing more is read.
    Closing {
        reason: CloseReason,
        /// Whether the client may still be sending.
        lingers: bool,
    },
    /// The write side is shut down; input is dropped so that a close does not reset the connection.
    Lingering {
        reason: CloseReason,
        /// In bytes.
        dropped: u64,
    },
    /// Nothing is left to do but to close the socket.
    Done(CloseReason),
}

/// What is kept while the body of a request is skipped. It is rare and large, and so boxed.
#[derive(Debug)]
pub(super) struct SkippingBody {
    pub(super) skipper: BodySkipper,
    pub(super) response: PlannedResponse<'static>,
    /// For the access log; empty without one.
    pub(super) head: Box<[u8]>,
}
