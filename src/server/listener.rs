//! This file owns listening: which addresses, which port, and what to say when one cannot be had.
//! It accepts nothing.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    ops::RangeInclusive,
};

use socket2::{Domain, Protocol, Socket, Type};

use super::{holder, poller::defer_until_spoken_to};
use crate::limits::BACKLOG;

/// Which addresses to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addresses {
    /// This machine only, in both families as far as it has them.
    Loopback,
    /// All that this machine has, in both families as far as it has them.
    All,
    /// Exactly this one.
    One(IpAddr),
}

/// Which port to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// This one; any free one if it is 0.
    Exactly(u16),
    /// The first of these that is free.
    FirstFreeOf(RangeInclusive<u16>),
}

/// Why an address cannot be listened on.
#[derive(Debug)]
pub struct ListenError {
    address: SocketAddr,
    /// All ports that were tried in vain, if there were more than one.
    tried: Option<RangeInclusive<u16>>,
    /// Who has it already, where that is known.
    holder: Option<String>,
    source: io::Error,
}

/// The ports below this one need a privilege on most systems.
const PORT_UNPRIVILEGED_MIN: u16 = 1024;

impl ListenError {
    fn new(address: SocketAddr, source: io::Error) -> Self {
        Self { address, tried: None, holder: None, source }
    }

    /// Whether another port may be had. Windows keeps some for itself, and calls that a privilege.
    fn is_taken(&self) -> bool {
        let is_kept = self.address.port() >= PORT_UNPRIVILEGED_MIN;
        match self.source.kind() {
            io::ErrorKind::AddrInUse => true,
            io::ErrorKind::PermissionDenied => is_kept,
            _ => false,
        }
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, tried, holder, source } = self;
        let port = address.port();
        if let Some(tried) = tried {
            let (first, last) = (tried.start(), tried.end());
            write!(f, "cannot listen: all ports from {first} to {last} are taken")?;
            return f.write_str("; choose another with --port, or any with --port 0");
        }
        write!(f, "cannot listen on {address}: ")?;
        match source.kind() {
            io::ErrorKind::AddrInUse => {
                write!(f, "port {port} is taken")?;
                if let Some(holder) = holder {
                    write!(f, " by {holder}")?;
                }
                f.write_str("; choose another with --port, or any with --port 0")
            }
            io::ErrorKind::AddrNotAvailable => {
                write!(f, "this machine has no address {}", address.ip())
            }
            io::ErrorKind::PermissionDenied if port >= PORT_UNPRIVILEGED_MIN => {
                write!(f, "the system keeps port {port} for itself; choose another with --port")
            }
            io::ErrorKind::PermissionDenied => {
                write!(f, "port {port} needs a privilege; choose one above 1023 with --port")
            }
            _ => write!(f, "{source}"),
        }
    }
}

impl std::error::Error for ListenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Sockets that listen, for all workers; all on one port unless they were handed over.
///
/// The workers share them instead of having one each (`SO_REUSEPORT`): with sockets of their own, a
/// second server on the same port would silently get half of the connections, and a worker without
/// a free slot would leave its share waiting.
#[derive(Debug)]
pub(super) struct Listeners {
    sockets: Vec<TcpListener>,
    address: SocketAddr,
}

impl Listeners {
    pub(super) fn open(addresses: &Addresses, port: Port) -> Result<Self, ListenError> {
        let ports = match port {
            Port::Exactly(port) => port..=port,
            Port::FirstFreeOf(ports) => ports,
        };
        let is_one = ports.start() == ports.end();
        let mut outcome = Self::open_at(addresses, *ports.start());
        for port in ports.clone().skip(1) {
            if !matches!(&outcome, Err(error) if error.is_taken()) {
                break;
            }
            outcome = Self::open_at(addresses, port);
        }
        outcome.map_err(|error| match error.is_taken() {
            false => error,
            true if is_one => ListenError { holder: holder::of(error.address), ..error },
            true => ListenError { tried: Some(ports), ..error },
        })
    }

