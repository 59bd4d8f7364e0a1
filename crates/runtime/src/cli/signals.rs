//! Signals that stop the server: SIGINT, SIGTERM and SIGHUP, and Ctrl-C on Windows.

use std::io;

#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

#[cfg(unix)]
use crate::server::SignalPipe;
use crate::server::Stop;

/// The signals that stop the server. SIGHUP has a handler like the others, because without one it
/// would cut responses, and process 1 would ignore it; but if the process was started with SIGHUP
/// ignored, as by nohup(1), it stays ignored.
#[cfg(unix)]
pub(super) fn signals() -> Vec<i32> {
    let mut signals = vec![SIGINT, SIGTERM];
    if !is_hangup_ignored() {
        signals.push(SIGHUP);
    }
    signals
}

#[cfg(target_os = "linux")]
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores_hangup(&status)
}

/// Whether `SigIgn` of `proc_pid_status(5)` includes SIGHUP: signal N is bit N - 1.
#[cfg(target_os = "linux")]
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (SIGHUP - 1) & 1 == 1)
}

/// Elsewhere only `unsafe` code can read the disposition. nohup(1) leaves no stream connected to a
/// terminal; without one, SIGHUP keeps its disposition.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_hangup_ignored() -> bool {
    use std::io::{IsTerminal, stderr, stdin, stdout};

    !stdin().is_terminal() && !stdout().is_terminal() && !stderr().is_terminal()
}

/// The exit status of a process that was interrupted, as a shell reports it: 130 for Ctrl-C.
#[cfg(unix)]
pub(super) fn exit_status(signal: i32) -> i32 {
    128 + signal
}

/// The exit status of a process that was interrupted by Ctrl-C, as on Unix.
#[cfg(not(unix))]
pub(super) const INTERRUPTED: i32 = 130;

/// Requests a graceful shutdown at the first signal. A signal that arrives once a worker has
/// noticed the request ends the process at once.
#[cfg(unix)]
pub(super) fn stop_on_signal(stop: &Stop) -> io::Result<()> {
    use std::sync::Arc;

    use signal_hook::{flag, low_level::pipe};

    let SignalPipe { requested, notified, writer } = stop.signal_pipe()?;
    for signal in signals() {
        // The actions of a signal run in this order, so that no signal is lost while they are
        // registered. The second one depends on `notified`, not on `requested`: timeout(1) sends
        // one signal to the process and one to its group, which should not count as two requests.
        flag::register(signal, Arc::clone(&requested))?;
        flag::register_conditional_shutdown(signal, exit_status(signal), Arc::clone(&notified))?;
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
            std::process::exit(INTERRUPTED);
        }
    })
}

/// Calls `handler` at each Ctrl-C, on a thread of its own, after those that were registered before.
#[cfg(not(unix))]
pub(super) fn on_ctrl_c(handler: impl Fn() + Send + 'static) -> io::Result<()> {
    use std::sync::{Mutex, PoisonError};

    // `ctrlc` takes one handler only.
    static HANDLERS: Mutex<Vec<Box<dyn Fn() + Send>>> = Mutex::new(Vec::new());
    let lock = || HANDLERS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut handlers = lock();
    handlers.push(Box::new(handler));
    if handlers.len() > 1 {
        return Ok(());
    }
    ctrlc::set_handler(move || lock().iter().for_each(|handler| handler()))
        .map_err(io::Error::other)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_hangup_is_found_in_the_status_of_a_process() {
        let rows = [
            ("SigBlk:\t0000000000000001\nSigIgn:\t0000000000000000\n", false),
            ("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\n", true),
            ("SigIgn:\t0000000000001001\nSigCgt:\t0000000000000000\n", true),
            ("SigIgn:\tfffffffffffffffe\n", false),
            ("SigIgn:\n", false),
            ("", false),
        ];
        for (status, expected) in rows {
            assert_eq!(ignores_hangup(status), expected, "{status:?}");
        }
    }
}
