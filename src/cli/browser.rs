//! Opening of a browser, with `--open` or after a double-click, which provides no terminal for the
//! URL.

use std::{io, thread};

use super::output::warn;

/// Opens a page in the browser, on another thread.
pub(super) fn open(url: &str) {
    let builder = thread::Builder::new().name("opener".to_owned());
    let owned_url = url.to_owned();
    let spawned = builder.spawn(move || {
        if open::that_detached(&owned_url).is_err() {
            warn_not_opened(&owned_url);
        }
    });
    if spawned.is_err() {
        warn_not_opened(url);
    }
}

/// Without the reason, which names programs that the user need not know.
fn warn_not_opened(url: &str) {
    warn(format_args!("no browser could be started; open {url} yourself"));
}

/// Whether the process was started by a double-click on the file, not from a shell.
pub(super) fn is_started_by_click() -> bool {
    std::env::args_os().len() <= 1 && is_started_by_desktop()
}

/// Whether the parent process is the file manager.
#[cfg(windows)]
fn is_started_by_desktop() -> bool {
    use winsafe::{HPROCESSLIST, co::TH32CS};

    let Ok(mut snapshot) = HPROCESSLIST::CreateToolhelp32Snapshot(TH32CS::SNAPPROCESS, None) else {
        return false;
    };
    let processes: Vec<(u32, u32, String)> = snapshot
        .iter_processes()
        .map_while(Result::ok)
        .map(|it| (it.th32ProcessID, it.th32ParentProcessID, it.szExeFile()))
        .collect();
    let find = |id: u32| processes.iter().find(|(process, ..)| *process == id);
    let parent = find(std::process::id()).and_then(|(_, parent, _)| find(*parent));
    parent.is_some_and(|(_, _, name)| name.eq_ignore_ascii_case("explorer.exe"))
}

/// Whether there is no terminal. Finder starts an `.app` without one; it opens a plain executable
/// in a terminal, where the URL can be clicked.
#[cfg(target_os = "macos")]
fn is_started_by_desktop() -> bool {
    use std::io::{IsTerminal, stderr, stdin, stdout};

    !stdin().is_terminal() && !stdout().is_terminal() && !stderr().is_terminal()
}

/// False: on other systems, a process without a terminal is a service.
#[cfg(not(any(windows, target_os = "macos")))]
fn is_started_by_desktop() -> bool {
    false
}

/// Keeps the console window open after an error: on Windows, it closes with the process.
pub(super) fn keep_window() {
    if cfg!(windows) && is_started_by_click() {
        warn("press Enter to close this window");
        let _ = io::stdin().read_line(&mut String::new());
    }
}
