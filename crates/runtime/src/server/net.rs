//! What an event loop needs of the system: time, sockets and readiness. `system/` implements it for
//! real, `simulation/` for tests.

use std::{
    fmt,
    io::{self, IoSlice},
    net::IpAddr,
    time::Duration,
};

use crate::tls::Session;

/// The lowest key of a listener. Lower keys belong to connections, of which there are never this
/// many.
pub(super) const LISTENER_KEY: usize = usize::MAX / 2;

/// The lowest key of what only ends a wait. polling reserves the highest key for its notifier.
pub(super) const WAKE_KEY: usize = usize::MAX - 1;

/// Readiness for which a socket is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// No readiness; only errors are reported.
    Pause,
    /// Bytes, the end of the input, or a connection to accept.
    Read,
    /// Space in the send buffer.
    Write,
}

/// The system, as one event loop uses it.
pub(super) trait Net {
    /// The server's end of a connection. Dropping it closes the connection.
    type Socket: Socket;

    /// Milliseconds since the start, on a monotonic clock.
    fn now_ms(&self) -> u64;

    /// Microseconds on the same clock, for measurements.
    fn now_us(&self) -> u64;

    /// Milliseconds since 1970, on the system clock, which may be set.
    fn wall_ms(&self) -> u64;

    /// Waits until a socket is ready, the timeout expires or another thread wakes the loop. Adds
    /// the keys of ready sockets to `ready`.
    fn wait(&mut self, timeout: Option<Duration>, ready: &mut Vec<usize>) -> io::Result<()>;

    /// Enables or disables polling of the listeners.
    fn set_accepting(&mut self, is_accepting: bool) -> io::Result<()>;

    /// Accepts a connection from the listener with the key `LISTENER_KEY + index`, and gives it the
    /// key `key`. Returns its socket and the address of the client.
    fn accept(&mut self, index: usize, key: usize) -> io::Result<(Self::Socket, IpAddr)>;

    /// Closes the listeners.
    fn close_listeners(&mut self);

    /// Hands a connection over to the workers of the next site.
    fn hand_over(&mut self, connection: HandedOver<Self::Socket>);

    /// Takes a connection from the workers of the previous site, and gives it the key `key`.
    fn adopt(&mut self, key: usize) -> Option<HandedOver<Self::Socket>>;

    /// Prints a warning to stderr.
    fn warn(&mut self, what: fmt::Arguments<'_>);

    /// Prints how many responses a shutdown waits for.
    fn report_stopping(&mut self, responses: usize);
}

/// A connection that waits for a request, or for the rest of its head.
#[derive(Debug)]
pub(super) struct HandedOver<S> {
    pub(super) socket: S,
    /// The address of the client.
    pub(super) client: IpAddr,
    /// The session, if the connection has TLS.
    pub(super) session: Option<Box<Session>>,
    /// Whether nothing has been received.
    pub(super) is_new: bool,
    /// The part of a head that has arrived.
    pub(super) input: Vec<u8>,
}

impl<S> HandedOver<S> {
    /// The same connection with another type of socket.
    pub(super) fn map_socket<T>(self, map: impl FnOnce(S) -> T) -> HandedOver<T> {
        let Self { socket, client, session, is_new, input } = self;
        HandedOver { socket: map(socket), client, session, is_new, input }
    }
}

/// The server's end of a connection. No call blocks.
pub(super) trait Socket {
    /// Reads from the client; returns 0 at the end of the input.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes a prefix of two pieces, at least one of which is not empty. `shuts_down_next` holds
    /// the last bytes back until the write side is shut down, so that both are sent in one packet.
    fn write(&mut self, pieces: [IoSlice<'_>; 2], shuts_down_next: bool) -> io::Result<usize>;

    /// Shuts down the write side.
    fn shut_down_write(&mut self) -> io::Result<()>;

    /// Watches the socket for this readiness only, from now on.
    fn set_interest(&mut self, interest: Interest) -> io::Result<()>;
}
