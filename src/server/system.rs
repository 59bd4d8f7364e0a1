//! This file owns the world as the system has it: std sockets, the clocks, and readiness from
//! `poller.rs`. It decides nothing.

#[cfg(not(target_os = "linux"))]
use std::io::{Read, Write};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::{
    fmt,
    io::{self, IoSlice},
    net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

#[cfg(target_os = "linux")]
use super::executable;
#[cfg(unix)]
use super::wait::WAKE_KEY;
use super::{
    clock::Clock,
    net::{Interest, LISTENER_KEY, Net, Socket},
    poller::{Poller, Watched},
    stderr,
    stop::Stop,
};
#[cfg(target_os = "linux")]
use crate::limits::SENDFILE_MIN;

/// The system.
#[derive(Debug)]
pub(super) struct SystemNet {
    clock: Clock,
    poller: Poller,
    listeners: Vec<Watched<TcpListener>>,
    /// Readable when a signal has asked for the stop.
    #[cfg(unix)]
    bell: Option<Watched<UnixStream>>,
}

impl SystemNet {
    /// The first that is made watches for `stop`, too.
    #[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "there is no bell"))]
    pub(super) fn new(
        listeners: Vec<TcpListener>,
        poller: Poller,
        #[cfg_attr(not(unix), expect(unused_variables, reason = "there is no bell"))] stop: &Stop,
    ) -> io::Result<Self> {
        let listeners = listeners.into_iter().zip(LISTENER_KEY..);
        let listeners = listeners.map(|(socket, key)| poller.take(socket, key)).collect();
        #[cfg(unix)]
        let mut bell = stop.take_bell().map(|bell| poller.take(bell, WAKE_KEY));
        #[cfg(unix)]
        bell.as_mut().map_or(Ok(()), |bell| bell.watch_for(Interest::Read))?;
        Ok(Self {
            clock: Clock::start(),
            poller,
            listeners,
            #[cfg(unix)]
            bell,
        })
    }
}

impl Net for SystemNet {
    type Socket = Watched<TcpStream>;

    fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    fn now_us(&self) -> u64 {
        self.clock.now_us()
    }

    fn wall_ms(&self) -> u64 {
        Clock::wall_ms()
    }

    fn wait(&mut self, timeout: Option<Duration>, ready: &mut Vec<usize>) -> io::Result<()> {
        self.poller.wait(timeout, ready)
    }

    fn hear(&mut self, is_heard: bool) -> io::Result<()> {
        let interest = if is_heard { Interest::Read } else { Interest::Pause };
        self.listeners.iter_mut().try_for_each(|listener| listener.watch_for(interest))
    }

    fn accept(&mut self, index: usize, key: usize) -> io::Result<(Watched<TcpStream>, IpAddr)> {
        let Some(listener) = self.listeners.get(index) else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let (stream, client) = accept(listener.source())?;
        Ok((self.poller.take(stream, key), client.ip()))
    }

    fn close_listeners(&mut self) {
        self.listeners.clear();
        // Nobody reads what is in it.
        #[cfg(unix)]
        drop(self.bell.take());
    }

    fn warn(&mut self, what: fmt::Arguments<'_>) {
        stderr::warn(what);
    }
}

/// In one call, for which std makes two.
#[cfg(target_os = "linux")]
fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    use rustix::net::{SocketFlags, acceptfrom_with};

    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let (stream, client) = acceptfrom_with(listener, flags)?;
    // Who comes to a TCP socket has an address of the net.
    let client = client.ok_or(io::ErrorKind::NotConnected)?;
    Ok((stream.into(), client.try_into()?))
}

#[cfg(not(target_os = "linux"))]
fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (stream, client) = listener.accept()?;
    // A socket that cannot even be set up belongs to a client that is gone.
    stream.set_nonblocking(true)?;
    // Linux hands it on from the listener.
    let _ = stream.set_nodelay(true);
    Ok((stream, client))
}

