//! This file owns what a connection may want of whoever moves its bytes. It doesn't know when.

use super::close::CloseReason;

/// What a connection wants done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Give it bytes from the client when there are any.
    Receive,
    /// Call [`super::Connection::resume`] when the others had their turn.
    Resume,
    /// Nothing before its deadline, and no more bytes from the client.
    Wait,
    /// Have a look at [`super::Connection::awaited`], and call [`super::Connection::resume`] once
    /// that is done.
    Check,
    /// Hand its output to the client.
    Send,
    /// End the sending side. What more the client sends may still be asked for.
    EndSending,
    /// Close it.
    Close(CloseReason),
}
