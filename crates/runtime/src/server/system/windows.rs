//! Handles, signals and stderr on Windows.

use std::{io, net::TcpStream};

/// Never created: Ctrl-C requests a shutdown from a thread of its own.
pub(in crate::server) type SignalReader = TcpStream;

/// Whether an accept failed because the system has no socket or memory left. Then the listener
/// stays readable, and an immediate retry would fail again.
pub(in crate::server) fn is_exhausted(error: &io::Error) -> bool {
    // WSAEMFILE and WSAENOBUFS.
    matches!(error.raw_os_error(), Some(10024 | 10055))
}

/// No limit: sockets do not count as open files on Windows.
pub(in crate::server) fn raise_descriptor_limit(_: u64) -> u64 {
    u64::MAX
}

/// Does nothing. The option would allow two servers on the same port, and a restart works without
/// it.
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
pub(in crate::server) fn reuse_address(_: &socket2::Socket) -> io::Result<()> {
    Ok(())
}

/// Always true: Windows has no way to query this.
pub(in crate::server) fn stderr_has_room() -> bool {
    true
}
