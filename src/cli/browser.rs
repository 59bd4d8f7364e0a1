//! This file owns opening a browser, and when that is done without being asked for: somebody who
//! clicks on a file sees no terminal, or none that stays.

use std::thread;

use super::warn;

/// Opens a page in the browser, without waiting for it.
pub(super) fn open(url: String) {
    let opener = thread::Builder::new().name("opener".to_owned());
    let spawned = opener.spawn(move || {
        if let Err(error) = open::that_detached(&url) {
            warn(&format_args!("no browser could be opened ({error}); open {url} yourself"));
        }
    });
    if let Err(error) = spawned {
        warn(&format_args!("no browser could be opened: {error}"));
    }
}

/// Whether this was started by a click on the file, and not by a command.
pub(super) fn is_started_by_click() -> bool {
    std::env::args_os().len() <= 1 && is_started_by_desktop()
}

/// Whether the file manager of Windows started it.
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

/// Whether there is no terminal: the Finder has none to give. A file without an `.app` around it
/// opens in a terminal instead, where the URL can be clicked on.
#[cfg(target_os = "macos")]
fn is_started_by_desktop() -> bool {
    use std::io::{IsTerminal, stderr, stdin, stdout};

    !stdin().is_terminal() && !stdout().is_terminal() && !stderr().is_terminal()
}

/// Elsewhere, no terminal means a service.
#[cfg(not(any(windows, target_os = "macos")))]
fn is_started_by_desktop() -> bool {
    false
}

/// Lets who clicked read what went wrong: on Windows, the window goes with the process.
pub(super) fn keep_window() {
    if cfg!(windows) && is_started_by_click() {
        warn(&"press Enter to close this window");
        let _ = std::io::stdin().read_line(&mut String::new());
    }
}
