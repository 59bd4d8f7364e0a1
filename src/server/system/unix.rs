//! File descriptors, signals and stderr on Unix.

use std::{io, os::unix::net::UnixStream};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

/// Becomes readable when a signal has requested a shutdown.
pub(in crate::server) type SignalReader = UnixStream;

/// Whether an accept failed because the system has no descriptor or memory left, and not because of
/// the client: then the listener stays readable, and another accept at once would fail again.
pub(in crate::server) fn is_exhausted(error: &io::Error) -> bool {
    let code = Errno::from_io_error(error);
    code.is_some_and(|it| [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM].contains(&it))
}

/// Raises the limit of open descriptors to `needed`, as far as the process may, and returns it.
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

/// Lets a server start again while connections of the one before still fade away.
pub(in crate::server) fn reuse_address(socket: &socket2::Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Whether stderr takes a line without a wait. A pipe is writable if it has room for 4,096 bytes,
/// which is more than any line here.
pub(in crate::server) fn stderr_has_room() -> bool {
    let stderr = io::stderr();
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let found = poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&at_once));
    found.map_or(true, |ready| ready > 0)
}
