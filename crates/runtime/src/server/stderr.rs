//! Warnings and status of a running server, each one line on stderr.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
};

use super::system::stderr_has_room;

/// Prints a warning.
pub(super) fn warn(what: fmt::Arguments<'_>) {
    print(&format!("chapbook: {what}\n"));
}

/// Prints how many responses a shutdown waits for. On a terminal, the line replaces the `^C` that
/// the terminal has printed.
pub(super) fn report_stopping(responses: usize) {
    let start = if io::stderr().is_terminal() { "\r" } else { "" };
    let answers = match responses {
        1 => "1 answer is".to_owned(),
        count => format!("{count} answers are"),
    };
    print(&format!(
        "{start}Stopping: {answers} still being sent; press Ctrl-C again to stop now\n"
    ));
}

/// Prints a line with a single write, so that output of other processes cannot split it. The line
/// is dropped if stderr is not read, because a worker must not block.
fn print(line: &str) {
    if stderr_has_room() {
        let _ = io::stderr().write_all(line.as_bytes());
    }
}
