//! Process of a browser: one thread waits for it, and another one may end it.

use std::{
    io,
    process::{Child, Command, ExitStatus},
    sync::{Mutex, PoisonError},
};

/// A browser that was started.
#[derive(Debug)]
pub(super) struct BrowserProcess {
    id: u32,
    /// The process, until it has ended and its id may be reused.
    child: Mutex<Option<Child>>,
}

impl BrowserProcess {
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.spawn()?;
        Ok(Self { id: child.id(), child: Mutex::new(Some(child)) })
    }

    /// Waits until it has ended. To be called once.
    pub(super) fn wait(&self) -> Option<ExitStatus> {
        wait_for_exit(self.id);
        self.take()?.wait().ok()
    }

    fn take(&self) -> Option<Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Requests that it closes its windows and ends.
    #[cfg(unix)]
    pub(super) fn end(&self) {
        use rustix::process::{Pid, Signal, kill_process};

        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(child) = &*child {
            // It fails only if the process has ended meanwhile.
            let _ = kill_process(Pid::from_child(child), Signal::TERM);
        }
    }

    /// Does nothing: Windows has no such request, and ending a process loses what it would save.
    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "it is that of a process that can be ended")]
    pub(super) fn end(&self) {}
}

/// Whether a process was requested to end, such as by Ctrl-C at its terminal.
#[cfg(unix)]
pub(super) fn is_ended_on_request(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    status.signal().is_some_and(|signal| [SIGHUP, SIGINT, SIGTERM].contains(&signal))
}

/// Windows has no such request.
#[cfg(not(unix))]
pub(super) fn is_ended_on_request(_status: ExitStatus) -> bool {
    false
}

/// Waits until a child process has ended, and keeps its id from being reused.
#[cfg(unix)]
fn wait_for_exit(id: u32) {
    use rustix::{
        io::Errno,
        process::{Pid, WaitId, WaitIdOptions, waitid},
    };

    let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::Pid(id), options), Err(Errno::INTR)) {}
}

/// Does nothing: a process of Windows keeps its id while it has a handle.
#[cfg(not(unix))]
fn wait_for_exit(_id: u32) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ended_while_another_thread_waits() {
        let process = BrowserProcess::start(Command::new("sleep").arg("600")).unwrap();
        let status = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| process.wait());
            process.end();
            waiting.join().unwrap()
        });
        assert_eq!(status.and_then(|it| it.code()), None);
        // It has ended, so this does nothing.
        process.end();
    }
}
