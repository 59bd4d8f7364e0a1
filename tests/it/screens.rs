//! Screens of terminals of 40, 80 and 120 columns.

use std::{env, fs, path::Path};

use chapbook_oracle::base;
use tempfile::TempDir;

use crate::harness::{
    NonblockingClient, Program, Terminal, chapbook, copy_default_site, eventually, page,
    random_bytes, repository, site_folder, write,
};

const COLUMNS: [u16; 3] = [40, 80, 120];

/// Name of the expected file, arguments, and exit status.
const ROWS: [(&str, &str, i32); 14] = [
    ("help", "-h", 0),
    ("help-long", "--help", 0),
    ("help-pack", "pack -h", 0),
    ("check", "check site", 1),
    ("check-clean", "check dist", 0),
    ("explain", "explain broken-link", 0),
    ("pack", "pack dist --base windows -o demo.exe --force", 0),
    ("pack-refused", "pack site", 1),
    ("no-command", "packk dist -o x", 2),
    ("no-pack", "dist -o demo", 2),
    ("no-folder", "gone", 1),
    ("port-range", "dist -p many", 2),
    ("port-in-use", "dist --host 192.0.2.1 --port 80", 1),
    ("probe", "probe http://127.0.0.1:1/", 1),
];

/// A folder with the default site, a site with a broken link, and a small base for Windows.
fn folder() -> TempDir {
    let folder = site_folder(&[("index.html", &page("<a href=\"/gone\">Gone</a>"))]);
    copy_default_site(&folder.path().join("dist"));
    write(folder.path(), "windows", base::pe(false));
    folder
}

/// Compares a screen with the expected one. `UPDATE_EXPECTED=1` writes it.
fn compare(name: &str, columns: u16, screen: &str) {
    let path = repository("tests/screens").join(format!("{name}-{columns}.txt"));
    if env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, screen).expect("files can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(screen, expected, "{}", path.display());
}

fn at_terminal(program: Program, folder: &Path, columns: u16) -> Terminal {
    let program = program.cwd(folder).env("TERM", "xterm").without_env("NO_COLOR");
    Terminal::start(program.without_env("COLUMNS"), columns, 24)
}

#[test]
fn every_screen_is_the_expected_one() {
    let folder = folder();
    for columns in COLUMNS {
        for (name, arguments, expected) in ROWS {
            let program = chapbook().args(arguments.split(' '));
            let (status, screen) = at_terminal(program, folder.path(), columns).finish();
            assert_eq!(status, Some(expected), "{arguments}: {screen}");
            compare(name, columns, &screen);
        }
    }
}

#[test]
fn a_packed_site_has_the_expected_help() {
    let folder = folder();
    chapbook().args(["pack", "dist", "-o", "demo"]).cwd(folder.path()).run().succeeded();
    for columns in COLUMNS {
        let program = Program::new("./demo").arg("-h");
        let (status, screen) = at_terminal(program, folder.path(), columns).finish();
        assert_eq!(status, Some(0), "{screen}");
        compare("help-packed", columns, &screen);
    }
}

#[test]
fn a_server_has_the_expected_screen_until_it_is_stopped_twice() {
    const LENGTH: usize = 300_000;
    for columns in COLUMNS {
        let folder = folder();
        write(folder.path(), "dist/large.mp4", random_bytes(LENGTH));
        let program = chapbook().args(["dist", "--port", "0"]);
        let mut terminal = at_terminal(program, folder.path(), columns);
        let printed = terminal.wait_for("Ctrl-C\r\n");
        let port = printed.split("http://127.0.0.1:").nth(1).expect("a URL");
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        let address = format!("127.0.0.1:{port}").parse().expect("an address");
        let mut client = NonblockingClient::connect(address);
        client.send("GET /large.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(eventually(|| client.receive(&mut [0; 1024]) > 0), "a response begins");
        terminal.press("\u{3}");
        terminal.wait_for("again to stop now");
        terminal.press("\u{3}");
        let (status, screen) = terminal.finish();
        assert_eq!(status, Some(130), "{screen}");
        drop(client);
        compare("serve", columns, &screen.replace(&port, "PORT"));
    }
}

#[test]
fn progress_is_shown_in_the_units_of_the_totals_and_removed() {
    const FILES: usize = 3_000;
    let folder = site_folder(&[("index.html", &page("Hello"))]);
    for number in 1..FILES {
        write(folder.path(), &format!("site/{number}.html"), page(&"Hello ".repeat(100)));
    }
    // Takes long enough to be shown.
    let slow: Vec<u8> = random_bytes(12_000_000).iter().map(|it| b'a' + it % 16).collect();
    write(folder.path(), "slow/slow.txt", slow);
    write(folder.path(), "slow/index.html", page("Hello"));
    let rows = [
        ("check site", " of 3000 files", 0, "3000 files, "),
        ("site --port 0", " of 3000 files", 0, "3000 files, "),
        ("pack slow -o demo", " of 12.0 MB", 130, "interrupted; nothing was written"),
    ];
    for (arguments, shown, expected, last) in rows {
        let program = chapbook().args(arguments.split(' '));
        let mut terminal = at_terminal(program, folder.path(), 80);
        terminal.wait_for(shown);
        if !arguments.starts_with("check") {
            if expected == 0 {
                terminal.wait_for("Ctrl-C\r\n");
            }
            terminal.press("\u{3}");
        }
        let (status, screen) = terminal.finish();
        assert_eq!(status, Some(expected), "{arguments}: {screen}");
        assert!(screen.contains(last), "{arguments}: {screen}");
        let is_removed = expected == 130 || !screen.contains(shown);
        assert!(is_removed, "{arguments}: {screen}");
    }
}
