//! Support for tests with many clients: a large file, pauses, and exclusive use of the machine.

use std::{
    net::{TcpStream, UdpSocket},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{NonblockingClient, Program, Rng, Server, chapbook, page, site_folder, write};

/// Random bytes, which no content coding makes shorter.
pub(crate) fn random_bytes(length: usize) -> Vec<u8> {
    let mut numbers = Rng::new(6);
    (0..length).map(|_| u8::try_from(numbers.below(256)).expect("below 256")).collect()
}

/// A server whose `/large.mp4` has this length.
pub(crate) fn serve_large_file(length: usize, arguments: &[&str]) -> Server {
    let folder = site_folder(&[("index.html", &page("Large"))]);
    write(folder.path(), "site/large.mp4", random_bytes(length));
    chapbook().args(["pack", "site", "-o", "large"]).cwd(folder.path()).run().succeeded();
    // The executable is mapped, so it is served even after it is deleted.
    Program::new(folder.path().join("large")).args(["--port", "0"]).args(arguments).serve()
}

/// Lets time pass, for a measurement over it or for the pace of slow clients.
pub(crate) fn pause(time: Duration) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    socket.set_read_timeout(Some(time)).expect("a socket has options");
    assert!(socket.recv(&mut [0]).is_err(), "nothing sends to this port");
}

/// Waits until a condition holds, and returns whether it did within 20 seconds.
pub(crate) fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if holds() {
            return true;
        }
        pause(Duration::from_millis(2));
    }
    false
}

/// While a test holds this, no other test with many clients runs in this process: they would
/// disturb each other's measurements and run out of file descriptors.
pub(crate) fn exclusive() -> MutexGuard<'static, ()> {
    static RUNNING: Mutex<()> = Mutex::new(());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of connections that this process may open, at most `wanted`, after raising its limit
/// of open files as far as the system permits.
pub(crate) fn connections(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// For the tests that run at the same time.
    const RESERVED: u64 = 500;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let needed = wanted as u64 + RESERVED;
    let mut granted = current.unwrap_or(u64::MAX);
    if granted < needed {
        let raised = maximum.unwrap_or(u64::MAX).min(needed);
        let limit = Rlimit { current: Some(raised), maximum };
        setrlimit(Resource::Nofile, limit).expect("a limit can be raised to its maximum");
        granted = raised;
    }
    let allowed = usize::try_from(granted.saturating_sub(RESERVED)).unwrap_or(usize::MAX);
    wanted.min(allowed)
}

/// Clients that have received one response and keep their connections open.
#[cfg(target_os = "linux")]
pub(crate) fn idle_connections(server: &Server, count: usize) -> Vec<TcpStream> {
    let connect_and_get = |_| {
        let mut client = server.connect();
        assert_eq!(client.get("/book").status, 200);
        client.into_stream()
    };
    (0..count).map(connect_and_get).collect()
}

/// A server that may open 32 files and has lowered its connections to 16. With `has_extra_files`,
/// it inherits 7 open descriptors that it does not expect, so that accepting fails despite free
/// slots.
pub(crate) fn serve_with_few_descriptors(has_extra_files: bool) -> Server {
    let extra = if has_extra_files { "3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3 9<&3" } else { "" };
    let script = format!("ulimit -n 32; exec \"$0\" \"$@\" {extra}");
    let mut server = chapbook().args(["--port", "0", "--workers", "1"]).in_shell(&script).serve();
    let line = server.process.stderr_line();
    assert!(line.contains("allows 32 open files, so at most 16 connections"), "{line}");
    server
}

/// Clients with responses in progress, for which no connection may be closed.
pub(crate) fn flood(server: &Server, count: usize) -> Vec<NonblockingClient> {
    let request = |_| {
        let mut client = NonblockingClient::connect(server.address);
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500));
        client
    };
    (0..count).map(request).collect()
}

/// Clients that have received the beginning of `/large.mp4`, and the first bytes of the first one.
pub(crate) fn downloads(server: &Server, count: usize) -> (Vec<NonblockingClient>, Vec<u8>) {
    let connect = |_| NonblockingClient::connect(server.address);
    let mut clients: Vec<_> = (0..count).map(connect).collect();
    for client in &mut clients {
        client.send("GET /large.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let mut first = vec![0; 1024];
    for client in clients.iter_mut().rev() {
        assert!(eventually(|| client.receive(&mut first) > 0), "a response begins");
    }
    first.truncate(clients[0].received);
    (clients, first)
}

/// Receives everything until the server has closed all connections, at the pace of slow clients,
/// and returns the bytes of the first one.
pub(crate) fn finish_downloads(clients: &mut [NonblockingClient]) -> Vec<u8> {
    let mut of_first = Vec::new();
    let mut piece = vec![0; 16 * 1024];
    while clients.iter().any(|client| !client.is_closed) {
        for (number, client) in clients.iter_mut().enumerate().filter(|(_, it)| !it.is_closed) {
            let count = client.receive(&mut piece);
            if number == 0 {
                of_first.extend_from_slice(&piece[..count]);
            }
        }
        pause(Duration::from_millis(5));
    }
    of_first
}

/// Sends SIGTERM, and waits until new connections are refused.
pub(crate) fn request_shutdown(server: &Server) {
    server.process.signal("TERM");
    let is_refused = || TcpStream::connect(server.address).is_err();
    assert!(eventually(is_refused), "new connections are accepted");
}
