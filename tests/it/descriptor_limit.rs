//! A server with few file descriptors, and many clients.

use std::{
    fs::File,
    io::Write,
    time::{Duration, Instant},
};

use crate::harness::{
    NonblockingClient, Program, chapbook, exclusive, flood, pause, serve_with_few_descriptors,
};

#[test]
fn many_clients_without_free_descriptors_cause_few_messages_and_no_failure() {
    const CANNOT_ACCEPT: &str = "chapbook: cannot accept connections for now: ";
    let _exclusive = exclusive();
    for (has_extra_files, must_report) in [(false, false), (true, true)] {
        let start = Instant::now();
        let server = serve_with_few_descriptors(has_extra_files);
        let clients = flood(&server, 300);
        let mut waiting = server.connect();
        waiting.send("GET /book HTTP/1.1\r\nHost: a\r\n\r\n");
        pause(Duration::from_millis(100));
        assert!(waiting.has_received_nothing(), "a descriptor was free");
        drop(clients);
        assert_eq!(waiting.receive().status, 200);
        for number in 0..100 {
            assert_eq!(server.connect().get("/book").status, 200, "request {number}");
        }
        let stderr = server.process.kill().stderr;
        let most = 1 + usize::try_from(start.elapsed().as_secs() / 5).expect("a short time");
        let reports = stderr.matches(CANNOT_ACCEPT).count();
        assert_eq!(reports, stderr.lines().count(), "{stderr}");
        assert!(reports <= most, "at most one message in five seconds:\n{stderr}");
        assert!(reports > 0 || !must_report, "no descriptor was missing");
    }
}

/// The limit of open files is reported at the start, and stderr is a full pipe.
#[test]
fn a_stderr_that_nothing_reads_does_not_block_the_server() {
    let folder = tempfile::tempdir().expect("the disk has room");
    let pipe = folder.path().join("pipe");
    Program::new("mkfifo").arg(&pipe).run().succeeded();
    let unread = File::options().read(true).write(true).open(&pipe);
    let mut unread = unread.expect("a pipe can be opened");
    let size = rustix::pipe::fcntl_getpipe_size(&unread).expect("a pipe has a size");
    unread.write_all(&vec![b'x'; size]).expect("the pipe has room");
    let program = chapbook().args(["--port", "0", "--workers", "1"]);
    let server = program.with_open_files_max(32).stderr(unread).serve();
    assert_eq!(server.connect().get("/book").status, 200);
}

#[test]
fn many_unfinished_requests_do_not_lock_out_other_clients() {
    let _exclusive = exclusive();
    let server = serve_with_few_descriptors(false);
    let mut clients = Vec::new();
    for number in 0..300 {
        let mut client = NonblockingClient::connect(server.address);
        client.send("GET / HTTP/1.1\r\nHo");
        clients.push(client);
        if number % 10 == 0 {
            assert_eq!(server.connect().get("/book").status, 200, "request {number}");
            // One older connection was closed. If the deadline of a request freed the slot, it
            // would free all slots at almost the same time.
            let open = clients.iter_mut().map(|client| usize::from(client.is_waiting()));
            let open: usize = open.sum();
            assert!(open >= clients.len().min(10), "request {number}: {open} are open");
        }
    }
}
