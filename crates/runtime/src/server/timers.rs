//! Time of the next scan for expired deadlines.
//!
//! The deadlines themselves are in the connections. All slots are scanned when the earliest known
//! deadline has expired, but at most once per [`SCAN_INTERVAL_MS`], so a deadline is never handled
//! early and at most that late. Moving a deadline into the future costs nothing: the scan that was
//! due for it finds the next deadline.

use crate::limits::SCAN_INTERVAL_MS;

/// When all slots are to be scanned.
#[derive(Debug, Default)]
pub(super) struct Timers {
    /// `None` if no deadline is known.
    next_scan_ms: Option<u64>,
    /// The earliest time of another scan.
    next_allowed_ms: u64,
}

impl Timers {
    /// Schedules a scan for this deadline.
    pub(super) fn schedule(&mut self, deadline_ms: u64) {
        let scan_ms = deadline_ms.max(self.next_allowed_ms);
        if self.next_scan_ms.is_none_or(|next_ms| scan_ms < next_ms) {
            self.next_scan_ms = Some(scan_ms);
        }
    }

    /// When the next scan is due; `None` if no deadline is known.
    pub(super) fn next_scan_ms(&self) -> Option<u64> {
        self.next_scan_ms
    }

    /// Whether a scan is due. If so, the caller must scan now, and schedule every deadline that has
    /// not expired.
    pub(super) fn begin_scan(&mut self, now_ms: u64) -> bool {
        let is_due = self.next_scan_ms.is_some_and(|at_ms| at_ms <= now_ms);
        if is_due {
            self.next_scan_ms = None;
            self.next_allowed_ms = now_ms + SCAN_INTERVAL_MS;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_is_due_at_the_earliest_deadline_and_never_before() {
        let mut timers = Timers::default();
        assert_eq!(timers.next_scan_ms(), None);
        assert!(!timers.begin_scan(u64::MAX));
        for deadline_ms in [10_000, 2_500, 15_000] {
            timers.schedule(deadline_ms);
        }
        assert_eq!(timers.next_scan_ms(), Some(2_500));
        assert!(!timers.begin_scan(2_499));
        assert!(timers.begin_scan(2_500));
        assert_eq!(timers.next_scan_ms(), None);
    }

    #[test]
    fn scans_are_a_second_apart_and_a_deadline_is_at_most_that_late() {
        let mut timers = Timers::default();
        timers.schedule(5_000);
        assert!(timers.begin_scan(5_000));
        for (deadline_ms, scan_ms) in [(15_000, 15_000), (7_000, 7_000), (5_001, 6_000)] {
            timers.schedule(deadline_ms);
            assert_eq!(timers.next_scan_ms(), Some(scan_ms), "{deadline_ms}");
        }
        assert!(!timers.begin_scan(5_999));
        assert!(timers.begin_scan(6_000));
        // After a suspension of the process, nothing is missed.
        timers.schedule(6_001);
        assert!(timers.begin_scan(100_000_000));
    }
}
