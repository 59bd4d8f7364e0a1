//! File descriptors, signals and stderr on Unix.

use std::{io, os::unix::net::UnixStream};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

/// Becomes readable when a signal has requested a shutdown.
pub(in crate::server) type SignalReader = UnixStream;

/// Whether an accept failed because the system has no descriptor or memory left. Then the listener
/// stays readable, and an immediate retry would fail again.
pub(in crate::server) fn is_exhausted(error: &io::Error) -> bool {
    let code = Errno::from_io_error(error);
    code.is_some_and(|it| [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM].contains(&it))
}

/// Raises the limit on open descriptors to `needed`, or as far as the process may. Returns the
/// limit.
pub(in crate::server) fn raise_descriptor_limit(needed: u64) -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let granted = current.unwrap_or(u64::MAX);
    let raised = maximum.unwrap_or(u64::MAX).min(needed);
    if raised <= granted {
        return granted;
    }
    let limit = Rlimit { current: Some(raised), maximum };
    setrlimit(Resource::Nofile, limit).map_or(granted, |()| raised)
}

/// Allows a server to restart while connections of the previous one are in `TIME_WAIT`.
pub(in crate::server) fn reuse_address(socket: &socket2::Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Whether a line can be written to stderr without blocking. A pipe is writable if it has space for
/// 4,096 bytes, which is more than any line of the server.
pub(in crate::server) fn stderr_has_room() -> bool {
    let stderr = io::stderr();
    let no_wait = Timespec { tv_sec: 0, tv_nsec: 0 };
    let found = poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&no_wait));
    found.map_or(true, |ready| ready > 0)
}
