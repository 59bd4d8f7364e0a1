//! `chapbook FOLDER` while the folder changes: responses, connections and memory.

use std::{
    env, fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use crate::harness::{
    NonblockingClient, ProcessStats, Response, Server, chapbook, eventually, folder_of, page,
    parse_all, random_bytes, replace, site_folder, write,
};

/// The number of changes; `CHAPBOOK_CHANGES=10000` runs more.
const CHANGES: u64 = 150;
/// The changes after which memory is measured for the first time.
const WARM_UP: u64 = 100;
/// How much more memory may be used at the end.
const GROWTH_MAX: u64 = 2 << 20;
/// The number of pages that are replaced in turn, and how often.
const PAGES: usize = 100;
const ROUNDS: u64 = 30;
/// The length of a file that is read while it is sent.
const LONG: usize = 300_000;
/// The length of a file that a slow client does not receive at once.
const FILM: usize = 8_000_000;

/// A page, whose length differs between states.
fn page_of(state: u64) -> String {
    let count = usize::try_from(state % 500).expect("it is small");
    page(&format!("{state} {}", "all work and no play ".repeat(count)))
}

/// A long content, of which each part shows the state.
fn long_of(state: u64) -> Vec<u8> {
    state.to_le_bytes().repeat(LONG / 8)
}

fn serve(folder: &Path) -> Server {
    chapbook().arg(folder).args(["--port", "0", "--workers", "2"]).serve()
}

/// The next warning of a server.
fn warning(server: &mut Server) -> String {
    loop {
        let line = server.process.stderr_line();
        if line.is_empty() || line.starts_with("chapbook: ") {
            return line;
        }
    }
}

/// The state that a response shows; panics if it is a mixture.
fn state_of(path: &str, response: &Response) -> u64 {
    assert_eq!((response.status, response.field("connection")), (200, None), "{path}");
    let content = &response.content;
    if path == "/long.mp4" {
        let state = u64::from_le_bytes(content[..8].try_into().expect("it has 8 bytes"));
        assert!(*content == long_of(state), "{path}: a mixture of states");
        return state;
    }
    let text = str::from_utf8(content).expect("it is a page");
    let (_, rest) = text.split_once("<p>").expect("it is a page");
    let state = rest.split([' ', '<']).next().and_then(|it| it.parse().ok()).expect("a state");
    assert_eq!(text, page_of(state), "{path}: a mixture of states");
    state
}

#[test]
fn each_response_is_that_of_one_state_and_no_connection_is_closed() {
    let changes = env::var("CHAPBOOK_CHANGES").map_or(CHANGES, |it| it.parse().expect("a number"));
    let site = folder_of(&[("index.html", &page_of(0)), ("about.html", &page_of(0))]);
    let folder = site.path();
    write(folder, "long.mp4", long_of(0));
    let server = serve(folder);
    let (written, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for paths in [["/", "/long.mp4"], ["/about", "/"]] {
            let (server, written, is_over) = (&server, &written, &is_over);
            scope.spawn(move || {
                let mut client = server.connect();
                let mut last = [0; 2];
                while !is_over.load(Ordering::SeqCst) {
                    for (path, last) in paths.into_iter().zip(&mut last) {
                        let state = state_of(path, &client.get(path));
                        assert!(state >= *last, "{path}: an older state");
                        assert!(state <= written.load(Ordering::SeqCst), "{path}: a later state");
                        *last = state;
                    }
                }
            });
        }
        let mut client = server.connect();
        let mut warm = None;
        for state in 1..=changes {
            written.store(state, Ordering::SeqCst);
            let path = match state % 3 {
                // Overwritten in place: for a moment, the page is empty.
                0 => {
                    write(folder, "index.html", page_of(state));
                    "/"
                }
                1 => {
                    replace(folder, "about.html", page_of(state));
                    "/about"
                }
                _ => {
                    replace(folder, "long.mp4", long_of(state));
                    "/long.mp4"
                }
            };
            let is_served = eventually(|| state_of(path, &client.get(path)) == state);
            assert!(is_served, "state {state} of {path} is not served");
            if state == WARM_UP {
                warm = Some(ProcessStats(server.process.id()).resident_bytes());
            }
        }
        is_over.store(true, Ordering::SeqCst);
        let grown = ProcessStats(server.process.id())
            .resident_bytes()
            .saturating_sub(warm.expect("there were enough changes"));
        assert!(grown < GROWTH_MAX, "{grown} bytes more after {changes} changes");
    });
    assert_eq!(server.process.terminate().status, Some(0));
}

