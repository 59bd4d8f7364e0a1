//! This file owns hearing the system's wish that the process ends: SIGINT and SIGTERM, and Ctrl-C
//! on Windows. What becomes of it is not decided here.

use std::io;

#[cfg(unix)]
use crate::server::SignalPipe;
use crate::server::Stop;

/// SIGHUP is left as it was, so that `nohup` works.
#[cfg(unix)]
const SIGNALS: [i32; 2] = [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];

/// From now on the first signal asks for `stop`, so that what is being answered is finished; one
/// that comes when a worker has heard of it ends the process at once.
#[cfg(unix)]
pub(super) fn stop_on_signal(stop: &Stop) -> io::Result<()> {
    use std::sync::Arc;

    use signal_hook::{flag, low_level::pipe};

    let SignalPipe { requested, notified, rope } = stop.signal_pipe()?;
    for signal in SIGNALS {
        // They are done in this order, so that no signal is lost while they are registered. With
        // `notified` for the second of them, two that come at once, as from timeout(1), which sends
        // one to the process and one to its group, are hardly ever taken for two wishes.
        flag::register(signal, Arc::clone(&requested))?;
        flag::register_conditional_shutdown(signal, 1, Arc::clone(&notified))?;
        pipe::register(signal, rope.try_clone()?)?;
    }
    Ok(())
}

/// The same, on a thread of its own.
#[cfg(not(unix))]
pub(super) fn stop_on_signal(stop: &Stop) -> io::Result<()> {
    let stop = stop.clone();
    on_signal(move || {
        if !stop.request() {
            std::process::exit(1);
        }
    })
}

/// From now on this happens at each signal, on a thread of its own.
#[cfg(all(unix, feature = "pack"))]
pub(super) fn on_signal(hear: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new(SIGNALS)?;
    let hear_all = move || signals.forever().for_each(|_| hear());
    std::thread::Builder::new().name("signals".to_owned()).spawn(hear_all)?;
    Ok(())
}

/// From now on this happens at each Ctrl-C, on a thread of its own.
#[cfg(not(unix))]
pub(super) fn on_signal(hear: impl Fn() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(hear).map_err(io::Error::other)
}
