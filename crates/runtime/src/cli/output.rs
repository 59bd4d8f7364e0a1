//! Printing to stdout and stderr.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Prints a line to stdout.
pub(super) fn print_line(line: impl Display) {
    print_bytes(format!("{line}\n").as_bytes());
}

/// Prints bytes to stdout. A closed pipe is not an error.
pub(super) fn print_bytes(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
}

/// Prints a line to stderr, with a single write, so that output of other processes cannot split it.
pub(super) fn warn(line: impl Display) {
    let _ = io::stderr().write_all(format!("chapbook: {line}\n").as_bytes());
}

/// A number with a noun: `1 file`, `2 files`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
