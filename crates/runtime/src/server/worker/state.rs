//! State of a worker from which it makes the [`Context`] of its connections: site, time, shutdown
//! and access log.

use std::net::IpAddr;

use crate::{
    http::{Context, DateField, Gate},
    limits::{IDLE_CROWDED_MS_MAX, IDLE_MS_MAX},
    server::{
        log::{Mark, WorkerLog},
        net::Net,
    },
    site::Site,
};

/// Site, time, shutdown and access log of a worker.
#[derive(Debug)]
pub(super) struct WorkerState<'s> {
    pub(super) site: Site<'s>,
    gate: Option<&'s Gate>,
    date: DateField,
    pub(super) now_ms: u64,
    wall_ms: u64,
    /// The deadline of the shutdown; `None` until a shutdown is requested.
    pub(super) stop_at_ms: Option<u64>,
    /// Whether the worker ends once every connection is closed or handed over.
    pub(super) is_leaving: bool,
    pub(super) log: Option<WorkerLog>,
}

impl<'s> WorkerState<'s> {
    pub(super) fn new(
        site: Site<'s>,
        gate: Option<&'s Gate>,
        log: Option<WorkerLog>,
        net: &impl Net,
    ) -> Self {
        let (now_ms, wall_ms) = (net.now_ms(), net.wall_ms());
        let date = DateField::new(wall_ms / 1000);
        Self { site, gate, date, now_ms, wall_ms, stop_at_ms: None, is_leaving: false, log }
    }

    /// Reads the clocks. To be called once per turn.
    pub(super) fn update_time(&mut self, net: &impl Net) {
        let now_ms = net.now_ms();
        // The system clock is read at most once per millisecond, in which there may be many turns.
        if now_ms != self.now_ms {
            self.now_ms = now_ms;
            self.wall_ms = net.wall_ms();
            self.date.update(self.wall_ms / 1000);
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop_at_ms.is_some()
    }

    /// The context of a connection in this turn. `is_crowded` shortens the idle timeout.
    pub(super) fn context(&mut self, is_crowded: bool) -> Context<'_, 's> {
        Context {
            site: &self.site,
            date: &self.date,
            now_ms: self.now_ms,
            idle_ms: if is_crowded { IDLE_CROWDED_MS_MAX } else { IDLE_MS_MAX },
            is_stopping: self.stop_at_ms.is_some(),
            is_client_local: false,
            is_secure: false,
            gate: self.gate,
            log: self.log.as_mut().map(WorkerLog::queue),
        }
    }

    /// A mark in the access log, if there is one, before the call of a connection.
    pub(super) fn log_mark(&self, net: &impl Net) -> Option<Mark> {
        self.log.as_ref().map(|log| log.mark(net.now_us()))
    }

    /// Completes the records of responses to this client since the mark.
    pub(super) fn complete_log(&mut self, mark: Option<Mark>, client: IpAddr, net: &impl Net) {
        if let Some((log, mark)) = self.log.as_mut().zip(mark) {
            log.complete(mark, client, self.wall_ms, net.now_us());
        }
    }
}
