//! What a person meets first: the words on a terminal, the addresses for others, the browser, and
//! who has the port.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener, TcpStream},
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    process::{Child, Command, Stdio},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::harness::{Client, chapbook, eventually, site_folder};

/// The two ends of a terminal: what is shown on it, and where programs write.
fn terminal() -> (fs::File, OwnedFd) {
    let shown = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
    grantpt(&shown).and_then(|()| unlockpt(&shown)).expect("it is ours");
    let name = ptsname(&shown, Vec::new()).expect("it has a name");
    let name = name.into_string().expect("it is ASCII");
    let written = fs::File::options().read(true).write(true).open(name).expect("it can be opened");
    (fs::File::from(shown), written.into())
}

/// What a command shows on a terminal until it says how it is stopped, or draws the end of a code.
fn shown_by(command: &mut Command, last: &str) -> String {
    let (shown, written) = terminal();
    let mut child = command.stdout(written).stderr(Stdio::null()).spawn().expect("it starts");
    // The command would hold the terminal open beyond the end of the process.
    command.stdout(Stdio::null());
    let mut text = String::new();
    for line in BufReader::new(shown).lines() {
        let line = line.expect("it says something else first");
        text += &line;
        text.push('\n');
        if line.contains(last) {
            break;
        }
    }
    end(&mut child);
    text
}

fn end(child: &mut Child) {
    child.kill().expect("it runs");
    child.wait().expect("it ran");
}

/// What a command says on stdout until it is killed, when it has said so many lines.
fn said_by(command: &mut Command, lines: usize) -> String {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
    let mut text = String::new();
    for _ in 0..lines {
        stdout.read_line(&mut text).expect("it is UTF-8");
    }
    end(&mut child);
    stdout.read_to_string(&mut text).expect("it is UTF-8");
    text
}

#[test]
fn a_terminal_shows_which_site_it_is_where_how_to_share_it_and_how_to_stop_it() {
    for (variable, is_styled) in [("TERM", true), ("NO_COLOR", false)] {
        let mut command = chapbook();
        command.args(["--port", "0"]).env_remove("NO_COLOR").env("TERM", "xterm");
        let text = shown_by(command.env(variable, "xterm"), "Ctrl-C");
        assert_eq!(text.contains('\u{1b}'), is_styled, "{text:?}");
        let bare = anstream::adapter::strip_str(&text).to_string();
        let lines: Vec<&str> = bare.lines().collect();
        assert!(lines[0].starts_with("Listening on http://127.0.0.1:"), "{text:?}");
        let title = "  Site   Greetings from a chapbook";
        assert_eq!(lines[1..3], ["", title], "{text:?}");
        assert!(lines[3].starts_with("  Share  start it with --lan"), "{text:?}");
        assert_eq!(lines[4..], ["  Stop   Ctrl-C"], "{text:?}");
    }
}

#[test]
fn a_title_is_read_as_a_browser_reads_it_and_served_with_the_folder() {
    let folder = site_folder(&[(
        "index.html",
        "<!doctype html><html lang=en><meta charset=utf-8><title>\n A &amp; B\n &lt;c </title>",
    )]);
    let mut command = chapbook();
    command.arg(folder.path().join("site")).args(["--port", "0"]).env("NO_COLOR", "1");
    let text = shown_by(&mut command, "Ctrl-C");
    assert!(text.contains("  Site   A & B <c\n"), "{text:?}");
}

#[test]
fn a_pipe_gets_one_plain_line() {
    let text = said_by(chapbook().args(["--port", "0"]), 1);
    let url = text.strip_prefix("Listening on http://127.0.0.1:").expect("it says where");
    assert!(url.trim_end_matches("/\n").parse::<u16>().is_ok_and(|port| port > 0), "{text:?}");
    let free = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let address = free.local_addr().expect("it has an address");
    drop(free);
    let mut command = chapbook();
    command.args(["--quiet", "--port", &address.port().to_string()]).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    assert!(eventually(|| TcpStream::connect(address).is_ok()), "nobody listens");
    let mut stdout = child.stdout.take().expect("stdout is a pipe");
    end(&mut child);
    let mut said = String::new();
    stdout.read_to_string(&mut said).expect("it is UTF-8");
    assert_eq!(said, "");
}

