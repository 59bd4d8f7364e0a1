//! The std TCP loop: sockets, readiness and time, for `crate::http` which knows none of them.
//!
//! One worker per core; each has its own poller, slots and buffers, and they share nothing but the
//! listeners and the wish to stop, so that nothing on the way of a request takes a lock.

mod access_log;
mod checker;
mod clock;
mod descriptors;
#[cfg(target_os = "linux")]
mod executable;
mod holder;
mod inherited;
mod listener;
mod log_line;
mod net;
mod poller;
mod scribe;
#[cfg(test)]
mod simulation;
mod slots;
mod stderr;
mod stop;
mod system;
mod timers;
mod transfer;
mod wait;
mod worker;

use std::{io, net::SocketAddr, num::NonZeroUsize, thread};

#[cfg(unix)]
pub use self::stop::SignalPipe;
use self::{
    access_log::AccessLog,
    checker::Checker,
    listener::Listeners,
    poller::Poller,
    scribe::Scribe,
    system::SystemNet,
    worker::{Bounds, Signals, Worker},
};
pub use self::{
    inherited::InheritError,
    listener::{Addresses, ListenError, Port},
    log_line::LogFormat,
    stop::Stop,
};
use crate::{limits::BYTES_PER_CONNECTION_MAX, site::Site};

const _: () = assert!(
    Worker::<'static, SystemNet>::BYTES_PER_CONNECTION <= BYTES_PER_CONNECTION_MAX,
    "an idle connection takes too much memory"
);

/// What a server is asked to be.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many loops run; one per core if not given.
    pub workers: Option<NonZeroUsize>,
    /// How many connections there may be.
    pub connections_max: NonZeroUsize,
    /// How each answer is logged on stdout, if it is.
    pub log: Option<LogFormat>,
}

/// A server that listens and answers nobody yet.
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

    /// Listens on what a service manager hands over, if one does. To be asked once in a process.
    ///
    /// # Errors
    ///
    /// If something that is handed over is no TCP socket that listens.
    pub fn inherit() -> Result<Option<Self>, InheritError> {
        let listeners = inherited::take()?;
        Ok(listeners.map(|listeners| Self { listeners }))
    }

    /// The address to tell people, which is the first of those that are listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listeners.address()
    }

    /// All addresses that are listened on.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.addresses()
    }

    /// Answers until `stop` asks for the end, and every answer under way is finished or has taken
    /// too long.
    ///
    /// # Errors
    ///
    /// If the system gives no poller or thread, or a poller fails.
    pub fn run(self, site: Site, options: Options, stop: &Stop) -> io::Result<()> {
        let workers = options.workers.or_else(|| thread::available_parallelism().ok());
        let workers = workers.map_or(1, NonZeroUsize::get).min(options.connections_max.get());
        let connections_max = descriptors::allow(options.connections_max.get(), workers);
        let bounds = Bounds { connections_max: connections_max.div_ceil(workers) };
        // All that can fail is asked for before anyone is answered.
        let checker = Checker::default();
        let checker = &checker;
        let log = options.log.map(AccessLog::start).transpose()?;
        #[cfg(target_os = "linux")]
        executable::open();
        let mut idle = Vec::new();
        for _ in 0..workers {
            let poller = Poller::new()?;
            stop.wake_also(poller.waker());
            checker.wake_also(poller.waker());
            let signals = Signals { stop, checker };
            let net = SystemNet::new(self.listeners.share()?, poller, stop)?;
            let scribe = log.clone().map(Scribe::new);
            idle.push(Worker::new(net, site, bounds, signals, scribe));
        }
        // Each worker has its own descriptors now; when the last one lets go, the system refuses
        // who comes.
        drop(self.listeners);
        thread::scope(|scope| {
            if site.is_checked_late() {
                let builder = thread::Builder::new().name("checker".to_owned());
                builder.spawn_scoped(scope, move || checker.run(site))?;
            }
            // This thread has nothing else to do, so that it is a worker, too.
            let own = idle.pop();
            let mut running = Vec::with_capacity(idle.len());
            for (number, worker) in idle.into_iter().enumerate() {
                let builder = thread::Builder::new().name(format!("worker-{number}"));
                match builder.spawn_scoped(scope, move || run_or_stop(worker, stop)) {
                    Ok(thread) => running.push(thread),
                    Err(error) => {
                        stop.request();
                        checker.end();
                        return Err(error);
                    }
                }
            }
            let outcome = own.map_or(Ok(()), |worker| run_or_stop(worker, stop));
            // A panic ends the process from its hook (see `cli`), so that join only brings errors.
            let ended = running.into_iter().map(|it| it.join().unwrap_or(Ok(())));
            let outcome = ended.fold(outcome, io::Result::and);
            checker.end();
            outcome
        })?;
        if let Some(log) = log {
            log.end();
        }
        Ok(())
    }
}

/// A server that lost a worker is no server that was asked for, so the others stop too.
fn run_or_stop(mut worker: Worker<'_, SystemNet>, stop: &Stop) -> io::Result<()> {
    let outcome = worker.run();
    if outcome.is_err() {
        stop.request();
    }
    outcome
}
