//! Warnings of a running server, one line each on stderr.

use std::{
    fmt,
    io::{self, Write},
};

use super::system::stderr_has_room;

/// Prints a line in one piece, since other processes may write there, too. It is lost if stderr is
/// not read: a worker that waited would serve no client.
pub(super) fn warn(what: fmt::Arguments<'_>) {
    if stderr_has_room() {
        let _ = io::stderr().write_all(format!("chapbook: {what}\n").as_bytes());
    }
}
