//! This file owns what a connection may want of whoever moves its bytes. It doesn't know when.

use super::close::CloseReason;

/// What a connection wants done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// Give it bytes from the client when there are any.
    Read,
    /// Call [`super::Connection::resume`] when the others had their turn.
    Continue,
    /// Nothing before its deadline, and no more bytes from the client.
    Wait,
    /// Have a look at [`super::Connection::awaited`], and call [`super::Connection::resume`] once
    /// that is done.
    Verify,
    /// Hand its output to the client.
    Write,
    /// End the sending side. What more the client sends may still be asked for.
    ShutdownWrite,
    /// Close it.
    Close(CloseReason),
}
