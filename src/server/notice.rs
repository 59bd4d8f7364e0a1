//! This file owns what a running server has to say to its operator: problems, one line each.

use std::{
    fmt,
    io::{self, Write},
};

/// Says it on stderr, in one piece, since others may write there, too. Nobody may be listening, and
/// that is no reason to stop.
pub(super) fn complain(what: fmt::Arguments<'_>) {
    let _ = io::stderr().write_all(format!("chapbook: {what}\n").as_bytes());
}
