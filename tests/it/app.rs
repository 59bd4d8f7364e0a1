//! Sites as apps: starts by a click, with scripts in the place of a desktop's programs.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;

use crate::harness::{Program, Terminal, chapbook, eventually, page, write};

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

#[test]
fn a_failure_after_a_click_is_shown_on_the_desktop() {
    type Row<'a> = (&'a [(&'a str, &'a str)], &'a str, bool);
    // The variables, what is wrong with them, and whether the desktop shows it.
    let rows: [Row<'_>; 7] = [
        (&[("CHAPBOOK_BROWSER", "/no/browser")], "cannot start the browser `/no/browser`", true),
        (&[("CHAPBOOK_PORT", "banana")], "a port is a number from 0 to 65535", true),
        (&[("CHAPBOOK_PORT", "banana"), ("CHAPBOOK_APP", "1")], "a port is a number", true),
        (&[("CHAPBOOK_PORT", "banana"), ("CHAPBOOK_APP", "0")], "a port is a number", false),
        (&[("CHAPBOOK_PORT", "banana"), ("CHAPBOOK_APP", "")], "a port is a number", false),
        (&[("CHAPBOOK_LAN", "1"), ("CHAPBOOK_HOST", "::1")], "cannot be combined", true),
        (&[("CHAPBOOK_APP", "banana")], "give 1 or 0", true),
    ];
    for (variables, expected, is_shown) in rows {
        let home = desktop();
        script(home.path(), "zenity", "echo \"$@\" >\"$HOME/shown\"");
        let app = clicked(home.path());
        let app = variables.iter().fold(app, |app, (name, value)| app.env(name, value));
        let outcome = app.run();
        assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
        let shown = fs::read_to_string(home.path().join("shown")).unwrap_or_default();
        assert_eq!(shown.contains(expected), is_shown, "{variables:?}: {shown}");
    }
}

/// Lets each start of a program of the desktop write its arguments to a file of its name.
fn record(home: &Path, name: &str, then: &str) {
    script(home, name, &format!("printf '%s\\n' \"$@\" >\"$HOME/{name}.log\"\n{then}"));
}

/// What [`record`] has written, once there is something.
fn recorded(home: &Path, name: &str) -> String {
    let read = || fs::read_to_string(home.join(format!("{name}.log"))).unwrap_or_default();
    assert!(eventually(|| !read().is_empty()), "{name} was not started");
    read()
}

#[test]
fn a_message_has_a_title_of_one_line_that_cannot_mislead() {
    let long = "x".repeat(10_000);
    let rows = [
        ("\"A\" &amp; <b> 'B' $(C)", "\"A\" & <b> 'B' $(C)".to_owned()),
        ("\u{202e}evil\u{2066}", "evil".to_owned()),
        ("--version", "--version".to_owned()),
        (&long, format!("{}…", "x".repeat(72))),
        ("\u{202e}", "site-1".to_owned()),
    ];
    for (title, expected) in rows {
        let home = desktop();
        for (program, then) in [("browser", "exit 1"), ("xdg-open", ""), ("zenity", "sleep 20")] {
            record(home.path(), program, then);
        }
        let html = "<!doctype html><html lang=en><meta charset=utf-8><title>";
        write(home.path(), "site-1/index.html", format!("{html}{title}</title>"));
        let app = on_desktop(home.path()).arg(home.path().join("site-1")).arg("--app");
        let _app = app.spawn();
        let shown = recorded(home.path(), "zenity");
        let arguments: Vec<_> = shown.lines().collect();
        let text = format!("“{expected}” is open in your browser:");
        assert!(arguments.contains(&expected.as_str()), "{arguments:?}");
        assert!(arguments.contains(&text.as_str()), "{arguments:?}");
        assert!(shown.ends_with(". Close this message to stop it at once.\n"), "{shown}");
    }
}

#[test]
fn a_dialog_that_cannot_be_shown_does_not_stop_the_server() {
    let home = desktop();
    for (program, then) in [("browser", "exit 1"), ("xdg-open", ""), ("notify-send", "")] {
        record(home.path(), program, then);
    }
    // It is slow when it is first read from the disk.
    script(home.path(), "zenity", "sleep 1; exit 1");
    let server = clicked(home.path()).serve();
    // Closing a notification does not stop the server.
    let notification = recorded(home.path(), "notify-send");
    assert!(notification.ends_with("by itself after 30 minutes without use.\n"), "{notification}");
    assert_eq!(server.connect().get("/").status, 200);
    // Without a display, no dialog is tried.
    fs::remove_file(home.path().join("xdg-open.log")).expect("it was opened");
    record(home.path(), "zenity", "");
    let server = on_desktop(home.path()).without_env("DISPLAY").arg("--app").serve();
    recorded(home.path(), "xdg-open");
    assert_eq!(server.connect().get("/").status, 200);
    assert!(!home.path().join("zenity.log").exists());
}

