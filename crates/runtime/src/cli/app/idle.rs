//! End of a server that nothing uses: with the default browser, no window tells when it is closed.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::server::{Activity, Stop};

/// The time without a connection after which the server ends.
pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);
/// The interval in which the activity is read.
const INTERVAL: Duration = Duration::from_secs(60);

/// Requests the shutdown once the server was not used for [`IDLE`].
pub(super) fn stop_if_unused(activity: Arc<Activity>, stop: Stop) -> io::Result<()> {
    let thread = thread::Builder::new().name("idle".to_owned());
    let watch = move || {
        let mut unused = Unused { since: Instant::now() };
        while !unused.is_over(activity.take(), Instant::now()) {
            thread::park_timeout(INTERVAL);
        }
        stop.request();
    };
    thread.spawn(watch).map(drop)
}

/// Since when a server is unused.
struct Unused {
    since: Instant,
}

impl Unused {
    /// Whether the server has not been used for long enough.
    fn is_over(&mut self, is_used: bool, now: Instant) -> bool {
        if is_used {
            self.since = now;
        }
        now.saturating_duration_since(self.since) >= IDLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_hour_without_a_connection_is_the_end() {
        let start = Instant::now();
        let mut unused = Unused { since: start };
        // Minutes after the start, whether the server was used, and whether it ends.
        let rows = [
            (1, false, false),
            (29, false, false),
            (29, true, false),
            (58, false, false),
            (58, true, false),
            (87, false, false),
            (88, false, true),
        ];
        for (minutes, is_used, expected) in rows {
            let now = start + Duration::from_secs(minutes * 60);
            assert_eq!(unused.is_over(is_used, now), expected, "{minutes}");
        }
    }
}
