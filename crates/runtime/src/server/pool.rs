//! Pool of the workers that serve one site, a thread for each.

use std::{io, num::NonZeroUsize, sync::Arc, thread};

use super::{
    activity::{Activity, WorkerActivity},
    clock::Clock,
    descriptors,
    handover::Handover,
    listen::Listeners,
    log::{AccessLog, WorkerLog},
    options::ServerOptions,
    poller::{Poller, Waker},
    shutdown::Stop,
    system::SystemNet,
    worker::{Worker, WorkerOptions},
};
use crate::{http::Gate, site::Site, tls::TlsConfig};

/// What the pools of a server have in common.
#[derive(Debug)]
pub(super) struct PoolSettings {
    /// Number of workers in a pool.
    pub(super) workers: usize,
    /// Maximum number of connections of a worker.
    connections_max: usize,
    clock: Clock,
    log: Option<AccessLog>,
    activity: Option<Arc<Activity>>,
    tls: Option<TlsConfig>,
    gate: Option<Gate>,
}

impl PoolSettings {
    /// Starts the access log, and reserves descriptors for this many pools and files.
    pub(super) fn new(options: ServerOptions, pools: usize, files: usize) -> io::Result<Self> {
        let workers = options.workers.or_else(|| thread::available_parallelism().ok());
        let workers = workers.map_or(1, NonZeroUsize::get).min(options.connections_max.get());
        let wanted = options.connections_max.get();
        let connections_max = descriptors::allowed_connections(wanted, workers * pools, files);
        let connections_max = connections_max.div_ceil(workers);
        let ServerOptions { log, activity, tls, gate, .. } = options;
        let secret = gate.as_ref().and_then(|it| it.secret.clone());
        let log = log.map(|format| AccessLog::start(format, secret)).transpose()?;
        Ok(Self { workers, connections_max, clock: Clock::start(), log, activity, tls, gate })
    }

    /// The sockets and pollers of a pool, and what wakes its workers. Everything that can fail
    /// comes before the first response.
    pub(super) fn nets(
        &self,
        listeners: &Listeners,
        stop: &Stop,
        handover: Option<&Arc<Handover>>,
    ) -> io::Result<(Vec<SystemNet>, Vec<Waker>)> {
        let (mut nets, mut wakers) = (Vec::with_capacity(self.workers), Vec::new());
        for _ in 0..self.workers {
            let poller = Poller::new()?;
            stop.add_waker(poller.waker());
            wakers.push(poller.waker());
            let handover = handover.map(Arc::clone);
            nets.push(SystemNet::new(listeners.share()?, poller, self.clock, stop, handover)?);
        }
        Ok((nets, wakers))
    }

    /// Serves until `stop` is requested and every connection is closed.
    pub(super) fn run(&self, nets: Vec<SystemNet>, site: Site<'_>, stop: &Stop) -> io::Result<()> {
        let worker = |net| {
            let options = WorkerOptions {
                connections_max: self.connections_max,
                tls: self.tls.clone(),
                gate: self.gate.as_ref(),
                log: self.log.clone().map(WorkerLog::new),
                activity: self.activity.clone().map(WorkerActivity::new),
            };
            Worker::new(net, site, stop, options)
        };
        let mut all: Vec<_> = nets.into_iter().map(worker).collect();
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
        })
    }

    /// Waits until the access log is written.
    pub(super) fn finish(self) {
        if let Some(log) = self.log {
            log.finish();
        }
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
