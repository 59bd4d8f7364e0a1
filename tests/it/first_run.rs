//! The first start: the summary on a terminal, the URLs for other machines, the browser, and the
//! process that has the port.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    process::Stdio,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::harness::{
    Client, Program, chapbook, eventually, listening_on, page, run, site_folder, skipped,
};

/// The two ends of a terminal: the display, and the stdout of programs.
fn terminal() -> (File, OwnedFd) {
    let display = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&display).and_then(|()| unlockpt(&display)).expect("the terminal is ours");
    let name = ptsname(&display, Vec::new()).expect("a terminal has a name");
    let name = name.into_string().expect("the name is ASCII");
    let stdout = File::options().read(true).write(true).open(name).expect("it can be opened");
    (File::from(display), stdout.into())
}

/// What a program prints on a terminal, until a line contains this.
fn on_terminal(program: Program, last: &str) -> String {
    let (display, stdout) = terminal();
    let _running = program.stdout(stdout).stderr(Stdio::null()).spawn();
    let mut text = String::new();
    for line in BufReader::new(display).lines() {
        let line = line.unwrap_or_else(|error| panic!("no line with {last}: {error}: {text}"));
        text += &line;
        text.push('\n');
        if line.contains(last) {
            break;
        }
    }
    text
}

#[test]
fn a_terminal_shows_the_title_the_url_and_how_to_share_and_stop() {
    for (variable, is_styled) in [("TERM", true), ("NO_COLOR", false)] {
        let program = chapbook().args(["--port", "0"]).without_env("NO_COLOR").env("TERM", "xterm");
        let text = on_terminal(program.env(variable, "xterm"), "Ctrl-C");
        assert_eq!(text.contains('\u{1b}'), is_styled, "{text:?}");
        let plain = anstream::adapter::strip_str(&text).to_string();
        let lines: Vec<&str> = plain.lines().collect();
        assert!(lines[0].starts_with("Listening on http://127.0.0.1:"), "{text:?}");
        let title = "  Site   Greetings from a chapbook";
        assert_eq!(lines[1..3], ["", title], "{text:?}");
        assert!(lines[3].starts_with("  Share  use --lan"), "{text:?}");
        assert_eq!(lines[4..], ["  Stop   Ctrl-C"], "{text:?}");
    }
}

#[test]
fn the_title_of_a_folder_is_parsed_like_a_browser_does() {
    let folder = site_folder(&[(
        "index.html",
        "<!doctype html><html lang=en><meta charset=utf-8><title>\n A &amp; B\n &lt;c </title>",
    )]);
    let program = chapbook().arg(folder.path().join("site")).args(["--port", "0"]);
    let text = on_terminal(program.env("NO_COLOR", "1"), "Ctrl-C");
    assert!(text.contains("  Site   A & B <c\n"), "{text:?}");
}

#[test]
fn a_pipe_gets_one_plain_line_and_with_quiet_none() {
    let server = chapbook().args(["--port", "0"]).serve();
    assert!(server.address.port() > 0);
    assert_eq!(server.address.ip().to_string(), "127.0.0.1");
    assert_eq!(server.process.kill().stdout, "");

    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = free.local_addr().expect("a listener has an address");
    drop(free);
    let running = chapbook().args(["--quiet", "--port", &address.port().to_string()]).spawn();
    assert!(eventually(|| TcpStream::connect(address).is_ok()), "nothing listens");
    assert_eq!(running.kill().stdout, "");
}

