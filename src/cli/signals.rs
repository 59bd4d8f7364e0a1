//! Signals that stop the server: SIGINT and SIGTERM, and Ctrl-C on Windows.

use std::io;

#[cfg(unix)]
use crate::server::SignalPipe;
use crate::server::Stop;

/// The signals that stop the server. SIGHUP keeps its disposition, so that `nohup` works.
#[cfg(unix)]
pub(super) const SIGNALS: [i32; 2] = [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];

/// Requests a graceful shutdown at the first signal. A signal that arrives once a worker has
/// noticed the request ends the process at once.
#[cfg(unix)]
pub(super) fn stop_on_signal(stop: &Stop) -> io::Result<()> {
    use std::sync::Arc;

    use signal_hook::{flag, low_level::pipe};

    let SignalPipe { requested, notified, writer } = stop.signal_pipe()?;
    for signal in SIGNALS {
        // The actions of a signal run in this order, so that no signal is lost while they are
        // registered. The second one depends on `notified`, not on `requested`: timeout(1) sends
        // one signal to the process and one to its group, which should not count as two requests.
        flag::register(signal, Arc::clone(&requested))?;
        flag::register_conditional_shutdown(signal, 1, Arc::clone(&notified))?;
        pipe::register(signal, writer.try_clone()?)?;
    }
    Ok(())
}

/// Requests a graceful shutdown at the first Ctrl-C; the second one ends the process at once.
#[cfg(not(unix))]
pub(super) fn stop_on_signal(stop: &Stop) -> io::Result<()> {
    let stop = stop.clone();
    on_ctrl_c(move || {
        if !stop.request() {
            std::process::exit(1);
        }
    })
}

/// Calls `handler` at each Ctrl-C, on a thread of its own.
#[cfg(not(unix))]
pub(super) fn on_ctrl_c(handler: impl Fn() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(handler).map_err(io::Error::other)
}
