//! Handles, signals and stderr on Windows.

use std::{io, net::TcpStream};

/// Never made: Ctrl-C requests a shutdown from a thread of its own.
pub(in crate::server) type SignalReader = TcpStream;

/// Whether an accept failed because the system has no socket or memory left, and not because of the
/// client: then the listener stays readable, and another accept at once would fail again.
pub(in crate::server) fn is_exhausted(error: &io::Error) -> bool {
    // WSAEMFILE and WSAENOBUFS.
    matches!(error.raw_os_error(), Some(10024 | 10055))
}

/// Sockets do not count against a limit of files here.
pub(in crate::server) fn raise_descriptor_limit(_: u64) -> u64 {
    u64::MAX
}

/// Windows would let two servers listen on the same port, and needs no option to start again.
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
pub(in crate::server) fn reuse_address(_: &socket2::Socket) -> io::Result<()> {
    Ok(())
}

/// Cannot be known here.
pub(in crate::server) fn stderr_has_room() -> bool {
    true
}
