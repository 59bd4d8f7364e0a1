//! Nonblocking client: one thread drives thousands of them, with small socket buffers.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use socket2::{Domain, Socket, Type};

use super::pause;

/// One client of many. It never blocks.
#[derive(Debug)]
pub(crate) struct NonblockingClient {
    stream: TcpStream,
    /// The number of received bytes.
    pub(crate) received: usize,
    /// Whether the server closed the connection.
    pub(crate) is_closed: bool,
}

impl NonblockingClient {
    /// Connects with the segment size of a real network and a small buffer. Otherwise the system
    /// would buffer megabytes for each connection over the loopback interface.
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
        let socket = socket.expect("a socket can be opened");
        socket.set_tcp_mss(1460).expect("a socket has options");
        socket.set_recv_buffer_size(8 * 1024).expect("a socket has options");
        socket.connect(&address.into()).expect("the server accepts");
        socket.set_nonblocking(true).expect("a socket has options");
        Self { stream: socket.into(), received: 0, is_closed: false }
    }

    /// Sends a few bytes. If the server closed, [`Self::receive`] notices.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Receives what has arrived, as far as `buffer` has room, and returns its length.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> usize {
        match self.stream.read(buffer) {
            Ok(0) => self.is_closed = true,
            Ok(count) => {
                self.received += count;
                return count;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.is_closed = true,
        }
        0
    }

    /// Whether the connection is open and nothing has arrived.
    pub(crate) fn is_waiting(&mut self) -> bool {
        self.receive(&mut [0]) == 0 && !self.is_closed
    }

    /// Receives everything until the server closes.
    pub(crate) fn receive_rest(&mut self) -> Vec<u8> {
        let (mut rest, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
        while !self.is_closed {
            match self.receive(&mut piece) {
                0 => pause(Duration::from_millis(1)),
                count => rest.extend_from_slice(&piece[..count]),
            }
        }
        rest
    }
}
