//! Access log of one worker: a queue that its connections fill during a turn, and that goes to the
//! writer thread at the end of the turn. The worker never waits for that.

use std::net::IpAddr;

use super::writer::AccessLog;
use crate::{
    http::{Delivery, LogQueue},
    limits::{LOG_PENDING_MAX, LOG_PENDING_RECORDS_MAX, LOG_WARNING_INTERVAL_MS},
};

/// The records of one worker that the writer thread does not have yet.
#[derive(Debug)]
pub(in crate::server) struct WorkerLog {
    access_log: AccessLog,
    queue: LogQueue,
    /// The number of dropped records since the last warning.
    dropped: u64,
    warned_ms: Option<u64>,
}

/// The number of records before a call of a connection, and when the call began.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Mark {
    count: usize,
    now_us: u64,
}

impl WorkerLog {
    pub(in crate::server) fn new(access_log: AccessLog) -> Self {
        let queue = LogQueue::with_capacity(LOG_PENDING_RECORDS_MAX, LOG_PENDING_MAX);
        Self { access_log, queue, dropped: 0, warned_ms: None }
    }

    /// The queue for the records of connections.
    pub(in crate::server) fn queue(&mut self) -> &mut LogQueue {
        &mut self.queue
    }

    /// A mark for [`WorkerLog::complete`], to be made before the call of a connection that may
    /// respond.
    pub(in crate::server) fn mark(&self, now_us: u64) -> Mark {
        Mark { count: self.queue.len(), now_us }
    }

    /// Completes the records since a mark, after their responses are written.
    pub(in crate::server) fn complete(
        &mut self,
        since: Mark,
        client: IpAddr,
        time_ms: u64,
        now_us: u64,
    ) {
        let duration_us = now_us.saturating_sub(since.now_us);
        self.queue.set_delivery_since(since.count, Delivery { client, time_ms, duration_us });
    }

    /// Hands over the records of a turn, unless the writer's queue is locked. If a warning about
    /// dropped records is due, returns their number.
    pub(in crate::server) fn hand_over(&mut self, now_ms: u64) -> Option<u64> {
        self.dropped += self.access_log.try_append(&mut self.queue).unwrap_or(0);
        let is_due = |last_ms: u64| now_ms >= last_ms + LOG_WARNING_INTERVAL_MS;
        if self.dropped == 0 || !self.warned_ms.is_none_or(is_due) {
            return None;
        }
        self.warned_ms = Some(now_ms);
        Some(std::mem::take(&mut self.dropped))
    }

    /// Hands over the last records. Returns how many were dropped since the last warning.
    pub(in crate::server) fn finish(&mut self) -> u64 {
        self.dropped + self.access_log.append(&mut self.queue)
    }

    /// Whether records are left because the writer's queue was locked.
    pub(in crate::server) fn has_pending(&self) -> bool {
        !self.queue.is_empty()
    }
}
