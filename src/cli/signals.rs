//! This file owns hearing the system's wish to stop: SIGINT and SIGTERM, and Ctrl-C on Windows. The
//! first lets what is being answered be finished; the second ends the process at once.

use std::io;

use crate::server::Stop;

/// From now on signals ask for `stop`.
#[cfg(unix)]
pub(super) fn stop_on_signal(stop: Stop) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};

    // SIGHUP is left as it was, so that `nohup` works.
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let hear = move || signals.forever().for_each(|_| stop_or_exit(&stop));
    std::thread::Builder::new().name("signals".to_owned()).spawn(hear)?;
    Ok(())
}

/// From now on Ctrl-C asks for `stop`.
#[cfg(not(unix))]
pub(super) fn stop_on_signal(stop: Stop) -> io::Result<()> {
    ctrlc::set_handler(move || stop_or_exit(&stop)).map_err(io::Error::other)
}

fn stop_or_exit(stop: &Stop) {
    if !stop.request() {
        std::process::exit(1);
    }
}
