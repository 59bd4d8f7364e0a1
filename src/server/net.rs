//! This file owns what a loop asks of the world: time, sockets and readiness, and nothing else of
//! it can be reached from the loop. The system answers in `system.rs`; in the tests a simulation
//! does, and makes it as hard as it can be.

use std::{
    fmt,
    io::{self, IoSlice},
    net::IpAddr,
    time::Duration,
};

/// The keys of listeners lie above those of connections and below the last two, which wake the loop
/// and say no more (`wait.rs`). There can't be so many of either kind that they meet.
pub(super) const LISTENER_KEY: usize = usize::MAX / 2;

/// What is watched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// Nothing.
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

    /// Milliseconds since 1970 by the clock that people set.
    fn wall_ms(&self) -> u64;

    /// Waits until something is ready, the time is over or someone wishes something, and puts the
    /// keys of what is ready into `ready`.
    fn wait(&mut self, timeout: Option<Duration>, ready: &mut Vec<usize>) -> io::Result<()>;

    /// Says from now on when someone waits to be accepted, or doesn't.
    fn hear(&mut self, is_heard: bool) -> io::Result<()>;

    /// Accepts a connection of the listener that is `index` above [`LISTENER_KEY`]; it is to be
    /// known by this key. Returns who came, too.
    fn accept(&mut self, index: usize, key: usize) -> io::Result<(Self::Socket, IpAddr)>;

    /// Stops listening for good.
    fn close_listeners(&mut self);

    /// Tells the operator of a problem.
    fn warn(&mut self, what: fmt::Arguments<'_>);
}

/// The server's end of a connection. Nothing here waits.
pub(super) trait Socket {
    /// Takes what the client sent; 0 where it sends no more.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Hands over the beginning of two pieces, of which either may be empty, but not both. `ends`
    /// says that the sending side is ended right behind them, so that both may leave in one packet.
    fn write(&mut self, pieces: [IoSlice<'_>; 2], ends: bool) -> io::Result<usize>;

    /// Says that nothing more is sent.
    fn end_sending(&mut self) -> io::Result<()>;

    /// Watches for this, and nothing else, from now on.
    fn watch_for(&mut self, interest: Interest) -> io::Result<()>;
}
