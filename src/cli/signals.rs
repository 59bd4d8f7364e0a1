//! This file owns hearing the system's wish that the process ends: SIGINT and SIGTERM, and Ctrl-C
//! on Windows. What becomes of it is not decided here.

use std::io;

use crate::server::Stop;

/// From now on the first signal asks for `stop`, so that what is being answered is finished; the
/// second ends the process at once.
pub(super) fn stop_on_signal(stop: Stop) -> io::Result<()> {
    on_signal(move || {
        if !stop.request() {
            std::process::exit(1);
        }
    })
}

/// From now on this happens at each signal, on a thread of its own.
#[cfg(unix)]
pub(super) fn on_signal(hear: impl Fn() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};

    // SIGHUP is left as it was, so that `nohup` works.
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let hear_all = move || signals.forever().for_each(|_| hear());
    std::thread::Builder::new().name("signals".to_owned()).spawn(hear_all)?;
    Ok(())
}

/// From now on this happens at each Ctrl-C, on a thread of its own.
#[cfg(not(unix))]
pub(super) fn on_signal(hear: impl Fn() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(hear).map_err(io::Error::other)
}
