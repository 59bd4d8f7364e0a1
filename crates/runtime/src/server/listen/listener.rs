//! Listening sockets.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

use super::{
    addresses::{Addresses, ListenError, Port},
    holder,
};
use crate::{
    limits::{BACKLOG, LISTEN_ATTEMPTS_MAX},
    server::system::{defer_accept, reuse_address},
};

/// Listeners of all workers, on one port unless they are inherited.
///
/// The workers share them instead of having one each (`SO_REUSEPORT`): with sockets of their own, a
/// second server on the same port would silently get half of the connections, and a worker without
/// a free slot would leave its share waiting.
#[derive(Debug)]
pub(in crate::server) struct Listeners {
    sockets: Vec<TcpListener>,
    address: SocketAddr,
}

impl Listeners {
    pub(in crate::server) fn open(addresses: &Addresses, port: Port) -> Result<Self, ListenError> {
        let (ports, is_one) = match port {
            Port::Exactly(port) => (port..=port, true),
            Port::FirstFreeOf(ports) => (ports, false),
        };
        let mut outcome = Self::open_at(addresses, *ports.start());
        for port in ports.clone().skip(1) {
            if !matches!(&outcome, Err(error) if error.is_in_use()) {
                break;
            }
            outcome = Self::open_at(addresses, port);
        }
        outcome.map_err(|error| match error.is_in_use() {
            false => error,
            true if is_one => ListenError { holder: holder::find(error.address), ..error },
            true => ListenError { tried: Some(ports), ..error },
        })
    }

    fn open_at(addresses: &Addresses, port: u16) -> Result<Self, ListenError> {
        match addresses {
            Addresses::Loopback => Self::open_both(Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST, port),
            Addresses::All => Self::open_both(Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED, port),
            Addresses::One(ip) => {
                let socket = listen(SocketAddr::new(*ip, port))?;
                Self::with_first_address(vec![socket], SocketAddr::new(*ip, port))
            }
        }
    }

    /// Opens a listener in IPv4 and one in IPv6. If IPv6 is missing or disabled, IPv4 is enough.
    /// But a port that is in use in IPv6 counts as in use, since browsers try IPv6 first for
    /// `localhost`.
    fn open_both(ipv4: Ipv4Addr, ipv6: Ipv6Addr, port: u16) -> Result<Self, ListenError> {
        let wanted = SocketAddr::new(ipv4.into(), port);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut both = Self::with_first_address(vec![listen(wanted)?], wanted)?;
            match listen(SocketAddr::new(ipv6.into(), both.address.port())) {
                Ok(socket) => both.sockets.push(socket),
                Err(error) if error.is_in_use() => {
                    if port != 0 || attempt == LISTEN_ATTEMPTS_MAX {
                        return Err(error);
                    }
                    continue;
                }
                Err(_) => {}
            }
            return Ok(both);
        }
    }

    fn with_first_address(
        sockets: Vec<TcpListener>,
        wanted: SocketAddr,
    ) -> Result<Self, ListenError> {
        let address = sockets.first().map_or(Ok(wanted), TcpListener::local_addr);
        let address = address.map_err(|source| ListenError::new(wanted, source))?;
        Ok(Self { sockets, address })
    }

    /// Listeners from sockets that already listen, the first of them at this address.
    pub(super) fn from_open(sockets: Vec<TcpListener>, address: SocketAddr) -> Self {
        Self { sockets, address }
    }

    /// The address of the first listener.
    pub(in crate::server) fn address(&self) -> SocketAddr {
        self.address
    }

    /// All addresses, as far as the system reveals them.
    pub(in crate::server) fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|it| it.local_addr().ok()).collect()
    }

    /// Duplicates of the descriptors. A socket listens until all of its descriptors are closed.
    pub(in crate::server) fn share(&self) -> io::Result<Vec<TcpListener>> {
        self.sockets.iter().map(TcpListener::try_clone).collect()
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    try_listen(address).map_err(|source| ListenError::new(address, source))
}

/// Uses socket2, because std fixes the backlog at 128 and cannot create IPv6-only sockets.
fn try_listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    reuse_address(&socket)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    prepare(socket)
}

/// Sets the options that every listener has.
pub(super) fn prepare(socket: Socket) -> io::Result<TcpListener> {
    // Every response is a single write, so waiting for more data only costs time. Accepted sockets
    // inherit the option on Linux and the BSDs.
    socket.set_tcp_nodelay(true)?;
    socket.set_nonblocking(true)?;
    let listener = socket.into();
    defer_accept(&listener);
    Ok(listener)
}
