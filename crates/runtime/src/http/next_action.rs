//! Actions that a connection needs from the worker.

use super::close::CloseReason;

/// What a connection needs next from the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// A read from the socket, and then [`super::Connection::read`] or
    /// [`super::Connection::end_of_input`].
    Read,
    /// A call of [`super::Connection::resume`] in the next turn.
    Continue,
    /// Nothing until its deadline. The socket is not read.
    Wait,
    /// A write of [`super::Connection::pending_output`].
    Write,
    /// A shutdown of the write side, and then [`super::Connection::write_shut_down`].
    ShutdownWrite,
    /// A close of the socket, for this reason.
    Close(CloseReason),
}
