//! Delays of single responses.

use std::time::{Duration, Instant};

use crate::harness::{Program, Server};

/// The limit is lowered while the server runs, so that accepting fails although slots are free.
#[test]
fn a_client_that_waited_for_a_descriptor_is_served_as_soon_as_there_is_one() {
    let server = Server::start_with(&["--workers", "1"]);
    let process = server.process.id().to_string();
    Program::new("prlimit").args(["--pid", &process, "--nofile=20:20"]).run().succeeded();
    let mut clients: Vec<_> = (0..200).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHo");
    }
    drop(clients);
    let start = Instant::now();
    assert_eq!(server.connect().get("/book").status, 200);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn two_responses_in_two_writes_are_not_delayed() {
    // With Nagle's algorithm and delayed acknowledgements the second would take 40 ms each time.
    let server = Server::start_with(&["--workers", "1"]);
    let mut client = server.connect();
    let start = Instant::now();
    for _ in 0..50 {
        client.send("GET /book HTTP/1.1\r\nHost: a\r\n\r\nGET /");
        client.receive();
        client.send("book HTTP/1.1\r\nHost: a\r\n\r\n");
        client.receive();
    }
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}
