//! A server whose system gives it hardly any descriptors, and a flood of clients.

use std::{
    fs::File,
    io::Write,
    process::Command,
    time::{Duration, Instant},
};

use crate::harness::{Member, Process, Server, alone, pass};

/// Descriptors that it did not reckon with, so that accepting fails where places are free.
const TAKEN: &str = "3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3 9<&3";

#[test]
fn a_flood_into_a_starved_server_costs_next_to_nothing_and_leaves_nothing_behind() {
    let _alone = alone();
    for (taken, must_complain) in [("", false), (TAKEN, true)] {
        let mut server = Server::start_limited(32, taken, &["--workers", "1"]);
        let lowered = server.problem();
        assert!(lowered.contains("allows 32 open files, so at most 16 connections"), "{lowered}");
        let process = Process(server.process_id());
        let start = Instant::now();
        let mut flood = Vec::new();
        for _ in 0..300 {
            let mut member = Member::connect(server.address());
            // Nobody who is being answered is let go for others.
            member.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500));
            flood.push(member);
        }
        let mut waiting = server.connect();
        waiting.send("GET /book HTTP/1.1\r\nHost: a\r\n\r\n");
        pass(Duration::from_millis(100));
        let before = (process.waits(), process.cpu_ticks());
        pass(Duration::from_secs(1));
        let (waits, ticks) = (process.waits() - before.0, process.cpu_ticks() - before.1);
        println!("starved: {waits} wake-ups and {ticks} ticks in a second");
        assert!(waiting.has_heard_nothing(), "it was not starved");
        assert!(ticks < 5, "{ticks} hundredths of a second in one second");
        drop(flood);
        assert_eq!(waiting.receive().status, 200);
        for number in 0..100 {
            assert_eq!(server.connect().get("/book").status, 200, "request {number}");
        }
        let most = 1 + usize::try_from(start.elapsed().as_secs() / 5).expect("it is short");
        let said = server.end();
        let complaints = said.matches("chapbook: cannot accept connections for now: ").count();
        assert_eq!(complaints, said.lines().count(), "{said}");
        assert!(complaints <= most, "at most one in five seconds:\n{said}");
        assert!(complaints > 0 || !must_complain, "it lacked no descriptor");
    }
}

/// At its start it has to say that it may open few files.
#[test]
fn it_serves_though_nobody_reads_what_it_has_to_say() {
    let folder = tempfile::tempdir().expect("there is room");
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let unread = File::options().read(true).write(true).open(&pipe);
    let mut unread = unread.expect("it is there");
    let size = rustix::pipe::fcntl_getpipe_size(&unread).expect("it is a pipe");
    unread.write_all(&vec![b'x'; size]).expect("it has room");
    let shell = format!("2>'{}'", pipe.display());
    let server = Server::start_limited(32, &shell, &["--workers", "1"]);
    assert_eq!(server.connect().get("/book").status, 200);
}

#[test]
fn a_flood_that_never_asks_to_the_end_keeps_nobody_out() {
    let _alone = alone();
    let server = Server::start_limited(32, "", &["--workers", "1"]);
    let start = Instant::now();
    let mut flood = Vec::new();
    for number in 0..300 {
        let mut member = Member::connect(server.address());
        member.send("GET / HTTP/1.1\r\nHo");
        flood.push(member);
        if number % 10 == 0 {
            assert_eq!(server.connect().get("/book").status, 200, "request {number}");
        }
    }
    assert!(start.elapsed() < Duration::from_secs(9), "their deadline made the places");
}
