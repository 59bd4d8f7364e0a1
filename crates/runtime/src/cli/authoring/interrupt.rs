//! Handler of the signals that stop a server, or of Ctrl-C on Windows.

use std::io;

use crate::cli::signals;

/// Calls `handler` with the exit status at each signal, on a thread of its own.
#[cfg(unix)]
pub(super) fn on_interrupt(handler: impl Fn(i32) + Send + 'static) -> io::Result<()> {
    let mut received = signal_hook::iterator::Signals::new(signals::signals())?;
    let handle_all =
        move || received.forever().for_each(|signal| handler(signals::exit_status(signal)));
    std::thread::Builder::new().name("signals".to_owned()).spawn(handle_all)?;
    Ok(())
}

/// Calls `handler` with the exit status at each Ctrl-C, on a thread of its own.
#[cfg(not(unix))]
pub(super) fn on_interrupt(handler: impl Fn(i32) + Send + 'static) -> io::Result<()> {
    signals::on_ctrl_c(move || handler(signals::INTERRUPTED))
}
