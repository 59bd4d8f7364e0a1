//! The baseline: the least that a correct epoll server can do for a request, to measure others
//! against.
//!
//! This file owns threads that share a listener, a level-triggered epoll for each, and one canned
//! answer, which they send once for every `\r\n\r\n` that they read. It deliberately doesn't know
//! HTTP: not the method, the path or the fields of a request, nor that a request can have content,
//! nor the time of day, nor any timeout or limit. The one field it looks for is
//! `Connection: close`, and that only by its usual spelling in a read that ends one request,
//! because a client that says so waits for the end; the answer then says so too.

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
/// How long the kernel keeps a connection to itself that sends nothing.
const DEFER_ACCEPT_SECONDS: libc::c_int = 10;
const EVENTS_MAX: usize = 256;
const READ_MAX: usize = 16 * 1024;
/// How many bytes of repeated small answers lie ready, so that pipelined ones take one write.
const REPEATED_MIN: usize = 64 * 1024;
const CONTENT_DEFAULT: usize = 253;

const TERMINATOR: &[u8] = b"\r\n\r\n";
/// How much of a terminator the previous read can have ended with.
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
        let shared = listener.try_clone().map_err(|error| format!("cannot share it: {error}"))?;
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

/// Says what failed.
fn context(what: &'static str) -> impl Fn(Errno) -> String {
    move |error| format!("cannot {what}: {error}")
}

fn listen(port: u16) -> Result<OwnedFd> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)
        .map_err(context("make a socket"))?;
    sockopt::set_socket_reuseaddr(&socket, true).map_err(context("set SO_REUSEADDR"))?;
    // Linux hands this on to every accepted socket, so that none needs a call of its own.
    sockopt::set_tcp_nodelay(&socket, true).map_err(context("set TCP_NODELAY"))?;
    set_defer_accept(&socket)?;
    net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("cannot bind port {port}: {error}"))?;
    net::listen(&socket, BACKLOG).map_err(context("listen"))?;
    Ok(socket)
}

/// Makes a connection come to accept only once there is something to read.
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

/// The canned answer, as often in a row as pipelined requests may want it.
struct Answers {
    repeated: Vec<u8>,
    /// The length of one.
    length: usize,
}

impl Answers {
    fn new(content_bytes: usize, closing: &str) -> Self {
        let mut answer = format!(
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
        answer.resize(answer.len() + content_bytes, b'x');
        Self { repeated: answer.repeat(REPEATED_MIN.div_ceil(answer.len())), length: answer.len() }
    }

    /// What to send next to someone who is owed this many bytes. Debts are made in whole answers,
    /// so what is left of one tells where in an answer its next byte lies.
    fn next(&self, owed: usize) -> &[u8] {
        let part = owed % self.length;
        let start = if part == 0 { 0 } else { self.length - part };
        let end = self.repeated.len().min(start + owed);
        &self.repeated[start..end]
    }
}

/// The answers of a connection that stays, and of one that closes.
type Canned = [Answers; 2];

struct Connection {
    socket: OwnedFd,
    /// The end of what was read last, in case that a terminator comes in two reads.
    carried: [u8; CARRIED],
    /// How many bytes of answers are still to be sent.
    owed: usize,
    closing: bool,
}

impl Connection {
    fn new(socket: OwnedFd) -> Self {
        Self { socket, carried: [0; CARRIED], owed: 0, closing: false }
    }

    /// Pays what is owed, or, if nothing is, reads once and answers. Says what to wait for next, if
    /// it isn't over: never for input while something is owed, since a client that doesn't take its
    /// answers must not be able to order more.
    fn advance(&mut self, input: &mut [u8], answers: &Canned) -> Option<EventFlags> {
        if self.owed == 0 {
            match net::recv(&self.socket, &mut input[CARRIED..], RecvFlags::empty()) {
                Ok((0, _)) => return None,
                Ok((count, _)) => self.take(&mut input[..CARRIED + count], answers),
                Err(Errno::AGAIN | Errno::INTR) => return Some(EventFlags::IN),
                Err(_) => return None,
            }
        }
        self.pay(answers)
    }

    /// Counts the requests that a read has ended. The room for the carried bytes comes first in the
    /// input, so every place where a terminator fits in ends within what is new.
    fn take(&mut self, input: &mut [u8], answers: &Canned) {
        input[..CARRIED].copy_from_slice(&self.carried);
        let at_end = |input: &&[u8]| **input == *TERMINATOR;
        let requests = input.windows(TERMINATOR.len()).filter(at_end).count();
        let is_close = |part: &[u8]| part == CLOSE.as_bytes();
        self.closing = requests == 1 && input.windows(CLOSE.len()).any(is_close);
        self.owed = requests * answers[usize::from(self.closing)].length;
        self.carried.copy_from_slice(&input[input.len() - CARRIED..]);
    }

    fn pay(&mut self, answers: &Canned) -> Option<EventFlags> {
        // What is sent last may leave in one packet with the end.
        let flags = if self.closing { SendFlags::MORE } else { SendFlags::empty() };
        while self.owed > 0 {
            let bytes = answers[usize::from(self.closing)].next(self.owed);
            match net::send(&self.socket, bytes, flags | SendFlags::NOSIGNAL) {
                Ok(count) => {
                    self.owed -= count;
                    // The kernel took what it had room for, so asking again now would be in vain.
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
    /// By descriptor. A wait reports each descriptor at most once, and only that report closes it,
    /// so none of a wait's reports can be about an earlier owner of the number.
    connections: Vec<Option<(Connection, EventFlags)>>,
    answers: Canned,
    /// Where all connections read to; nothing stays in it.
    input: Vec<u8>,
}

impl Server {
    fn new(listener: OwnedFd, content_bytes: usize) -> Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC).map_err(context("make an epoll"))?;
        epoll::add(&epoll, &listener, event_data(&listener), EventFlags::IN)
            .map_err(context("watch the listener"))?;
        let answers = ["", CLOSE].map(|closing| Answers::new(content_bytes, closing));
        let input = vec![0; CARRIED + READ_MAX];
        Ok(Self { epoll, listener, connections: Vec::new(), answers, input })
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
            // The kernel has held the connection back until there was something to read.
            let mut connection = Connection::new(socket);
            let Some(awaited) = connection.advance(&mut self.input, &self.answers) else {
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
        let Some(next) = connection.advance(&mut self.input, &self.answers) else {
            // Closing the descriptor ends its watch as well.
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

/// The name under which events of this descriptor come: its number.
fn event_data(socket: &OwnedFd) -> EventData {
    EventData::new_u64(u64::from(socket.as_raw_fd().cast_unsigned()))
}

#[expect(clippy::cast_possible_truncation, reason = "it was made from 32 bits")]
fn index(data: EventData) -> usize {
    data.u64() as usize
}
