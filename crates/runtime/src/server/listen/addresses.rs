//! Addresses and ports to listen on, and the errors about them.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
};

use crate::limits::PORT_UNPRIVILEGED_MIN;

/// Addresses to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addresses {
    /// Loopback only, in each of IPv4 and IPv6 that this machine supports.
    Loopback,
    /// All addresses of this machine, in each of IPv4 and IPv6 that it supports.
    All,
    /// Exactly this one.
    One(IpAddr),
}

/// Port to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// This one, or any free one if it is 0.
    Exactly(u16),
    /// The first of these that is free.
    FirstFreeOf(RangeInclusive<u16>),
}

/// Why an address cannot be listened on.
#[derive(Debug)]
pub struct ListenError {
    pub(super) address: SocketAddr,
    /// All ports that were tried, if there are several.
    pub(super) tried: Option<RangeInclusive<u16>>,
    /// The process that listens there, if the system reveals it.
    pub(super) holder: Option<String>,
    pub(super) source: io::Error,
}

impl ListenError {
    pub(super) fn new(address: SocketAddr, source: io::Error) -> Self {
        Self { address, tried: None, holder: None, source }
    }

    /// The address, if another process listens there.
    #[must_use]
    pub fn occupied(&self) -> Option<SocketAddr> {
        let is_in_use = self.tried.is_none() && self.source.kind() == io::ErrorKind::AddrInUse;
        is_in_use.then_some(self.address)
    }

    /// The error with a description of that process.
    #[must_use]
    pub fn with_holder(self, holder: Option<String>) -> Self {
        Self { holder, ..self }
    }

    /// Whether another port may be free. Windows reserves some, and reports that as a lack of
    /// permission.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        let is_reserved = self.address.port() >= PORT_UNPRIVILEGED_MIN;
        match self.source.kind() {
            io::ErrorKind::AddrInUse => true,
            io::ErrorKind::PermissionDenied => is_reserved,
            _ => false,
        }
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CHOOSE: &str = "; choose another with --port, or any free one with --port 0";
        let Self { address, tried, holder, source } = self;
        let port = address.port();
        if let Some(tried) = tried {
            let (first, last) = (tried.start(), tried.end());
            return write!(f, "cannot listen: all ports from {first} to {last} are in use{CHOOSE}");
        }
        write!(f, "cannot listen on {address}: ")?;
        match source.kind() {
            io::ErrorKind::AddrInUse => {
                write!(f, "port {port} is in use")?;
                if let Some(holder) = holder {
                    write!(f, " by {holder}")?;
                }
                f.write_str(CHOOSE)
            }
            io::ErrorKind::AddrNotAvailable => write!(
                f,
                "this machine has no address {}; choose one of its addresses with --host",
                address.ip()
            ),
            io::ErrorKind::PermissionDenied if port >= PORT_UNPRIVILEGED_MIN => {
                write!(f, "the system reserves port {port}; choose another with --port")
            }
            io::ErrorKind::PermissionDenied => {
                write!(f, "port {port} requires privileges; choose one above 1023 with --port")
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

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn an_error_names_the_port_and_says_what_to_do() {
        let error = |port, kind: io::ErrorKind| {
            ListenError::new(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port), kind.into())
        };
        let (in_use, refused) = (io::ErrorKind::AddrInUse, io::ErrorKind::PermissionDenied);
        let holder = Some("nginx (process 7)".to_owned());
        let rows = [
            (error(80, in_use), true, "127.0.0.1:80: port 80 is in use; choose another"),
            (
                ListenError { holder, ..error(8080, in_use) },
                true,
                "127.0.0.1:8080: port 8080 is in use by nginx (process 7); choose another",
            ),
            (
                ListenError { tried: Some(8080..=8099), ..error(8099, in_use) },
                true,
                "all ports from 8080 to 8099 are in use; choose another with --port",
            ),
            (error(80, refused), false, "port 80 requires privileges; choose one above 1023"),
            (error(8080, refused), true, "the system reserves port 8080; choose another"),
            (error(80, io::ErrorKind::AddrNotAvailable), false, "has no address 127.0.0.1; "),
        ];
        for (error, is_in_use, words) in rows {
            assert!(error.to_string().contains(words), "{words}: {error}");
            assert_eq!(error.is_in_use(), is_in_use, "{error}");
        }
    }
}