    fn open_at(addresses: &Addresses, port: u16) -> Result<Self, ListenError> {
        match addresses {
            Addresses::Loopback => Self::open_both(Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST, port),
            Addresses::All => Self::open_both(Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED, port),
            Addresses::One(ip) => {
                let socket = listen(SocketAddr::new(*ip, port))?;
                Self::of(vec![socket], SocketAddr::new(*ip, port))
            }
        }
    }

    /// IPv6 may be missing or switched off, and then IPv4 is enough; but a port that someone else
    /// has in IPv6 is taken, since `localhost` would lead browsers there first.
    fn open_both(first: Ipv4Addr, second: Ipv6Addr, port: u16) -> Result<Self, ListenError> {
        /// How often a free port in IPv4 may turn out to be taken in IPv6.
        const ATTEMPTS: u32 = 16;
        let wanted = SocketAddr::new(first.into(), port);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut both = Self::of(vec![listen(wanted)?], wanted)?;
            match listen(SocketAddr::new(second.into(), both.address.port())) {
                Ok(socket) => both.sockets.push(socket),
                Err(error) if error.is_taken() => {
                    if port != 0 || attempt == ATTEMPTS {
                        return Err(error);
                    }
                    continue;
                }
                Err(_) => {}
            }
            return Ok(both);
        }
    }

    fn of(sockets: Vec<TcpListener>, wanted: SocketAddr) -> Result<Self, ListenError> {
        let address = sockets.first().map_or(Ok(wanted), TcpListener::local_addr);
        let address = address.map_err(|source| ListenError::new(wanted, source))?;
        Ok(Self { sockets, address })
    }

    /// Of sockets that listen already, which only Linux hands over.
    #[cfg(target_os = "linux")]
    pub(super) fn of_open(sockets: Vec<TcpListener>, address: SocketAddr) -> Self {
        Self { sockets, address }
    }

    /// The first address.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// All addresses, as far as the system tells.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|it| it.local_addr().ok()).collect()
    }

    /// The same sockets under further descriptors. They listen until all of these are closed.
    pub(super) fn share(&self) -> io::Result<Vec<TcpListener>> {
        self.sockets.iter().map(TcpListener::try_clone).collect()
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    try_listen(address).map_err(|source| ListenError::new(address, source))
}

/// socket2, because std fixes the backlog at 128 and cannot keep IPv6 apart from IPv4.
fn try_listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Elsewhere than on Windows this lets a server start again while connections of the one before
    // still fade away; on Windows it would let two servers have the same port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    // Every answer leaves in one write, so that waiting for more to send only costs time. The
    // accepted sockets inherit it on Linux and the BSDs; the worker sets it where they don't.
    socket.set_tcp_nodelay(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    let listener = socket.into();
    defer_until_spoken_to(&listener);
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_port_and_says_what_to_do() {
        let error = |port, kind: io::ErrorKind| {
            ListenError::new(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port), kind.into())
        };
        let (taken, refused) = (io::ErrorKind::AddrInUse, io::ErrorKind::PermissionDenied);
        let holder = Some("nginx (process 7)".to_owned());
        let rows = [
            (error(80, taken), true, "127.0.0.1:80: port 80 is taken; choose another"),
            (
                ListenError { holder, ..error(8080, taken) },
                true,
                "127.0.0.1:8080: port 8080 is taken by nginx (process 7); choose another",
            ),
            (
                ListenError { tried: Some(8080..=8099), ..error(8099, taken) },
                true,
                "all ports from 8080 to 8099 are taken; choose another with --port",
            ),
            (error(80, refused), false, "port 80 needs a privilege; choose one above 1023"),
            (error(8080, refused), true, "the system keeps port 8080 for itself; choose another"),
            (error(80, io::ErrorKind::AddrNotAvailable), false, "has no address 127.0.0.1"),
        ];
        for (error, is_taken, words) in rows {
            assert!(error.to_string().contains(words), "{words}: {error}");
            assert_eq!(error.is_taken(), is_taken, "{error}");
        }
    }
}
