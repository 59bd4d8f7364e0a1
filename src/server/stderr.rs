//! This file owns what a running server has to say to its operator: problems, one line each.

use std::{
    fmt,
    io::{self, Write},
};

/// Says it on stderr, in one piece, since others may write there, too. Where nobody reads, it is
/// lost: a loop that waited for its operator would answer nobody.
pub(super) fn warn(what: fmt::Arguments<'_>) {
    if has_room() {
        let _ = io::stderr().write_all(format!("chapbook: {what}\n").as_bytes());
    }
}

/// Whether stderr takes a line without a wait. A pipe says so where it has room for 4,096 bytes,
/// which is more than any line here.
#[cfg(unix)]
fn has_room() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stderr = io::stderr();
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let found = poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&at_once));
    found.map_or(true, |ready| ready > 0)
}

/// Elsewhere it can't be asked.
#[cfg(not(unix))]
fn has_room() -> bool {
    true
}
