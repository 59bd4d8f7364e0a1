//! Sockets and readiness through std and polling, for every system but Linux.

use std::{
    io::{self, IoSlice, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    num::NonZeroUsize,
    time::Duration,
};

use socket2::Socket;

use crate::{limits::EVENTS_PER_WAIT_MAX, server::net::WAKE_KEY};

/// Accepts a connection as a non-blocking socket.
pub(super) fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, client) = listener.accept()?;
    // This fails only if the client has closed the connection.
    stream.set_nonblocking(true)?;
    // Only Linux and the BSDs inherit the option from the listener.
    let _ = stream.set_nodelay(true);
    Ok((stream, client))
}

/// Reads from the client.
pub(super) fn read(mut stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    stream.read(buffer)
}

/// Writes one piece.
pub(super) fn write(mut stream: &TcpStream, bytes: &[u8], _: bool) -> io::Result<usize> {
    stream.write(bytes)
}

/// Writes two pieces in one call.
pub(super) fn write_both(
    mut stream: &TcpStream,
    pieces: &[IoSlice<'_>; 2],
    _: bool,
) -> io::Result<usize> {
    stream.write_vectored(pieces)
}

/// Does nothing: content is never sent from a file.
pub(super) fn write_from_file(_: &TcpStream, _: &[u8], _: &[u8]) -> Option<io::Result<usize>> {
    None
}

/// Does nothing: content is never sent from a file.
pub(in crate::server) fn open_executable() {}

/// Does nothing: listeners are ready when a client has connected.
pub(in crate::server) fn defer_accept(_: &TcpListener) {}

/// No sockets: inheriting is supported on Linux only.
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
pub(in crate::server) fn take_inherited() -> Option<Vec<Socket>> {
    Some(Vec::new())
}

/// Never called: there are no inherited sockets.
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
pub(in crate::server) fn adopt(_: &Socket) -> io::Result<bool> {
    Ok(false)
}

/// Waits until a socket is ready, the timeout expires or a waker is used, and adds the keys of
/// ready sockets. A signal ends the wait without an error.
pub(super) fn wait(
    poller: &polling::Poller,
    timeout: Option<Duration>,
    ready: &mut Vec<usize>,
) -> io::Result<()> {
    let capacity = NonZeroUsize::new(EVENTS_PER_WAIT_MAX).unwrap_or(NonZeroUsize::MIN);
    let mut events = polling::Events::with_capacity(capacity);
    match poller.wait(&mut events, timeout) {
        Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
        _ => {}
    }
    ready.extend(events.iter().map(|event| event.key));
    // Whether the waker was used is not reported.
    ready.push(WAKE_KEY);
    Ok(())
}
