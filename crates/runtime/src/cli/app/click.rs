//! Whether the process was started by a click on its file, and not from a shell or as a service.

use std::env;

use crate::cli::boolean::boolean;

/// Whether a desktop has started this process, without arguments, and `CHAPBOOK_APP` does not deny
/// it.
pub(in crate::cli) fn is_started_by_click() -> bool {
    let is_denied = env::var("CHAPBOOK_APP").is_ok_and(|it| boolean(&it) == Ok(false));
    env::args_os().len() <= 1 && !is_denied && is_started_by_desktop()
}

/// Whether the process has no console of another one: a shell has one, and a service has no
/// desktop.
#[cfg(windows)]
fn is_started_by_desktop() -> bool {
    use crate::cli::win32;

    win32::is_console_own() && win32::has_desktop()
}

#[cfg(not(windows))]
fn is_started_by_desktop() -> bool {
    use std::io::{IsTerminal, stderr, stdin, stdout};

    let has_terminal = stdin().is_terminal()
        || stdout().is_terminal()
        || stderr().is_terminal()
        || has_controlling_terminal();
    !has_terminal && is_desktop_session(|name| env::var(name).ok(), std::process::id())
}

/// Whether a shell has started the process with other streams, such as `nohup ./demo &`: it can
/// open its terminal nevertheless.
#[cfg(not(windows))]
fn has_controlling_terminal() -> bool {
    std::fs::File::open("/dev/tty").is_ok()
}

/// Whether Finder has started the process: launchd gives apps another name than services. A plain
/// executable is opened in a terminal.
#[cfg(target_os = "macos")]
fn is_desktop_session(variable: impl Fn(&str) -> Option<String>, _process: u32) -> bool {
    variable("XPC_SERVICE_NAME").is_some_and(|it| it.starts_with("application."))
}

/// Whether a program can show a window.
#[cfg(not(any(windows, target_os = "macos")))]
pub(super) fn has_display() -> bool {
    has_display_in(&|name| env::var(name).ok())
}

#[cfg(not(any(windows, target_os = "macos")))]
fn has_display_in(variable: &impl Fn(&str) -> Option<String>) -> bool {
    let names = ["DISPLAY", "WAYLAND_DISPLAY"];
    names.iter().any(|name| variable(name).is_some_and(|it| !it.is_empty()))
}

/// Whether the variables are those of a desktop and not of a service. GNOME itself runs as services
/// of systemd, and so everything that it starts has `INVOCATION_ID`, too; but `SYSTEMD_EXEC_PID` is
/// the process of the service then (systemd.exec(5)).
#[cfg(not(any(windows, target_os = "macos")))]
fn is_desktop_session(variable: impl Fn(&str) -> Option<String>, process: u32) -> bool {
    let has = |name| variable(name).is_some_and(|it| !it.is_empty());
    let of_service = || variable("SYSTEMD_EXEC_PID").is_none_or(|it| it == process.to_string());
    has_display_in(&variable) && !has("LISTEN_FDS") && !(has("INVOCATION_ID") && of_service())
}

#[cfg(all(test, not(any(windows, target_os = "macos"))))]
mod tests {
    use super::*;

    #[test]
    fn a_desktop_session_has_a_display_and_is_not_a_service() {
        let rows: &[(&[(&str, &str)], bool)] = &[
            (&[], false),
            (&[("DISPLAY", ":0")], true),
            (&[("DISPLAY", "")], false),
            (&[("WAYLAND_DISPLAY", "wayland-0")], true),
            (&[("DISPLAY", ":0"), ("LISTEN_FDS", "1")], false),
            (&[("DISPLAY", ":0"), ("INVOCATION_ID", "a")], false),
            (&[("DISPLAY", ":0"), ("INVOCATION_ID", "a"), ("SYSTEMD_EXEC_PID", "7")], false),
            // A process that the file manager has started.
            (&[("DISPLAY", ":0"), ("INVOCATION_ID", "a"), ("SYSTEMD_EXEC_PID", "6")], true),
            (&[("INVOCATION_ID", "a"), ("SYSTEMD_EXEC_PID", "6")], false),
        ];
        for (variables, expected) in rows {
            let variable = |name: &str| {
                let found = variables.iter().find(|(found, _)| *found == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(is_desktop_session(variable, 7), *expected, "{variables:?}");
        }
    }
}
