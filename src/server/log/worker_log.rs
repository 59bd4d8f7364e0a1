//! Access log of one worker: the queue that its connections fill during a turn, handed over at the
//! end of it. It never waits.

use std::net::IpAddr;

use super::writer::AccessLog;
use crate::{
    http::{Delivery, LogQueue},
    limits::{LOG_PENDING_MAX, LOG_PENDING_RECORDS_MAX, LOG_WARNING_INTERVAL_MS},
};

/// The records of one worker that the writer does not have yet.
#[derive(Debug)]
pub(in crate::server) struct WorkerLog {
    access_log: AccessLog,
    queue: LogQueue,
    /// Dropped records that no warning has counted yet.
    dropped: u64,
    warned_ms: Option<u64>,
}

/// The records before a call, and when it began.
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

    /// What a connection adds records to.
    pub(in crate::server) fn queue(&mut self) -> &mut LogQueue {
        &mut self.queue
    }

    /// To be called before a connection that may respond.
    pub(in crate::server) fn mark(&self, now_us: u64) -> Mark {
        Mark { count: self.queue.len(), now_us }
    }

    /// Completes the records since a mark, after the write.
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

    /// Hands over the records of a turn, unless the queue is locked at this moment. Returns how
    /// many were dropped so far if a warning is due.
    pub(in crate::server) fn hand_over(&mut self, now_ms: u64) -> Option<u64> {
        self.dropped += self.access_log.try_take(&mut self.queue).unwrap_or(0);
        let is_due = |last_ms: u64| now_ms >= last_ms + LOG_WARNING_INTERVAL_MS;
        if self.dropped == 0 || !self.warned_ms.is_none_or(is_due) {
            return None;
        }
        self.warned_ms = Some(now_ms);
        Some(std::mem::take(&mut self.dropped))
    }

    /// Hands over the last records, and returns how many were dropped since the last warning.
    pub(in crate::server) fn finish(&mut self) -> u64 {
        self.dropped + self.access_log.take(&mut self.queue)
    }

    /// Whether records are left that are to be handed over soon.
    pub(in crate::server) fn has_pending(&self) -> bool {
        !self.queue.is_empty()
    }
}
