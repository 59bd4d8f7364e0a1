//! State of a worker that all of its connections see: site, time, shutdown and access log.

use std::net::IpAddr;

use crate::{
    http::{Context, DateField},
    limits::{IDLE_CROWDED_MS_MAX, IDLE_MS_MAX},
    server::{
        log::{Mark, WorkerLog},
        net::Net,
    },
    site::Site,
};

/// Lent to connections as a [`Context`].
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) site: Site,
    date: DateField,
    pub(super) now_ms: u64,
    wall_ms: u64,
    /// Hard shutdown deadline; `None` until a stop is requested.
    pub(super) stop_at_ms: Option<u64>,
    pub(super) log: Option<WorkerLog>,
}

impl Shared {
    pub(super) fn new(site: Site, log: Option<WorkerLog>, net: &impl Net) -> Self {
        let (now_ms, wall_ms) = (net.now_ms(), net.wall_ms());
        let date = DateField::new(wall_ms / 1000);
        Self { site, date, now_ms, wall_ms, stop_at_ms: None, log }
    }

    /// Reads the clocks, once per turn.
    pub(super) fn update_time(&mut self, net: &impl Net) {
        let now_ms = net.now_ms();
        // Many turns fit into a millisecond, in which the system clock is not read again.
        if now_ms != self.now_ms {
            self.now_ms = now_ms;
            self.wall_ms = net.wall_ms();
            self.date.update(self.wall_ms / 1000);
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop_at_ms.is_some()
    }

    /// What a connection sees in this turn; it may be idle for a short time only if slots are
    /// scarce.
    pub(super) fn context(&mut self, is_crowded: bool) -> Context<'_> {
        Context {
            site: &self.site,
            date: &self.date,
            now_ms: self.now_ms,
            idle_ms: if is_crowded { IDLE_CROWDED_MS_MAX } else { IDLE_MS_MAX },
            is_stopping: self.stop_at_ms.is_some(),
            log: self.log.as_mut().map(WorkerLog::queue),
        }
    }

    /// The state of the access log before a connection is called, if there is one.
    pub(super) fn log_mark(&self, net: &impl Net) -> Option<Mark> {
        self.log.as_ref().map(|log| log.mark(net.now_us()))
    }

    /// Completes the records of what this client was sent since the mark.
    pub(super) fn complete_log(&mut self, mark: Option<Mark>, client: IpAddr, net: &impl Net) {
        if let Some((log, mark)) = self.log.as_mut().zip(mark) {
            log.complete(mark, client, self.wall_ms, net.now_us());
        }
    }
}
