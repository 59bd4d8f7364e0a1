//! Interface between the loop and the world: time, sockets and readiness. `system/` implements it
//! for real, `simulation/` for tests.

use std::{
    fmt,
    io::{self, IoSlice},
    net::IpAddr,
    time::Duration,
};

/// Keys of listeners begin here. Below are those of connections, of which there can never be as
/// many.
pub(super) const LISTENER_KEY: usize = usize::MAX / 2;

/// Keys from this one on end a wait and are not reported. The last is the one that polling reserves
/// for its notifier.
pub(super) const WAKE_KEY: usize = usize::MAX - 1;

/// Readiness that a source is watched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// None.
    Pause,
    /// Bytes or the end of them, or a connection to accept.
    Read,
    /// Room for bytes.
    Write,
}

/// The world of one loop.
pub(super) trait Net {
    /// The server's end of a connection, which is closed when it is dropped.
    type Socket: Socket;

    /// Milliseconds since the start, which never go back.
    fn now_ms(&self) -> u64;

    /// Microseconds on the same clock, for measuring.
    fn now_us(&self) -> u64;

    /// Milliseconds since 1970 by the system clock, which may be set.
    fn wall_ms(&self) -> u64;

    /// Waits until a source is ready, the time is over or another thread wakes the loop, and adds
    /// the keys of what is ready to `ready`.
    fn wait(&mut self, timeout: Option<Duration>, ready: &mut Vec<usize>) -> io::Result<()>;

    /// Enables or disables polling of the listeners.
    fn set_accepting(&mut self, is_accepting: bool) -> io::Result<()>;

    /// Accepts a connection of the listener with the key `LISTENER_KEY + index`, and gives it this
    /// key. Returns the client's address, too.
    fn accept(&mut self, index: usize, key: usize) -> io::Result<(Self::Socket, IpAddr)>;

    /// Stops listening for good.
    fn close_listeners(&mut self);

    /// Prints a problem on stderr.
    fn warn(&mut self, what: fmt::Arguments<'_>);
}

/// The server's end of a connection. No call waits.
pub(super) trait Socket {
    /// Reads what the client sent; 0 after its end.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes the beginning of two pieces, of which at least one is not empty. `shuts_down_next`
    /// lets the last bytes wait for the end, so that both leave in one packet.
    fn write(&mut self, pieces: [IoSlice<'_>; 2], shuts_down_next: bool) -> io::Result<usize>;

    /// Shuts down the write side.
    fn shut_down_write(&mut self) -> io::Result<()>;

    /// Watches for this readiness only, from now on.
    fn set_interest(&mut self, interest: Interest) -> io::Result<()>;
}