#[test]
fn with_lan_each_url_answers_and_the_best_one_is_a_qr_code() {
    let lan = || chapbook().args(["--port", "0", "--lan"]).env("NO_COLOR", "1");
    let server = lan().serve();
    let open = |address: SocketAddr| {
        assert_eq!(Client::connect(address).get("/book").status, 200, "{address}");
    };
    open(server.address);
    if TcpListener::bind("[::1]:0").is_ok() {
        open(SocketAddr::new("::1".parse().expect("an address"), server.address.port()));
    } else {
        skipped("the IPv6 URL, as this machine has no IPv6 loopback address");
    }
    // All lines are written at once, so the others have arrived with the first.
    let others = server.process.buffered_stdout().to_owned();
    for line in others.lines() {
        let address = listening_on(line).unwrap_or_else(|| panic!("no URL: {line}"));
        assert!(!address.ip().is_loopback(), "{line}");
        open(address);
    }
    let Some(best) = others.lines().next() else {
        return skipped("the QR code, as this machine has no network address");
    };
    let text = on_terminal(lan(), "or a guest network blocks it");
    let host = best.trim_start_matches("Listening on ").rsplit_once(':').expect("a port").0;
    assert!(text.contains(&format!("  Share  {host}:")), "{text}");
    // Dark on light without colours, too: the background of the terminal is not known.
    assert!(text.contains("█▀▀▀▀▀█") && text.contains("\u{1b}[48;5;231m"), "{text}");
}

#[test]
fn with_lan_the_features_that_other_devices_lack_are_named() {
    let script = "<script>navigator.clipboard.writeText(await crypto.randomUUID())\n\
                  'serviceWorker' in navigator && navigator.serviceWorker.register('/sw.js')\n\
                  navigator.wakeLock?.request()</script>";
    let folder = site_folder(&[
        ("index.html", &(page("Page") + script)),
        ("sw.js", "onfetch = (event) => event.respondWith(caches.match(event.request))"),
    ]);
    let pack = chapbook().args(["pack", "site", "-o", "demo", "--fast"]).cwd(folder.path());
    pack.run().succeeded();
    let expected = "chapbook: other devices lack these features over plain HTTP: service workers, \
                    clipboard, crypto.randomUUID; add --https";
    let packed = || Program::new(folder.path().join("demo"));
    let rows = [
        (chapbook().args(["site", "--lan"]), expected),
        (packed().arg("--lan"), expected),
        (packed(), ""),
        (chapbook().arg("--lan"), ""),
    ];
    for (program, expected) in rows {
        let mut running = program.args(["--port", "0"]).cwd(folder.path()).spawn();
        assert!(running.stdout_line().starts_with("Listening on "));
        let stderr = running.kill().stderr;
        let found = stderr.lines().find(|it| it.contains("other devices")).unwrap_or_default();
        assert_eq!(found, expected, "{stderr}");
    }
}

#[test]
fn host_and_lan_exclude_each_other() {
    let problem = run(["--lan", "--host", "127.0.0.1"]).failed(2);
    assert!(problem.contains("and --lan (or CHAPBOOK_LAN) cannot be combined"), "{problem}");
    let program = chapbook().args(["--host", "127.0.0.1", "--port", "0"]);
    let server = program.env("CHAPBOOK_LAN", "0").serve();
    assert_eq!(server.address.ip().to_string(), "127.0.0.1");
}

#[test]
fn open_starts_the_browser_or_reports_why_it_cannot() {
    let folder = tempfile::tempdir().expect("the disk has room");
    let (browser, url) = (folder.path().join("xdg-open"), folder.path().join("url"));
    let script =
        format!("#!/bin/sh\necho \"$1\" >'{0}.new' && mv '{0}.new' '{0}'\n", url.display());
    fs::write(&browser, script).expect("files can be written");
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let server = chapbook().args(["--port", "0", "--open"]).env("PATH", path).serve();
    assert!(eventually(|| url.exists()), "no browser was started");
    let opened = fs::read_to_string(&url).expect("the file exists");
    assert_eq!(opened, format!("http://{}/\n", server.address));

    let program = chapbook().args(["--port", "0", "--open"]).env("PATH", "/nonexistent");
    let mut server = program.serve();
    let problem = server.process.stderr_line();
    let url = format!("http://{}/", server.address);
    let expected = format!("chapbook: no browser could be started; open {url} yourself\n");
    assert_eq!(problem, expected);
}

#[test]
fn the_process_that_has_the_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("a listener has an address").port().to_string();
    let name = fs::read_to_string("/proc/self/comm").expect("a process has a name");
    let expected = format!(
        "chapbook: cannot listen on 127.0.0.1:{port}: port {port} is in use by {} \
         (process {}); choose another with --port, or any free one with --port 0\n",
        name.trim_end(),
        std::process::id(),
    );
    assert_eq!(run(["--port", &port]).failed(1), expected);
}
