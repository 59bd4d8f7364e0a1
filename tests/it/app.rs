//! Sites as apps: starts by a click, with scripts in the place of a desktop's programs.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;

use crate::harness::{Program, Terminal, chapbook, eventually, write};

/// A home folder with a browser that is open until its process is killed.
fn desktop() -> TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    script(home.path(), "browser", "exec sleep 20");
    home
}

/// Writes a program of the desktop.
fn script(home: &Path, name: &str, text: &str) {
    write(home, name, format!("#!/bin/sh\n{text}\n"));
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(home.join(name), executable).expect("it was written");
}

/// The executable under test as the desktop starts it, on any port.
fn on_desktop(home: &Path) -> Program {
    let program = chapbook().env("DISPLAY", ":0").env("HOME", home).env("CHAPBOOK_PORT", "0");
    let program = program.env("CHAPBOOK_BROWSER", home.join("browser"));
    let path = std::env::var("PATH").expect("there is a path");
    let program = program.env("PATH", format!("{}:{path}", home.display()));
    program.without_env("INVOCATION_ID").without_env("LISTEN_FDS").without_env("XDG_DATA_HOME")
}

/// The executable after a click: without a terminal.
fn clicked(home: &Path) -> Program {
    on_desktop(home).in_shell("exec setsid \"$0\" \"$@\"")
}

/// Whether a second line, the one with the name of the site, follows the first one.
fn is_app(log: &str) -> bool {
    log.lines().any(|line| line.contains(".localhost:"))
}

#[test]
fn a_background_process_of_a_shell_is_not_a_click() {
    let home = desktop();
    let log = home.path().join("log");
    let output = || fs::read_to_string(&log).unwrap_or_default();
    let script = format!("\"$0\" </dev/null >'{}' 2>&1; read line", log.display());
    let _shell = Terminal::start(on_desktop(home.path()).in_shell(&script), 80, 24);
    assert!(eventually(|| output().starts_with("Listening on ")), "{}", output());
    assert!(!is_app(&output()), "{}", output());
    let mut app = clicked(home.path()).spawn();
    let lines = [app.stdout_line(), app.stdout_line()].concat();
    assert!(is_app(&lines), "{lines}");
}