#[test]
fn with_lan_every_url_can_be_opened_and_the_best_one_is_a_code() {
    let mut command = chapbook();
    command.args(["--port", "0", "--lan"]).env("NO_COLOR", "1");
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
    let mut first = String::new();
    stdout.read_line(&mut first).expect("it is UTF-8");
    let open = |line: &str| {
        let url = line.trim_end().strip_prefix("Listening on http://").expect("it says where");
        let address: SocketAddr = url.trim_end_matches('/').parse().expect("it is an address");
        assert_eq!(Client::connect(address).get("/book").status, 200, "{line}");
        address
    };
    let port = open(&first).port();
    if TcpListener::bind("[::1]:0").is_ok() {
        open(&format!("Listening on http://[::1]:{port}/"));
    }
    // All lines are written in one go, so that those behind the first are there by now.
    let others = String::from_utf8(stdout.buffer().to_vec()).expect("it is UTF-8");
    for line in others.lines() {
        assert!(!open(line).ip().is_loopback(), "{line}");
    }
    end(&mut child);
    if let Some(best) = others.lines().next() {
        let text = shown_by(&mut command, "▀▀▀▀▀▀▀▀");
        let host = best.trim_start_matches("Listening on ").rsplit_once(':').expect("a port").0;
        assert!(text.contains(&format!("  Share  {host}:")), "{text}");
        assert!(text.contains("████ ▄▄▄▄▄ █"), "{text}");
    }
}

#[test]
fn an_address_and_all_addresses_exclude_each_other() {
    let output = chapbook().args(["--lan", "--host", "127.0.0.1"]).output().expect("it starts");
    let problem = String::from_utf8(output.stderr).expect("it prints UTF-8");
    assert_eq!(output.status.code(), Some(2), "{problem}");
    assert!(problem.contains("--host asks for one address and --lan for all"), "{problem}");
    let mut command = chapbook();
    command.args(["--host", "127.0.0.1", "--port", "0"]).env("CHAPBOOK_LAN", "0");
    assert!(said_by(&mut command, 1).starts_with("Listening on http://127.0.0.1:"));
}

#[test]
fn the_browser_gets_the_url_and_one_that_cannot_be_opened_is_told_of() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let (browser, url) = (folder.path().join("xdg-open"), folder.path().join("url"));
    let script =
        format!("#!/bin/sh\necho \"$1\" >'{0}.new' && mv '{0}.new' '{0}'\n", url.display());
    fs::write(&browser, script).expect("there is room for a file");
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let mut command = chapbook();
    command.args(["--port", "0", "--open"]).env("PATH", path).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("stdout is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("it is UTF-8");
    assert!(eventually(|| url.exists()), "nothing was opened");
    end(&mut child);
    let opened = fs::read_to_string(&url).expect("it is there");
    assert_eq!(line, format!("Listening on {opened}"));

    command.env("PATH", "/nonexistent").stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut problem = String::new();
    let stderr = child.stderr.take().expect("stderr is a pipe");
    BufReader::new(stderr).read_line(&mut problem).expect("it is UTF-8");
    end(&mut child);
    assert!(problem.starts_with("chapbook: no browser could be opened ("), "{problem}");
    assert!(problem.contains("; open http://127.0.0.1:"), "{problem}");
}

#[test]
fn who_has_the_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    let output = chapbook().args(["--port", &port]).output().expect("it starts");
    let problem = String::from_utf8(output.stderr).expect("it prints UTF-8");
    let name = fs::read_to_string("/proc/self/comm").expect("it has a name");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert_eq!(
        problem,
        format!(
            "chapbook: cannot listen on 127.0.0.1:{port}: port {port} is taken by {} \
             (process {}); choose another with --port, or any with --port 0\n",
            name.trim_end(),
            std::process::id(),
        )
    );
}
