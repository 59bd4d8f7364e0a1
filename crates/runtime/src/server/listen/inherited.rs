//! Sockets inherited from a service manager by the protocol of systemd: the variables `LISTEN_PID`
//! and `LISTEN_FDS`, and descriptors from 3 on.

use std::{fmt, io};

use super::listener::{Listeners, prepare};
use crate::{limits::INHERITED_MAX, server::system};

/// Fixed by the protocol: 0 to 2 are stdin, stdout and stderr.
const FIRST_DESCRIPTOR: u32 = 3;

/// Why inherited sockets cannot be used.
#[derive(Debug)]
pub enum InheritError {
    /// The variables are malformed, or claim too many sockets.
    Variables,
    /// This descriptor cannot be used as a socket.
    Descriptor(u32, io::Error),
    /// This descriptor is not a listening TCP socket.
    NotListening(u32),
}

impl fmt::Display for InheritError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variables => write!(
                f,
                "cannot use inherited sockets: LISTEN_PID or LISTEN_FDS is not a number, or there \
                 are more than {INHERITED_MAX} sockets; unset both to start without a service \
                 manager"
            ),
            Self::Descriptor(number, error) => {
                write!(f, "cannot use inherited descriptor {number}: {error}")
            }
            Self::NotListening(number) => write!(
                f,
                "cannot use inherited descriptor {number}: it is not a listening TCP socket; in a \
                 socket unit, use ListenStream= with a port, and Accept=no"
            ),
        }
    }
}

impl std::error::Error for InheritError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Descriptor(_, error) => Some(error),
            Self::Variables | Self::NotListening(_) => None,
        }
    }
}

/// The sockets that this process inherits, if any. The result owns the descriptors, so this may be
/// called only once.
pub(in crate::server) fn take_inherited() -> Result<Option<Listeners>, InheritError> {
    let inherited = system::take_inherited().ok_or(InheritError::Variables)?;
    let mut sockets = Vec::new();
    let mut first = None;
    for (socket, number) in inherited.into_iter().zip(FIRST_DESCRIPTOR..) {
        let failed = |error| InheritError::Descriptor(number, error);
        if !system::adopt(&socket).map_err(failed)? {
            return Err(InheritError::NotListening(number));
        }
        let listener = prepare(socket).map_err(failed)?;
        first.get_or_insert(listener.local_addr().map_err(failed)?);
        sockets.push(listener);
    }
    Ok(first.map(|address| Listeners::from_open(sockets, address)))
}
