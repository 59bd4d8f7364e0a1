//! What a connection needs from the worker.

use super::close::CloseReason;

/// What a connection needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// Bytes of the client, for [`super::Connection::read`].
    Read,
    /// [`super::Connection::resume`], after the other connections have had their turn.
    Continue,
    /// Nothing before its deadline: nothing more is read.
    Wait,
    /// Verification of [`super::Connection::content_to_verify`], and then
    /// [`super::Connection::resume`].
    Verify,
    /// A write of [`super::Connection::pending_output`].
    Write,
    /// A shutdown of the write side, and then [`super::Connection::write_shut_down`].
    ShutdownWrite,
    /// A close of the socket.
    Close(CloseReason),
}
