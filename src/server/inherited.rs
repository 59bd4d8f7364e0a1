//! This file owns sockets that a service manager opened and hands over, as systemd does it: the
//! variables `LISTEN_PID` and `LISTEN_FDS`, and descriptors from 3 on. It opens none, and takes
//! nothing that does not listen.

use std::{fmt, io};

use super::listener::Listeners;
#[cfg(target_os = "linux")]
use super::poller::defer_until_spoken_to;

/// Why what was handed over cannot be used.
#[derive(Debug)]
pub enum InheritError {
    /// The variables are for this process, but say nothing that makes sense.
    Variables,
    /// This descriptor cannot be used as a socket.
    Descriptor(u32, io::Error),
    /// This descriptor is no TCP socket that listens.
    NoListener(u32),
}

impl fmt::Display for InheritError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variables => f.write_str("LISTEN_PID or LISTEN_FDS is no number"),
            Self::Descriptor(number, error) => {
                write!(f, "descriptor {number}, which was handed over: {error}")
            }
            Self::NoListener(number) => write!(
                f,
                "descriptor {number}, which was handed over, is no TCP socket that listens; in a \
                 socket unit, use ListenStream= with a port, and Accept=no"
            ),
        }
    }
}

impl std::error::Error for InheritError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Descriptor(_, error) => Some(error),
            Self::Variables | Self::NoListener(_) => None,
        }
    }
}

/// Takes what is handed over to this process, if anything is.
///
/// The descriptors belong to what is returned, so that this may be asked only once.
#[cfg(target_os = "linux")]
pub(super) fn take() -> Result<Option<Listeners>, InheritError> {
    use std::net::TcpListener;

    /// Fixed by the protocol: those before are stdin, stdout and stderr.
    const FIRST: u32 = 3;

    let handed = sd_listen_fds::get().map_err(|_| InheritError::Variables)?;
    let descriptors = handed.into_iter().map(|(_, it)| it.into_std()).zip(FIRST..);
    let mut sockets: Vec<TcpListener> = Vec::new();
    let mut first = None;
    for (descriptor, number) in descriptors {
        let failed = |error| InheritError::Descriptor(number, error);
        let socket = socket2::Socket::from(descriptor);
        if !is_listener(&socket).map_err(failed)? {
            return Err(InheritError::NoListener(number));
        }
        // As for a socket of our own; see `listener.rs`.
        socket.set_tcp_nodelay(true).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        socket.set_cloexec(true).map_err(failed)?;
        let socket = TcpListener::from(socket);
        defer_until_spoken_to(&socket);
        first.get_or_insert(socket.local_addr().map_err(failed)?);
        sockets.push(socket);
    }
    Ok(first.map(|address| Listeners::of_open(sockets, address)))
}

#[cfg(target_os = "linux")]
fn is_listener(socket: &socket2::Socket) -> io::Result<bool> {
    use socket2::{Domain, Type};

    let is_of_the_net = [Domain::IPV4, Domain::IPV6].contains(&socket.domain()?);
    Ok(is_of_the_net && socket.r#type()? == Type::STREAM && socket.is_listener()?)
}

/// systemd is Linux only.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
pub(super) fn take() -> Result<Option<Listeners>, InheritError> {
    Ok(None)
}
