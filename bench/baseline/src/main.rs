//! Baseline for the benchmark: the least work that a correct epoll server can do for a request.
//!
//! Threads share a listener and have a level-triggered epoll each. They send one prepared response
//! for every `\r\n\r\n` that they read. Methods, paths, request content, dates, timeouts and limits
//! are ignored. `Connection: close` is honoured in its usual spelling, in a read that ends a single
//! request, because such a client waits for the close.

use std::env;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::ExitCode;
use std::thread;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};

const BACKLOG: i32 = 4096;
/// How long the kernel holds back a connection that sends nothing.
const DEFER_ACCEPT_SECONDS: libc::c_int = 10;
const EVENTS_MAX: usize = 256;
const READ_MAX: usize = 16 * 1024;
/// Bytes of repeated responses, so that pipelined requests take one write.
const REPEATED_MIN: usize = 64 * 1024;
const CONTENT_DEFAULT: usize = 253;

const TERMINATOR: &[u8] = b"\r\n\r\n";
/// The most bytes of a terminator that the previous read can have ended with.
const CARRIED: usize = TERMINATOR.len() - 1;
const CLOSE: &str = "Connection: close\r\n";

type Result<T> = std::result::Result<T, String>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("baseline: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let usage = || "usage: baseline PORT [CONTENT_BYTES [THREADS]]".to_owned();
    let mut arguments = env::args().skip(1);
    let port = arguments.next().and_then(|port| port.parse().ok()).ok_or_else(usage)?;
    let mut number = |default| match arguments.next() {
        Some(count) => count.parse().map_err(|_| usage()),
        None => Ok(default),
    };
    let (content_bytes, threads) = (number(CONTENT_DEFAULT)?, number(1)?);
    if arguments.next().is_some() {
        return Err(usage());
    }

    let listener = listen(port)?;
    let address = net::getsockname(&listener).map_err(context("read the listener's address"))?;
    let address = SocketAddr::try_from(address).map_err(context("read the listener's address"))?;
    let mut servers = Vec::new();
    for _ in 1..threads {
        let shared =
            listener.try_clone().map_err(|error| format!("cannot share the listener: {error}"))?;
        servers.push(Server::new(shared, content_bytes)?);
    }
    let mut last = Server::new(listener, content_bytes)?;
    writeln!(std::io::stdout(), "Listening on http://{address}/")
        .map_err(|error| format!("cannot write to standard output: {error}"))?;
    for mut server in servers {
        thread::spawn(move || server.run().inspect_err(|message| eprintln!("baseline: {message}")));
    }
    last.run()
}

/// Adds the failed operation to an error.
fn context(what: &'static str) -> impl Fn(Errno) -> String {
    move |error| format!("cannot {what}: {error}")
}

fn listen(port: u16) -> Result<OwnedFd> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)
        .map_err(context("create a socket"))?;
    sockopt::set_socket_reuseaddr(&socket, true).map_err(context("set SO_REUSEADDR"))?;
    // Accepted sockets inherit this on Linux.
    sockopt::set_tcp_nodelay(&socket, true).map_err(context("set TCP_NODELAY"))?;
    set_defer_accept(&socket)?;
    net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("cannot bind port {port}: {error}"))?;
    net::listen(&socket, BACKLOG).map_err(context("listen"))?;
    Ok(socket)
}

/// Makes accept return a connection only when it has input.
#[expect(clippy::cast_possible_truncation, reason = "the size of an int is a small number")]
fn set_defer_accept(socket: &OwnedFd) -> Result<()> {
    let seconds = DEFER_ACCEPT_SECONDS;
    // SAFETY: the descriptor is open, and the pointer and the length are those of a live c_int.
    let outcome = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_DEFER_ACCEPT,
            (&raw const seconds).cast(),
            size_of_val(&seconds) as libc::socklen_t,
        )
    };
    if outcome == 0 {
        return Ok(());
    }
    Err(format!("cannot set TCP_DEFER_ACCEPT: {}", std::io::Error::last_os_error()))
}

/// The prepared response, repeated for pipelined requests.
struct Responses {
    repeated: Vec<u8>,
    /// Length of one response.
    length: usize,
}

impl Responses {
    fn new(content_bytes: usize, closing: &str) -> Self {
        let mut response = format!(
            "HTTP/1.1 200 OK\r\n\
             Content-Length: {content_bytes}\r\n\
             Content-Type: text/html; charset=utf-8\r\n\
             Accept-Ranges: bytes\r\n\
             ETag: \"0123456789abcdef01234567\"\r\n\
             Cache-Control: no-cache\r\n\
             Vary: Accept-Encoding\r\n\
             X-Content-Type-Options: nosniff\r\n\
             Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n{closing}\r\n"
        )
        .into_bytes();
        response.resize(response.len() + content_bytes, b'x');
        let length = response.len();
        Self { repeated: response.repeat(REPEATED_MIN.div_ceil(length)), length }
    }

    /// The bytes to send next on a connection with this many pending bytes. `pending` grows by
    /// complete responses only, so its remainder gives the position within a response.
    fn next(&self, pending: usize) -> &[u8] {
        let part = pending % self.length;
        let start = if part == 0 { 0 } else { self.length - part };
        let end = self.repeated.len().min(start + pending);
        &self.repeated[start..end]
    }
}

/// The responses of a persistent connection, and of one that closes.
type Prepared = [Responses; 2];

struct Connection {
    socket: OwnedFd,
    /// The last bytes read, for a terminator that is split between two reads.
    carried: [u8; CARRIED],
    /// Bytes of responses still to be sent.
    pending: usize,
    closing: bool,
}

