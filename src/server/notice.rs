//! This file owns what a running server has to say to its operator: problems, one line each.

use std::{
    fmt,
    io::{self, Write},
};

/// Says it on stderr. Nobody may be listening there, and that is no reason to stop.
pub(super) fn complain(what: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "chapbook: {what}");
}
