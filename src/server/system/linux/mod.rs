//! Sockets and readiness as Linux has them.
//!
//! The calls go to the kernel without libc in between, whose own work for each (it could be
//! cancelled there) is as much as finding a route.

mod executable_file;

use std::{
    io::{self, IoSlice},
    mem::MaybeUninit,
    net::{SocketAddr, TcpListener, TcpStream},
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
    limits::{EVENTS_PER_WAIT_MAX, SENDFILE_MIN},
    server::net::WAKE_KEY,
};

/// Accepts a connection as a non-blocking socket in one call, for which std makes two.
pub(super) fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let (stream, client) = rustix::net::acceptfrom_with(listener, flags)?;
    // The peer of a TCP socket has an internet address.
    let client = client.ok_or(io::ErrorKind::NotConnected)?;
    Ok((stream.into(), client.try_into()?))
}

/// Reads what the client sent.
pub(super) fn read(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let (count, _) = rustix::net::recv(stream, buffer, RecvFlags::empty())?;
    Ok(count)
}

/// No signal for a client that is gone; and if the write side is shut down next, `MSG_MORE`, so
/// that the last bytes and the end leave in the same packet.
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

/// Writes two pieces of which the second is long and a part of the executable's file: it is sent
/// from there, without a copy. `None` where it is not, and nothing is written. What the file cannot
/// give, as in a file system without `sendfile`, is written from memory.
pub(super) fn write_from_file(
    stream: &TcpStream,
    first: &[u8],
    second: &[u8],
) -> Option<io::Result<usize>> {
    if second.len() < SENDFILE_MIN {
        return None;
    }
    let (file, mut offset) = executable_file::locate(second)?;
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
        // The next write reports it again.
        Err(_) if written > 0 => Ok(written),
        Err(error) => Err(error),
    })
}

/// The sockets that a service manager hands over to this process, once. `None` if `LISTEN_PID` or
/// `LISTEN_FDS` is malformed.
pub(in crate::server) fn take_inherited() -> Option<Vec<Socket>> {
    let inherited = sd_listen_fds::get().ok()?;
    Some(inherited.into_iter().map(|(_, descriptor)| descriptor.into_std().into()).collect())
}

/// Prepares an inherited socket, and says whether it is a TCP listener.
pub(in crate::server) fn adopt(socket: &Socket) -> io::Result<bool> {
    let is_internet = [Domain::IPV4, Domain::IPV6].contains(&socket.domain()?);
    if !is_internet || socket.r#type()? != Type::STREAM || !socket.is_listener()? {
        return Ok(false);
    }
    socket.set_cloexec(true)?;
    Ok(true)
}

/// Waits until a source is ready, the time is over or a waker was used, and adds the keys of what
/// is ready. A signal is no error.
///
/// The wait goes to the poller's epoll descriptor directly. polling's own wait makes four more
/// system calls each time, to set its timer and to read and re-arm its notifier; epoll takes a
/// timeout by itself, and a notifier that was not used needs no re-arming.
pub(super) fn wait(
    poller: &polling::Poller,
    timeout: Option<Duration>,
    ready: &mut Vec<usize>,
) -> io::Result<()> {
    let mut room = [const { MaybeUninit::<epoll::Event>::uninit() }; EVENTS_PER_WAIT_MAX];
    // A timeout that does not fit into a Timespec is as good as none.
    let timeout = timeout.and_then(|it| it.try_into().ok());
    let events = match epoll::wait(poller, &mut room[..], timeout.as_ref()) {
        Ok((events, _)) => events,
        Err(Errno::INTR) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let before = ready.len();
    ready.extend(events.iter().filter_map(|event| usize::try_from(event.data.u64()).ok()));
    if ready[before..].iter().any(|&key| key >= WAKE_KEY) {
        // polling's own wait re-arms the notifier; what else it finds is level-triggered and is
        // found again.
        poller.wait(&mut polling::Events::new(), Some(Duration::ZERO))?;
    }
    Ok(())
}
