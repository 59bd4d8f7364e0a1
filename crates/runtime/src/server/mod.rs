//! TCP server: sockets, readiness and time for `crate::http`, which has none of them.
//!
//! There is one worker per core. Each has its own poller, slots and buffers; the workers share the
//! listeners, the shutdown request and the queue of the access log. Serving a request takes no
//! lock: records go to the access log at the end of a turn.

mod activity;
mod clock;
mod descriptors;
mod handover;
mod listen;
mod live;
mod log;
mod net;
mod options;
mod poller;
mod pool;
mod shutdown;
#[cfg(test)]
mod simulation;
mod slots;
mod stderr;
mod system;
mod timers;
mod transfer;
mod worker;

use std::{io, net::SocketAddr};

#[cfg(unix)]
pub use self::shutdown::SignalPipe;
pub use self::{
    activity::Activity,
    listen::{Addresses, InheritError, ListenError, Port},
    live::LiveServer,
    log::LogFormat,
    options::ServerOptions,
    shutdown::Stop,
};
use self::{
    listen::{Listeners, find_holder, take_inherited},
    pool::PoolSettings,
    system::SystemNet,
    worker::Worker,
};
use crate::{
    limits::{BYTES_PER_CONNECTION_MAX, SENDFILE_MIN},
    site::Site,
};

const _: () = assert!(
    Worker::<'static, SystemNet>::BYTES_PER_CONNECTION <= BYTES_PER_CONNECTION_MAX,
    "an idle connection takes too much memory"
);

/// Name and id of the process that listens at an address, if the system reveals it.
#[must_use]
pub fn port_holder(address: SocketAddr) -> Option<String> {
    find_holder(address)
}

/// A server that listens and does not accept connections yet.
#[derive(Debug)]
pub struct Server {
    listeners: Listeners,
}

impl Server {
    /// Listens on these addresses.
    ///
    /// # Errors
    ///
    /// If an address cannot be listened on; the error names it.
    pub fn listen(addresses: &Addresses, port: Port) -> Result<Self, ListenError> {
        Ok(Self { listeners: Listeners::open(addresses, port)? })
    }

    /// Listens on the sockets that the process inherits from a service manager, if any. May be
    /// called once in a process.
    ///
    /// # Errors
    ///
    /// If an inherited descriptor is not a listening TCP socket.
    pub fn inherit() -> Result<Option<Self>, InheritError> {
        Ok(take_inherited()?.map(|listeners| Self { listeners }))
    }

    /// The first address, for messages.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listeners.address()
    }

    /// All addresses.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.addresses()
    }

    /// Serves until `stop` is requested, and then until every response in progress is written, for
    /// at most [`STOP_MS_MAX`](crate::limits::STOP_MS_MAX) milliseconds.
    ///
    /// # Errors
    ///
    /// If the system cannot create a poller or a thread, or a poller fails.
    pub fn run(self, site: Site<'_>, options: ServerOptions, stop: &Stop) -> io::Result<()> {
        let settings = PoolSettings::new(options, 1, 0)?;
        // Finding the file and its mappings takes 0.05 ms of a start.
        if site.may_have_content_of(SENDFILE_MIN) {
            system::open_executable();
        }
        let (nets, _) = settings.nets(&self.listeners, stop, None)?;
        // Each worker has descriptors of its own. When the last one is closed, the system refuses
        // new clients.
        drop(self.listeners);
        settings.run(nets, site, stop)?;
        settings.finish();
        Ok(())
    }
}
