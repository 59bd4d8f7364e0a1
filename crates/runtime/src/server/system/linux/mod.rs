//! Sockets and readiness on Linux.
//!
//! System calls bypass libc: its overhead for each (they are cancellation points) is as much as
//! finding a route.

mod executable_file;

use std::{
    env,
    io::{self, IoSlice},
    mem::MaybeUninit,
    net::{SocketAddr, TcpListener, TcpStream},
    process,
    time::Duration,
};

use rustix::{
    event::epoll,
    fs::sendfile,
    io::Errno,
    net::{RecvFlags, SendAncillaryBuffer, SendFlags, SocketFlags},
};
use socket2::{Domain, Socket, Type};

pub(in crate::server) use self::executable_file::open as open_executable;
pub(in crate::server) use crate::server::poller::defer_accept;
use crate::{
    limits::{EVENTS_PER_WAIT_MAX, INHERITED_MAX, SENDFILE_MIN},
    server::net::WAKE_KEY,
    site,
};

/// Accepts a connection as a non-blocking socket with one system call; std makes two.
pub(super) fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let (stream, client) = rustix::net::acceptfrom_with(listener, flags)?;
    // The peer of a TCP socket has an internet address.
    let client = client.ok_or(io::ErrorKind::NotConnected)?;
    Ok((stream.into(), client.try_into()?))
}

/// Reads from the client.
pub(super) fn read(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let (count, _) = rustix::net::recv(stream, buffer, RecvFlags::empty())?;
    Ok(count)
}

/// Flags of a write: no signal for a broken pipe, and `MSG_MORE` if the write side is shut down
/// next, so that the last bytes and the FIN are sent in the same packet.
fn flags(shuts_down_next: bool) -> SendFlags {
    if shuts_down_next { SendFlags::NOSIGNAL | SendFlags::MORE } else { SendFlags::NOSIGNAL }
}

/// Writes one piece.
pub(super) fn write(stream: &TcpStream, bytes: &[u8], shuts_down_next: bool) -> io::Result<usize> {
    Ok(rustix::net::send(stream, bytes, flags(shuts_down_next))?)
}

/// Writes two pieces in one call.
pub(super) fn write_both(
    stream: &TcpStream,
    pieces: &[IoSlice<'_>; 2],
    shuts_down_next: bool,
) -> io::Result<usize> {
    let mut no_ancillary_data = SendAncillaryBuffer::default();
    let flags = flags(shuts_down_next);
    Ok(rustix::net::sendmsg(stream, pieces, &mut no_ancillary_data, flags)?)
}

/// Writes two pieces, and sends the second from the file of the executable or its book, without a
/// copy. Returns `None`, and writes nothing, if the second piece is short or not a part of them. If
/// `sendfile` fails, as in a file system that does not support it, the piece is written from
/// memory.
pub(super) fn write_from_file(
    stream: &TcpStream,
    first: &[u8],
    second: &[u8],
) -> Option<io::Result<usize>> {
    if second.len() < SENDFILE_MIN {
        return None;
    }
    let located = executable_file::locate(second).or_else(|| site::locate_in_book(second));
    let (file, mut offset) = located?;
    let written = match first {
        [] => 0,
        first => match write(stream, first, true) {
            Ok(written) if written == first.len() => written,
            partial => return Some(partial),
        },
    };
    let count = match sendfile(stream, file, Some(&mut offset), second.len()) {
        Ok(count @ 1..) => Ok(count),
        Err(Errno::AGAIN) => Err(io::ErrorKind::WouldBlock.into()),
        Ok(0) | Err(_) => write(stream, second, false),
    };
    Some(match count {
        Ok(count) => Ok(written + count),
        // The next write reports the error again.
        Err(_) if written > 0 => Ok(written),
        Err(error) => Err(error),
    })
}

/// The sockets that this process inherits from a service manager; returned once. `None` if
/// `LISTEN_PID` or `LISTEN_FDS` is malformed.
pub(in crate::server) fn take_inherited() -> Option<Vec<Socket>> {
    let number = |name| env::var(name).ok()?.parse::<u32>().ok();
    // `sd_listen_fds` allocates memory for all of them.
    let is_absurd = number("LISTEN_FDS").is_some_and(|count| count > INHERITED_MAX);
    if is_absurd && number("LISTEN_PID") == Some(process::id()) {
        return None;
    }
    let inherited = sd_listen_fds::get().ok()?;
    Some(inherited.into_iter().map(|(_, descriptor)| descriptor.into_std().into()).collect())
}

/// Prepares an inherited socket. Returns whether it is a TCP listener.
pub(in crate::server) fn adopt(socket: &Socket) -> io::Result<bool> {
    let is_internet = [Domain::IPV4, Domain::IPV6].contains(&socket.domain()?);
    if !is_internet || socket.r#type()? != Type::STREAM || !socket.is_listener()? {
        return Ok(false);
    }
    socket.set_cloexec(true)?;
    Ok(true)
}

/// Waits until a socket is ready, the timeout expires or a waker is used, and adds the keys of
/// ready sockets. A signal ends the wait without an error.
///
/// Waits on the epoll descriptor of the poller directly. polling's own wait makes four more system
/// calls each time, to set its timer and to read and re-arm its notifier. But epoll accepts a
/// timeout, and a notifier that was not used need not be re-armed.
pub(super) fn wait(
    poller: &polling::Poller,
    timeout: Option<Duration>,
    ready: &mut Vec<usize>,
) -> io::Result<()> {
    let mut buffer = [const { MaybeUninit::<epoll::Event>::uninit() }; EVENTS_PER_WAIT_MAX];
    // A timeout that does not fit into a Timespec is as long as none.
    let timeout = timeout.and_then(|it| it.try_into().ok());
    let events = match epoll::wait(poller, &mut buffer[..], timeout.as_ref()) {
        Ok((events, _)) => events,
        Err(Errno::INTR) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let before = ready.len();
    ready.extend(events.iter().filter_map(|event| usize::try_from(event.data.u64()).ok()));
    if ready[before..].iter().any(|&key| key >= WAKE_KEY) {
        // polling's own wait re-arms the notifier. Other events are level-triggered and are
        // reported again.
        poller.wait(&mut polling::Events::new(), Some(Duration::ZERO))?;
    }
    Ok(())
}
