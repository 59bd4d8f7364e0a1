//! Warnings of a running server, each one line on stderr.

use std::{
    fmt,
    io::{self, Write},
};

use super::system::stderr_has_room;

/// Prints a line with a single write, so that output of other processes cannot split it. The line
/// is dropped if stderr is not read, because a worker must not block.
pub(super) fn warn(what: fmt::Arguments<'_>) {
    if stderr_has_room() {
        let _ = io::stderr().write_all(format!("chapbook: {what}\n").as_bytes());
    }
}