/// Without libc in between, whose own work for each call (it could be cancelled there) is as much
/// as finding a route.
#[cfg(target_os = "linux")]
fn receive(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let (count, _) = rustix::net::recv(stream, buffer, rustix::net::RecvFlags::empty())?;
    Ok(count)
}

#[cfg(not(target_os = "linux"))]
fn receive(mut stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    stream.read(buffer)
}

/// What the system is told beside the bytes: no signal for a client that is gone, and whether the
/// end follows at once, which the system then sends in the same packet.
#[cfg(target_os = "linux")]
fn flags(ends: bool) -> rustix::net::SendFlags {
    use rustix::net::SendFlags;

    if ends { SendFlags::NOSIGNAL | SendFlags::MORE } else { SendFlags::NOSIGNAL }
}

/// Without libc, as above.
#[cfg(target_os = "linux")]
fn send(stream: &TcpStream, bytes: &[u8], ends: bool) -> io::Result<usize> {
    Ok(rustix::net::send(stream, bytes, flags(ends))?)
}

#[cfg(not(target_os = "linux"))]
fn send(mut stream: &TcpStream, bytes: &[u8], _: bool) -> io::Result<usize> {
    stream.write(bytes)
}

/// Both pieces in one go, likewise.
#[cfg(target_os = "linux")]
fn send_both(stream: &TcpStream, pieces: &[IoSlice<'_>; 2], ends: bool) -> io::Result<usize> {
    let mut nothing_else = rustix::net::SendAncillaryBuffer::default();
    Ok(rustix::net::sendmsg(stream, pieces, &mut nothing_else, flags(ends))?)
}

#[cfg(not(target_os = "linux"))]
fn send_both(mut stream: &TcpStream, pieces: &[IoSlice<'_>; 2], _: bool) -> io::Result<usize> {
    stream.write_vectored(pieces)
}

/// A long second piece that stands in the executable's file goes from there, which spares copying
/// it, behind the first. What the file cannot give, as in a file system that knows no way to do so,
/// the memory does.
#[cfg(target_os = "linux")]
fn send_long(stream: &TcpStream, first: &[u8], second: &[u8]) -> Option<io::Result<usize>> {
    use rustix::{fs::sendfile, io::Errno};

    if second.len() < SENDFILE_MIN {
        return None;
    }
    let (file, mut offset) = executable::locate(second)?;
    let sent = match first {
        [] => 0,
        first => match send(stream, first, true) {
            Ok(sent) if sent == first.len() => sent,
            partial => return Some(partial),
        },
    };
    let count = match sendfile(stream, file, Some(&mut offset), second.len()) {
        Ok(count @ 1..) => Ok(count),
        Err(Errno::AGAIN) => Err(io::ErrorKind::WouldBlock.into()),
        Ok(0) | Err(_) => send(stream, second, false),
    };
    Some(match count {
        Ok(count) => Ok(sent + count),
        // It is told again if it comes to that.
        Err(_) if sent > 0 => Ok(sent),
        Err(error) => Err(error),
    })
}

#[cfg(not(target_os = "linux"))]
fn send_long(_: &TcpStream, _: &[u8], _: &[u8]) -> Option<io::Result<usize>> {
    None
}

impl Socket for Watched<TcpStream> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        receive(self.source(), buffer)
    }

    fn write(&mut self, [first, second]: [IoSlice<'_>; 2], ends: bool) -> io::Result<usize> {
        let stream = self.source();
        if let Some(outcome) = send_long(stream, &first, &second) {
            return outcome;
        }
        // A vector of one costs the kernel more than a plain write.
        match (first.is_empty(), second.is_empty()) {
            (_, true) => send(stream, &first, ends),
            (true, false) => send(stream, &second, ends),
            (false, false) => send_both(stream, &[first, second], ends),
        }
    }

    fn end_sending(&mut self) -> io::Result<()> {
        self.source().shutdown(Shutdown::Write)
    }

    fn watch_for(&mut self, interest: Interest) -> io::Result<()> {
        Watched::watch_for(self, interest)
    }
}
