//! Blocking client that sends raw bytes and reads responses strictly.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use super::{Response, response};

/// Far longer than any response takes; only a failing test waits for it.
const TIMEOUT: Duration = Duration::from_secs(20);

/// One connection to a server.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nodelay(true).expect("a socket has options");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a socket has options");
        Self { stream, received: Vec::new() }
    }

    /// The socket without the buffer, for tests that keep thousands of them.
    #[cfg(target_os = "linux")]
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Sends bytes. That the server closed meanwhile is not an error.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.stream.write_all(bytes.as_ref());
        self
    }

    /// Sends bytes one at a time.
    pub(crate) fn send_bytewise(&mut self, bytes: &[u8]) -> &mut Self {
        for byte in bytes {
            if self.stream.write_all(&[*byte]).is_err() {
                break;
            }
        }
        self
    }

    pub(crate) fn shutdown_write(&mut self) -> &mut Self {
        let _ = self.stream.shutdown(Shutdown::Write);
        self
    }

    /// The next response, to a request with another method than HEAD.
    pub(crate) fn receive(&mut self) -> Response {
        self.receive_as(false)
    }

    /// The next response, to a HEAD request.
    pub(crate) fn receive_head(&mut self) -> Response {
        self.receive_as(true)
    }

    fn receive_as(&mut self, is_head: bool) -> Response {
        loop {
            if let Some((response, length)) = response::parse(&self.received, is_head) {
                self.received.drain(..length);
                return response;
            }
            assert_ne!(self.fill(), 0, "closed after {}", self.received.escape_ascii());
        }
    }

    /// Sends a GET request and reads the response.
    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).receive()
    }

    /// The bytes that arrive next; empty at the end.
    pub(crate) fn receive_some(&mut self) -> Vec<u8> {
        self.fill();
        std::mem::take(&mut self.received)
    }

    /// Everything until the server closes.
    pub(crate) fn receive_rest(&mut self) -> Vec<u8> {
        while self.fill() != 0 {}
        std::mem::take(&mut self.received)
    }

    /// Whether the server closed without sending anything else.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.received.is_empty() && self.fill() == 0
    }

    /// Everything until the server closes or sends nothing for this long, and whether it closed.
    pub(crate) fn receive_for(&mut self, silence: Duration) -> (Vec<u8>, bool) {
        self.stream.set_read_timeout(Some(silence)).expect("a socket has options");
        loop {
            let mut piece = [0; 16384];
            match self.stream.read(&mut piece) {
                Ok(0) => return (std::mem::take(&mut self.received), true),
                Ok(count) => self.received.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                    return (std::mem::take(&mut self.received), true);
                }
                Err(_) => return (std::mem::take(&mut self.received), false),
            }
        }
    }

    /// Whether nothing has arrived and the connection is open.
    pub(crate) fn has_received_nothing(&self) -> bool {
        self.stream.set_nonblocking(true).expect("a socket has options");
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).expect("a socket has options");
        self.received.is_empty() && peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    fn fill(&mut self) -> usize {
        let mut piece = [0; 16384];
        let count = match self.stream.read(&mut piece) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("no response: {error}; so far {}", self.received.escape_ascii()),
        };
        self.received.extend_from_slice(&piece[..count]);
        count
    }
}
