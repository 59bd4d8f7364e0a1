//! Activity of a server: whether clients are connected, or were since it was last read.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Whether a server is used.
#[derive(Debug, Default)]
pub struct Activity {
    /// The number of connections of all workers.
    connections: AtomicUsize,
    /// Whether there was an event since the last call of [`Activity::take`].
    has_events: AtomicBool,
}

impl Activity {
    /// Whether a client is connected, or was since the last call.
    pub fn take(&self) -> bool {
        let had_events = self.has_events.swap(false, Ordering::Relaxed);
        had_events || self.connections.load(Ordering::Relaxed) > 0
    }
}

/// The share of a worker.
#[derive(Debug)]
pub(super) struct WorkerActivity {
    shared: Arc<Activity>,
    connections: usize,
}

impl WorkerActivity {
    pub(super) fn new(shared: Arc<Activity>) -> Self {
        Self { shared, connections: 0 }
    }

    /// Records a turn, after which the worker has this number of connections.
    pub(super) fn record(&mut self, connections: usize) {
        let shared = &self.shared.connections;
        if connections >= self.connections {
            shared.fetch_add(connections - self.connections, Ordering::Relaxed);
        } else {
            shared.fetch_sub(self.connections - connections, Ordering::Relaxed);
        }
        self.connections = connections;
        self.shared.has_events.store(true, Ordering::Relaxed);
    }
}

impl Drop for WorkerActivity {
    fn drop(&mut self) {
        self.shared.connections.fetch_sub(self.connections, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_used_while_a_worker_has_connections_or_events() {
        let activity = Arc::new(Activity::default());
        let mut workers = [(); 2].map(|()| WorkerActivity::new(Arc::clone(&activity)));
        // Worker, its connections after a turn, and whether the server is used then and later.
        let rows = [
            (0, 0, true, false),
            (0, 2, true, true),
            (1, 1, true, true),
            (0, 0, true, true),
            (1, 0, true, false),
        ];
        assert!(!activity.take());
        for (worker, connections, now, later) in rows {
            workers[worker].record(connections);
            assert_eq!((activity.take(), activity.take()), (now, later), "{worker} {connections}");
        }
        workers[1].record(3);
        drop(workers);
        assert_eq!((activity.take(), activity.take()), (true, false));
    }
}
