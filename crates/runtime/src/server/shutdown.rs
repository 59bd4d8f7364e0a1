//! Graceful shutdown: a flag, and wakers for every worker.

#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::{
    fmt,
    io::{self, Read},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::{poller::Waker, system::SignalReader};
use crate::limits::DRAIN_WAIT_MS_MAX;

/// Requests a shutdown from any thread. Clones share the request.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    shared: Arc<StopState>,
}

#[derive(Debug, Default)]
struct StopState {
    requested: Arc<AtomicBool>,
    /// Whether the workers have been woken.
    notified: Arc<AtomicBool>,
    wakers: Mutex<Vec<Waker>>,
    in_progress: Mutex<InProgress>,
    signal_reader: Mutex<Option<SignalReader>>,
    callback: Mutex<Option<Callback>>,
    drain: Mutex<DrainState>,
    drain_changed: Condvar,
}

/// What is called at the request.
struct Callback(Box<dyn FnOnce() + Send>);

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}

/// How the workers of a site end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum StopMode {
    /// The server stops: every response in progress is written.
    #[default]
    Stop,
    /// Other workers continue: connections that wait for a request are handed over to them.
    Drain,
    /// Every connection is closed at once.
    Abort,
}

#[derive(Debug, Default)]
struct DrainState {
    mode: StopMode,
    /// The number of workers that have stopped accepting.
    draining: usize,
}

/// Responses that a shutdown waits for.
#[derive(Debug, Default)]
struct InProgress {
    responses: usize,
    /// The number of workers that have counted theirs.
    workers: usize,
}

/// What a signal handler needs. A handler may do very little (signal-safety(7)).
#[cfg(unix)]
#[derive(Debug)]
pub struct SignalPipe {
    /// The handler sets this first.
    pub requested: Arc<AtomicBool>,
    /// Set once a worker has seen the request. From then on, another signal ends the process.
    pub notified: Arc<AtomicBool>,
    /// Writing one byte here wakes a worker, which wakes the rest.
    pub writer: UnixStream,
}

impl Stop {
    /// Requests the shutdown. Returns whether this is the first request.
    #[expect(clippy::must_use_candidate, reason = "most callers request it once")]
    pub fn request(&self) -> bool {
        self.request_as(StopMode::Stop)
    }

    fn request_as(&self, mode: StopMode) -> bool {
        self.lock_drain().mode = mode;
        let is_first = !self.shared.requested.swap(true, Ordering::SeqCst);
        self.wake_all();
        if let Some(Callback(call)) = lock(&self.shared.callback).take() {
            call();
        }
        is_first
    }

    /// Requests that the workers hand over their connections. Waits until all of them, of this
    /// number, have stopped accepting, or until [`DRAIN_WAIT_MS_MAX`] is over.
    pub(super) fn drain(&self, workers: usize) {
        self.request_as(StopMode::Drain);
        let wait = Duration::from_millis(DRAIN_WAIT_MS_MAX);
        let is_accepting = |state: &mut DrainState| state.draining < workers;
        // A worker that has failed stops the server, so there is nothing else to wait for.
        let _ = self.shared.drain_changed.wait_timeout_while(self.lock_drain(), wait, is_accepting);
    }

    /// Requests that the workers close every connection at once.
    pub(super) fn abort(&self) {
        self.request_as(StopMode::Abort);
    }

    /// How the workers are to end, once that is requested.
    pub(super) fn mode(&self) -> StopMode {
        self.lock_drain().mode
    }

    /// Records that a worker has stopped accepting.
    pub(super) fn record_draining(&self) {
        self.lock_drain().draining += 1;
        self.shared.drain_changed.notify_all();
    }

    fn lock_drain(&self) -> MutexGuard<'_, DrainState> {
        lock(&self.shared.drain)
    }

    /// Calls a function once at the request, or now if it was made before. For a signal, a thread
    /// waits.
    ///
    /// # Errors
    ///
    /// If the system cannot create the thread.
    pub fn on_request(&self, call: impl FnOnce() + Send + 'static) -> io::Result<()> {
        *lock(&self.shared.callback) = Some(Callback(Box::new(call)));
        let stop = self.clone();
        if let Some(mut reader) = self.take_signal_reader() {
            let thread = thread::Builder::new().name("signals".to_owned());
            thread.spawn(move || {
                // Its only errors are that of an interrupted call, and the end of the input.
                let _ = reader.read(&mut [0]);
                stop.request();
            })?;
        }
        if self.shared.requested.load(Ordering::SeqCst) {
            self.request();
        }
        Ok(())
    }

    /// A pipe through which a signal handler requests the shutdown. The next server to run watches
    /// the latest pipe.
    ///
    /// # Errors
    ///
    /// If the system cannot create a socket pair.
    #[cfg(unix)]
    pub fn signal_pipe(&self) -> io::Result<SignalPipe> {
        let (reader, writer) = UnixStream::pair()?;
        *lock(&self.shared.signal_reader) = Some(reader);
        let [requested, notified] = [&self.shared.requested, &self.shared.notified].map(Arc::clone);
        Ok(SignalPipe { requested, notified, writer })
    }

    /// The read end of the signal pipe, for one worker.
    pub(super) fn take_signal_reader(&self) -> Option<SignalReader> {
        lock(&self.shared.signal_reader).take()
    }

    /// Whether the shutdown is requested. The first thread that sees it wakes the workers.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        let is_requested = self.shared.requested.load(Ordering::SeqCst);
        if is_requested && !self.shared.notified.load(Ordering::Relaxed) {
            self.wake_all();
        }
        is_requested
    }

    /// Adds the responses that a worker is still sending. Returns the sum for the last worker.
    pub(super) fn add_in_progress(&self, responses: usize) -> Option<usize> {
        let workers = lock(&self.shared.wakers).len();
        let mut all = lock(&self.shared.in_progress);
        all.responses += responses;
        all.workers += 1;
        (all.workers >= workers).then_some(all.responses)
    }

    fn wake_all(&self) {
        let wakers = lock(&self.shared.wakers);
        self.shared.notified.store(true, Ordering::Relaxed);
        wakers.iter().for_each(Waker::wake);
    }

    /// Adds a worker to wake at the request; it is woken now if the request was made before.
    pub(super) fn add_waker(&self, waker: Waker) {
        let mut wakers = lock(&self.shared.wakers);
        if self.shared.requested.load(Ordering::SeqCst) {
            waker.wake();
        }
        wakers.push(waker);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
