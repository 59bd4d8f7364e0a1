//! TCP server: sockets, readiness and time for `crate::http`, which has none of them.
//!
//! There is one worker per core. Each has its own poller, slots and buffers; the workers share the
//! listeners, the shutdown request and the queue of the access log. Serving a request takes no
//! lock: records go to the access log at the end of a turn.

mod clock;
mod descriptors;
mod listen;
mod log;
mod net;
mod poller;
mod shutdown;
#[cfg(test)]
mod simulation;
mod slots;
mod stderr;
mod system;
mod timers;
mod transfer;
mod worker;

use std::{io, net::SocketAddr, num::NonZeroUsize, thread};

#[cfg(unix)]
pub use self::shutdown::SignalPipe;
pub use self::{
    listen::{Addresses, InheritError, ListenError, Port},
    log::LogFormat,
    shutdown::Stop,
};
use self::{
    listen::{Listeners, find_holder, take_inherited},
    log::{AccessLog, WorkerLog},
    poller::Poller,
    system::SystemNet,
    worker::{Bounds, Worker},
};
use crate::{limits::BYTES_PER_CONNECTION_MAX, site::Site};

const _: () = assert!(
    Worker::<'static, SystemNet>::BYTES_PER_CONNECTION <= BYTES_PER_CONNECTION_MAX,
    "an idle connection takes too much memory"
);

/// Options of [`Server::run`].
#[derive(Debug, Clone, Copy)]
pub struct ServerOptions {
    /// Number of workers; `None` for one per core.
    pub workers: Option<NonZeroUsize>,
    /// Maximum number of concurrent connections.
    pub connections_max: NonZeroUsize,
    /// Format of the access log on stdout; `None` for no log.
    pub log: Option<LogFormat>,
}

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
    pub fn run(self, site: Site, options: ServerOptions, stop: &Stop) -> io::Result<()> {
        let workers = options.workers.or_else(|| thread::available_parallelism().ok());
        let workers = workers.map_or(1, NonZeroUsize::get).min(options.connections_max.get());
        let connections_max =
            descriptors::allowed_connections(options.connections_max.get(), workers);
        let bounds = Bounds { connections_max: connections_max.div_ceil(workers) };
        // Everything that can fail comes before the first response.
        let log = options.log.map(AccessLog::start).transpose()?;
        system::open_executable();
        let mut all = Vec::with_capacity(workers);
        for _ in 0..workers {
            let poller = Poller::new()?;
            stop.add_waker(poller.waker());
            let net = SystemNet::new(self.listeners.share()?, poller, stop)?;
            let log = log.clone().map(WorkerLog::new);
            all.push(Worker::new(net, site, bounds, stop, log));
        }
        // Each worker has descriptors of its own. When the last one is closed, the system refuses
        // new clients.
        drop(self.listeners);
        thread::scope(|scope| {
            // This thread would only wait for the others, so it is a worker, too.
            let own = all.pop();
            let mut running = Vec::with_capacity(all.len());
            for (number, worker) in all.into_iter().enumerate() {
                let builder = thread::Builder::new().name(format!("worker-{number}"));
                match builder.spawn_scoped(scope, move || run_or_stop(worker, stop)) {
                    Ok(thread) => running.push(thread),
                    Err(error) => {
                        stop.request();
                        return Err(error);
                    }
                }
            }
            let outcome = own.map_or(Ok(()), |worker| run_or_stop(worker, stop));
            // A panic ends the process (see `cli`), so join does not fail.
            let ended = running.into_iter().map(|it| it.join().unwrap_or(Ok(())));
            ended.fold(outcome, io::Result::and)
        })?;
        if let Some(log) = log {
            log.finish();
        }
        Ok(())
    }
}

/// Runs a worker. A failed one stops the others, because fewer workers than requested would go
/// unnoticed.
fn run_or_stop(mut worker: Worker<'_, SystemNet>, stop: &Stop) -> io::Result<()> {
    let outcome = worker.run();
    if outcome.is_err() {
        stop.request();
    }
    outcome
}