#[test]
fn a_line_says_that_data_is_kept_for_each_port() {
    let home = desktop();
    let app = || on_desktop(home.path()).arg("--app");
    let expected = "; what the browser keeps for it is kept for each port\n";
    // A window finds its data nevertheless.
    for (browser, is_warned) in [("sleep 20", false), ("exit 1", true)] {
        record(home.path(), "browser", browser);
        record(home.path(), "xdg-open", "");
        let server = app().serve();
        recorded(home.path(), if is_warned { "xdg-open" } else { "browser" });
        let outcome = server.process.terminate();
        assert_eq!(outcome.stderr.contains(expected), is_warned, "{}", outcome.stderr);
    }
    // Without a folder for a profile, there is no window.
    let app = app().without_env("HOME").without_env("CHAPBOOK_BROWSER");
    let outcome = app.serve().process.terminate();
    assert!(outcome.stderr.contains(" instead of its own, 2"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
}

#[test]
fn the_next_click_opens_a_tab_if_there_was_one() {
    let home = desktop();
    for (program, then) in [("browser", "exit 1"), ("xdg-open", ""), ("zenity", "sleep 20")] {
        record(home.path(), program, then);
    }
    write(home.path(), "site-2/index.html", page("Second"));
    let app = || on_desktop(home.path()).arg(home.path().join("site-2")).arg("--app");
    let server = app().serve();
    let port = server.address.port().to_string();
    let url = recorded(home.path(), "xdg-open");
    let forget = || fs::remove_file(home.path().join("xdg-open.log")).expect("it was opened");
    forget();
    let again = app().env("CHAPBOOK_PORT", &port).run();
    assert_eq!((again.status, recorded(home.path(), "xdg-open")), (Some(0), url.clone()));
    // After the end of the server, the tab finds it at its port again.
    forget();
    server.process.terminate();
    let server = app().without_env("CHAPBOOK_PORT").serve();
    assert_eq!(server.address.port().to_string(), port);
    assert_eq!(recorded(home.path(), "xdg-open"), url);
}

#[test]
fn a_kiosk_and_a_chosen_browser_need_a_folder_for_a_profile() {
    let home = desktop();
    write(home.path(), "file", "");
    let file = home.path().join("file");
    for (arguments, variable, value) in [
        (["--app", "--browser=sleep"], "HOME", "none".as_ref()),
        (["--app", "--browser=sleep"], "XDG_DATA_HOME", file.as_path()),
        (["--app", "--kiosk"], "XDG_DATA_HOME", file.as_path()),
    ] {
        let outcome = on_desktop(home.path()).args(arguments).env(variable, value).run();
        assert_eq!(outcome.status, Some(1), "{arguments:?} {variable}");
        let expected = "cannot create the folder for what the browser keeps: ";
        assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
    }
}

#[test]
fn a_kiosk_says_that_its_browser_is_started_again() {
    let home = desktop();
    script(home.path(), "browser", "exit 3");
    let mut app = on_desktop(home.path()).arg("--kiosk").spawn();
    for pause in [1, 2] {
        let expected = format!("(exit status: 3); starting it again in {pause} s\n");
        let line = app.stderr_line();
        assert!(line.ends_with(&expected), "{line}");
    }
}

#[test]
fn the_name_of_a_site_leads_to_localhost_only() {
    let home = desktop();
    for option in ["--app", "--kiosk", "--origin"] {
        for (host, is_reached) in [
            ("192.0.2.1", false),
            ("127.0.0.2", false),
            ("127.0.0.1", true),
            ("0.0.0.0", true),
            ("localhost", true),
        ] {
            let app = on_desktop(home.path()).args([option, "--host", host]);
            if is_reached {
                app.serve();
                continue;
            }
            let outcome = app.run();
            assert_eq!(outcome.status, Some(2), "{option} {host}");
            let expected = format!("leads to localhost and not to {host}; remove --host");
            assert!(outcome.stderr.contains(&expected), "{}", outcome.stderr);
        }
    }
}

#[test]
fn a_browser_that_is_ended_soon_after_the_start_is_not_replaced_by_a_tab() {
    let home = desktop();
    record(home.path(), "xdg-open", "");
    for signal in ["INT", "TERM", "HUP"] {
        record(home.path(), "browser", &format!("kill -s {signal} $$"));
        let app = on_desktop(home.path()).arg("--app").spawn();
        assert_eq!(app.wait().status, Some(0), "{signal}");
        assert!(!home.path().join("xdg-open.log").exists(), "{signal}");
    }
}

#[test]
fn each_click_without_a_browser_shows_the_address() {
    let home = desktop();
    record(home.path(), "browser", "exit 1");
    for opener in ["xdg-open", "gio", "gnome-open", "kde-open", "wslview"] {
        record(home.path(), opener, "exit 3");
    }
    record(home.path(), "zenity", "sleep 20");
    let server = clicked(home.path()).serve();
    let port = server.address.port();
    let expected = "No browser could be started. Open this address in one:\n";
    let shown = recorded(home.path(), "zenity");
    assert!(shown.contains(expected) && shown.contains(&format!(":{port}/\n")), "{shown}");
    fs::remove_file(home.path().join("zenity.log")).expect("it was shown");
    record(home.path(), "zenity", "");
    let again = clicked(home.path()).env("CHAPBOOK_PORT", port.to_string()).run();
    assert_eq!(again.status, Some(0), "{}", again.stderr);
    let shown = recorded(home.path(), "zenity");
    assert!(shown.contains(expected) && shown.contains(&format!(":{port}/\n")), "{shown}");
}