impl Connection {
    fn new(socket: OwnedFd) -> Self {
        Self { socket, carried: [0; CARRIED], pending: 0, closing: false }
    }

    /// Sends pending bytes, or reads once and responds. Returns the events to wait for, or `None`
    /// if the connection is finished. It never waits for input while bytes are pending, since a
    /// client that does not read must not be able to cause more responses.
    fn advance(&mut self, input: &mut [u8], responses: &Prepared) -> Option<EventFlags> {
        if self.pending == 0 {
            match net::recv(&self.socket, &mut input[CARRIED..], RecvFlags::empty()) {
                Ok((0, _)) => return None,
                Ok((count, _)) => self.count_requests(&mut input[..CARRIED + count], responses),
                Err(Errno::AGAIN | Errno::INTR) => return Some(EventFlags::IN),
                Err(_) => return None,
            }
        }
        self.send(responses)
    }

    /// Counts the requests that a read has completed. `input` begins with room for the carried
    /// bytes, so every terminator found ends within the new bytes.
    fn count_requests(&mut self, input: &mut [u8], responses: &Prepared) {
        input[..CARRIED].copy_from_slice(&self.carried);
        let is_end = |part: &&[u8]| **part == *TERMINATOR;
        let requests = input.windows(TERMINATOR.len()).filter(is_end).count();
        let is_close = |part: &[u8]| part == CLOSE.as_bytes();
        self.closing = requests == 1 && input.windows(CLOSE.len()).any(is_close);
        self.pending = requests * responses[usize::from(self.closing)].length;
        self.carried.copy_from_slice(&input[input.len() - CARRIED..]);
    }

    fn send(&mut self, responses: &Prepared) -> Option<EventFlags> {
        // The last response can share a packet with the FIN.
        let flags = if self.closing { SendFlags::MORE } else { SendFlags::empty() };
        while self.pending > 0 {
            let bytes = responses[usize::from(self.closing)].next(self.pending);
            match net::send(&self.socket, bytes, flags | SendFlags::NOSIGNAL) {
                Ok(count) => {
                    self.pending -= count;
                    // The send buffer is full, so another send would fail.
                    if count < bytes.len() {
                        return Some(EventFlags::OUT);
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Some(EventFlags::OUT),
                Err(_) => return None,
            }
        }
        if self.closing { None } else { Some(EventFlags::IN) }
    }
}

struct Server {
    epoll: OwnedFd,
    listener: OwnedFd,
    /// Indexed by descriptor. A wait reports each descriptor at most once, and only that event
    /// closes it, so no event can refer to an earlier connection with the same descriptor.
    connections: Vec<Option<(Connection, EventFlags)>>,
    responses: Prepared,
    /// Read buffer of all connections.
    input: Vec<u8>,
}

impl Server {
    fn new(listener: OwnedFd, content_bytes: usize) -> Result<Self> {
        let epoll =
            epoll::create(CreateFlags::CLOEXEC).map_err(context("create an epoll instance"))?;
        epoll::add(&epoll, &listener, event_data(&listener), EventFlags::IN)
            .map_err(context("watch the listener"))?;
        let responses = ["", CLOSE].map(|closing| Responses::new(content_bytes, closing));
        let input = vec![0; CARRIED + READ_MAX];
        Ok(Self { epoll, listener, connections: Vec::new(), responses, input })
    }

    fn run(&mut self) -> Result<()> {
        let mut events: Vec<Event> = Vec::with_capacity(EVENTS_MAX);
        let listener = event_data(&self.listener);
        loop {
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(context("wait for events")(error)),
            }
            for event in &events {
                let data = event.data;
                if data == listener { self.accept()? } else { self.serve(data)? }
            }
        }
    }

    fn accept(&mut self) -> Result<()> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        loop {
            let socket = match net::accept_with(&self.listener, flags) {
                Ok(socket) => socket,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR | Errno::CONNABORTED) => continue,
                Err(error) => return Err(context("accept")(error)),
            };
            // With TCP_DEFER_ACCEPT there is input already.
            let mut connection = Connection::new(socket);
            let Some(awaited) = connection.advance(&mut self.input, &self.responses) else {
                continue;
            };
            let data = event_data(&connection.socket);
            epoll::add(&self.epoll, &connection.socket, data, awaited)
                .map_err(context("watch a connection"))?;
            let at = index(data);
            if self.connections.len() <= at {
                self.connections.resize_with(at + 1, || None);
            }
            self.connections[at] = Some((connection, awaited));
        }
    }

    fn serve(&mut self, data: EventData) -> Result<()> {
        let slot = &mut self.connections[index(data)];
        let Some((connection, awaited)) = slot else { return Ok(()) };
        let Some(next) = connection.advance(&mut self.input, &self.responses) else {
            // Closing the descriptor removes it from the epoll instance.
            *slot = None;
            return Ok(());
        };
        if next != *awaited {
            epoll::modify(&self.epoll, &connection.socket, data, next)
                .map_err(context("watch a connection"))?;
            *awaited = next;
        }
        Ok(())
    }
}

/// Event data of a descriptor: its number.
fn event_data(socket: &OwnedFd) -> EventData {
    EventData::new_u64(u64::from(socket.as_raw_fd().cast_unsigned()))
}

#[expect(clippy::cast_possible_truncation, reason = "the number comes from 32 bits")]
fn index(data: EventData) -> usize {
    data.u64() as usize
}
