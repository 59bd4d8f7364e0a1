//! TCP server: sockets, readiness and time for `crate::http`, which knows none of them.
//!
//! One worker per core. Each has its own poller, slots and buffers; the workers share the
//! listeners, the shutdown request, the verification queue and the queue of the access log. The
//! path of a request takes no lock: records are handed to the access log at the end of a turn, and
//! contents are queued for verification once.

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
mod verifier;
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
    listen::{Listeners, take_inherited},
    log::{AccessLog, WorkerLog},
    poller::Poller,
    system::SystemNet,
    verifier::Verifier,
    worker::{Bounds, Signals, Worker},
};
use crate::{limits::BYTES_PER_CONNECTION_MAX, site::Site};

const _: () = assert!(
    Worker::<'static, SystemNet>::BYTES_PER_CONNECTION <= BYTES_PER_CONNECTION_MAX,
    "an idle connection takes too much memory"
);

/// Options of a server.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Number of workers; one per core by default.
    pub workers: Option<NonZeroUsize>,
    /// Maximum number of concurrent connections.
    pub connections_max: NonZeroUsize,
    /// Format of the access log on stdout; no log by default.
    pub log: Option<LogFormat>,
}

/// A server that listens, and does not accept connections yet.
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

    /// Listens on inherited sockets, if a service manager hands over any. To be called once in a
    /// process.
    ///
    /// # Errors
    ///
    /// If something is handed over that is not a listening TCP socket.
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

    /// Serves until `stop` is requested and every response under way is written, or the time for
    /// that is over.
    ///
    /// # Errors
    ///
    /// If the system gives no poller or thread, or a poller fails.
    pub fn run(self, site: Site, options: Options, stop: &Stop) -> io::Result<()> {
        let workers = options.workers.or_else(|| thread::available_parallelism().ok());
        let workers = workers.map_or(1, NonZeroUsize::get).min(options.connections_max.get());
        let connections_max = descriptors::allow(options.connections_max.get(), workers);
        let bounds = Bounds { connections_max: connections_max.div_ceil(workers) };
        // Whatever can fail comes before the first response.
        let verifier = Verifier::default();
        let verifier = &verifier;
        let log = options.log.map(AccessLog::start).transpose()?;
        system::open_executable();
        let mut idle = Vec::new();
        for _ in 0..workers {
            let poller = Poller::new()?;
            stop.add_waker(poller.waker());
            verifier.add_waker(poller.waker());
            let signals = Signals { stop, verifier };
            let net = SystemNet::new(self.listeners.share()?, poller, stop)?;
            let log = log.clone().map(WorkerLog::new);
            idle.push(Worker::new(net, site, bounds, signals, log));
        }
        // Each worker has its own descriptors now; when the last one is closed, the system refuses
        // new clients.
        drop(self.listeners);
        thread::scope(|scope| {
            if site.is_verified_lazily() {
                let builder = thread::Builder::new().name("verifier".to_owned());
                builder.spawn_scoped(scope, move || verifier.run(site))?;
            }
            // This thread would only wait for the others, so it is a worker, too.
            let own = idle.pop();
            let mut running = Vec::with_capacity(idle.len());
            for (number, worker) in idle.into_iter().enumerate() {
                let builder = thread::Builder::new().name(format!("worker-{number}"));
                match builder.spawn_scoped(scope, move || run_or_stop(worker, stop)) {
                    Ok(thread) => running.push(thread),
                    Err(error) => {
                        stop.request();
                        verifier.stop();
                        return Err(error);
                    }
                }
            }
            let outcome = own.map_or(Ok(()), |worker| run_or_stop(worker, stop));
            // A panic ends the process from its hook (see `cli`), so that join only brings errors.
            let ended = running.into_iter().map(|it| it.join().unwrap_or(Ok(())));
            let outcome = ended.fold(outcome, io::Result::and);
            verifier.stop();
            outcome
        })?;
        if let Some(log) = log {
            log.finish();
        }
        Ok(())
    }
}

/// A failed worker stops the others: fewer than requested would go unnoticed.
fn run_or_stop(mut worker: Worker<'_, SystemNet>, stop: &Stop) -> io::Result<()> {
    let outcome = worker.run();
    if outcome.is_err() {
        stop.request();
    }
    outcome
}
