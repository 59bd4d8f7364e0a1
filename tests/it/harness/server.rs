//! A running server and the address it listens on.

use std::net::SocketAddr;

use super::{Client, Running, chapbook};

/// A server that accepts connections.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Running,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The default site, two workers, any port.
    pub(crate) fn start() -> Self {
        Self::start_with(&["--workers", "2"])
    }

    /// The default site on any port, with these arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        chapbook().args(["--port", "0"]).args(arguments).serve()
    }

    /// Reads the first line of a process.
    pub(crate) fn new(mut process: Running) -> Self {
        let line = process.stdout_line();
        match listening_on(&line) {
            Some(address) => Self { process, address },
            None => panic!("the first line is {line:?}: {:?}", process.kill()),
        }
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }
}

/// The address of a line that names a URL.
pub(crate) fn listening_on(line: &str) -> Option<SocketAddr> {
    let (scheme, rest) = line.strip_prefix("Listening on ")?.split_once("://")?;
    let (address, _) = rest.split_once('/').filter(|_| ["http", "https"].contains(&scheme))?;
    address.parse().ok()
}