#[test]
fn a_response_in_progress_ends_with_the_bytes_that_it_began_with_if_its_file_is_replaced() {
    type Change = fn(&Path);
    /// How a file changes, the status of later responses, and whether the first one is complete.
    type Row = (&'static str, Change, u16, bool);
    let rows: [Row; 4] = [
        ("replaced", |it| replace(it, "film.mp4", vec![7; FILM]), 200, true),
        ("removed", |it| fs::remove_file(it.join("film.mp4")).expect("it is there"), 404, true),
        ("overwritten", |it| write(it, "film.mp4", vec![7; FILM]), 200, false),
        ("cut short", |it| write(it, "film.mp4", "short"), 200, false),
    ];
    for (name, change, status, is_complete) in rows {
        let site = folder_of(&[("index.html", &page_of(0))]);
        let folder = site.path();
        write(folder, "film.mp4", random_bytes(FILM));
        let server = serve(folder);
        let mut slow = NonblockingClient::connect(server.address);
        slow.send("GET /film.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let mut received = vec![0];
        assert!(eventually(|| slow.receive(&mut received) > 0), "{name}: a response begins");
        let mut client = server.connect();
        assert_eq!(client.get("/film.mp4").content, random_bytes(FILM), "{name}");
        change(folder);
        let expected = fs::read(folder.join("film.mp4")).ok();
        let is_new = |response: &Response| {
            response.status == status && expected.as_ref().is_none_or(|it| *it == response.content)
        };
        assert!(eventually(|| is_new(&client.get("/film.mp4"))), "{name}: the new state is served");
        received.extend(slow.receive_rest());
        match parse_all(&received, &[]) {
            Ok(responses) if is_complete => {
                assert!(responses[0].content == random_bytes(FILM), "{name}: other bytes");
            }
            Ok(_) => panic!("{name}: a mixture of versions"),
            Err(_) => assert!(!is_complete, "{name}: {} bytes", received.len()),
        }
    }
}

#[test]
fn while_a_folder_is_gone_or_half_written_its_last_good_state_is_served() {
    type Change = fn(&Path);
    let rows: [(Change, &str, Change); 5] = [
        (|it| fs::remove_dir_all(it).expect("it is there"), "there is no such folder now", |_| {}),
        (
            |it| fs::rename(it, it.with_extension("old")).expect("it can be renamed"),
            "there is no such folder now",
            |it| fs::rename(it.with_extension("old"), it).expect("it can be renamed"),
        ),
        (|it| write(it, "index.html", ""), "its `index.html` is empty", |_| {}),
        (
            |it| fs::remove_file(it.join("index.html")).expect("it is there"),
            "it has an error; `chapbook check` explains it",
            |_| {},
        ),
        (
            |it| write(it, "_redirects", "/a /b 999\n/c\n"),
            "it has 2 errors; `chapbook check` explains them",
            |it| fs::remove_file(it.join("_redirects")).expect("it is there"),
        ),
    ];
    let site = site_folder(&[("index.html", &page_of(0))]);
    write(site.path(), "site/long.mp4", long_of(0));
    let program = chapbook().args(["site", "--port", "0"]).cwd(site.path());
    let mut server = program.serve();
    let folder = site.path().join("site");
    let mut client = server.connect();
    for (state, (change, reason, restore)) in (0..).zip(rows) {
        change(&folder);
        let expected = format!("chapbook: still serving the last good state of `site`: {reason}\n");
        assert_eq!(warning(&mut server), expected);
        assert_eq!(state_of("/", &client.get("/")), state, "{reason}");
        assert_eq!(state_of("/long.mp4", &client.get("/long.mp4")), 0, "{reason}");
        restore(&folder);
        write(&folder, "index.html", page_of(state + 1));
        write(&folder, "long.mp4", long_of(0));
        let expected = "chapbook: serving the current state of `site` again\n";
        assert_eq!(warning(&mut server), expected, "{reason}");
        let is_current = || state_of("/", &client.get("/")) == state + 1;
        assert!(eventually(is_current), "{reason}");
    }
}

#[test]
fn counts_are_printed_when_they_change() {
    let site = site_folder(&[("index.html", &page_of(0))]);
    let mut server = chapbook().args(["site", "--port", "0"]).cwd(site.path()).serve();
    let folder = site.path().join("site");
    assert!(server.process.stderr_line().ends_with("0 errors, 0 warnings\n"));
    replace(&folder, "index.html", page("<a href=/none>broken</a>"));
    assert_eq!(server.process.stderr_line(), "warning  broken-link  1\n");
    assert_eq!(server.process.stderr_line(), "`chapbook check site` lists them\n");
    assert_eq!(server.process.stderr_line(), "\n");
    assert!(server.process.stderr_line().ends_with("0 errors, 1 warning\n"));
    // The same number at another place.
    replace(&folder, "about.html", page("about"));
    let mut client = server.connect();
    assert!(eventually(|| client.get("/about").status == 200));
    replace(&folder, "index.html", page_of(0));
    assert!(server.process.stderr_line().ends_with("0 errors, 0 warnings\n"));
}

#[test]
fn files_that_are_replaced_while_the_folder_is_read_are_no_error() {
    let site = folder_of(&[("index.html", &page_of(0))]);
    let server = serve(site.path());
    let paths: Vec<String> = (0..PAGES).map(|it| format!("{it}.html")).collect();
    for state in 0..ROUNDS {
        for path in &paths {
            replace(site.path(), path, page_of(state));
        }
    }
    replace(site.path(), "index.html", page_of(ROUNDS));
    assert!(eventually(|| state_of("/", &server.connect().get("/")) == ROUNDS));
    let outcome = server.process.terminate();
    assert!(!outcome.stderr.contains("still serving"), "{}", outcome.stderr);
}

#[test]
fn an_idle_connection_and_a_part_of_a_head_survive_a_change() {
    let site = folder_of(&[("index.html", &page_of(0))]);
    // Two workers take up a change one after the other; one hands over the last connection last.
    let program = chapbook().arg(site.path()).args(["--port", "0", "--workers", "1"]);
    let server = program.serve();
    let (mut idle, mut begun, mut last) = (server.connect(), server.connect(), server.connect());
    assert_eq!(state_of("/", &idle.get("/")), 0);
    begun.send("GET / HTTP/1.1\r\nHo");
    replace(site.path(), "index.html", page_of(1));
    assert!(eventually(|| state_of("/", &last.get("/")) == 1));
    assert_eq!(state_of("/", &begun.send("st: a\r\n\r\n").receive()), 1);
    assert_eq!(state_of("/", &idle.get("/")), 1);
}
