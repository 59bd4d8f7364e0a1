//! Clients in great number: cheap sockets that one thread drives, and a site that is worth waiting
//! for.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};

use super::{Numbers, Server, chapbook, page, site_folder, write};

/// One client of many. It never waits.
#[derive(Debug)]
pub(crate) struct Member {
    stream: TcpStream,
    /// How many bytes it got.
    pub(crate) received: usize,
    /// Whether the server ended the connection.
    pub(crate) has_ended: bool,
}

impl Member {
    /// As far away as a network is, with segments of that size and a small buffer: over the
    /// loopback the system would take megabytes for each.
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
        let socket = socket.expect("there is a socket");
        socket.set_tcp_mss(1460).expect("a socket takes options");
        socket.set_recv_buffer_size(8 * 1024).expect("a socket takes options");
        socket.connect(&address.into()).expect("the server accepts");
        socket.set_nonblocking(true).expect("a socket takes options");
        Self { stream: socket.into(), received: 0, has_ended: false }
    }

    /// Sends a few bytes; a server that closed meanwhile is for [`Member::take`] to see.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Takes what has come, but no more than fits into `buffer`, and says how much it is.
    pub(crate) fn take(&mut self, buffer: &mut [u8]) -> usize {
        match self.stream.read(buffer) {
            Ok(0) => self.has_ended = true,
            Ok(count) => {
                self.received += count;
                return count;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.has_ended = true,
        }
        0
    }

    /// Takes all that comes until the server ends the connection.
    pub(crate) fn take_rest(&mut self) -> Vec<u8> {
        let (mut rest, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
        while !self.has_ended {
            match self.take(&mut piece) {
                0 => pass(Duration::from_millis(1)),
                count => rest.extend_from_slice(&piece[..count]),
            }
        }
        rest
    }
}

/// So many bytes that nothing makes smaller.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut numbers = Numbers::new(6);
    (0..length).map(|_| u8::try_from(numbers.below(256)).expect("it is below 256")).collect()
}

/// A server whose `/noise.mp4` has so many bytes.
pub(crate) fn serve_noise(length: usize, arguments: &[&str]) -> Server {
    let folder = site_folder(&[("index.html", &page("Noise"))]);
    write(folder.path(), "site/noise.mp4", noise(length));
    let mut command = chapbook();
    command.arg(folder.path().join("site")).args(["--port", "0"]).args(arguments);
    // The folder is read before the first line is said, and never after.
    Server::spawn(command)
}

/// Lets time pass while something is measured over it, or at the pace of slow clients: a receive
/// that nobody sends to.
pub(crate) fn pass(time: Duration) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("there is a port");
    socket.set_read_timeout(Some(time)).expect("a socket takes options");
    assert!(socket.recv(&mut [0]).is_err(), "nobody knows this port");
}

/// Lets time pass until this holds, and says whether it ever did.
pub(crate) fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if holds() {
            return true;
        }
        pass(Duration::from_millis(2));
    }
    false
}

/// Whoever has this is the only crowd of this test process: what one measures another would spoil,
/// and together they would want more descriptors than there are.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static CROWD: Mutex<()> = Mutex::new(());
    CROWD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many connections this process may have of the wanted ones beside all else that it does,
/// after asking the system for as many descriptors as it gives.
pub(crate) fn connections(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// For the other tests, which run beside.
    const REST: u64 = 500;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let needed = wanted as u64 + REST;
    let mut granted = current.unwrap_or(u64::MAX);
    if granted < needed {
        let raised = maximum.unwrap_or(u64::MAX).min(needed);
        setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }).expect("it may");
        granted = raised;
    }
    let allowed = usize::try_from(granted.saturating_sub(REST)).unwrap_or(usize::MAX);
    wanted.min(allowed)
}
