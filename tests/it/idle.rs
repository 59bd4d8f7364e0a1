//! What clients cost who ask nothing: memory, wake-ups and CPU time.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::harness::{Client, Process, Server, alone, connections, pass};

/// Clients who have been answered once, and stay.
fn crowd(server: &Server, count: usize) -> Vec<TcpStream> {
    let stay = |_| {
        let mut client = server.connect();
        assert_eq!(client.get("/book").status, 200);
        client.into_stream()
    };
    (0..count).map(stay).collect()
}

#[test]
fn ten_thousand_idle_connections_take_less_than_600_bytes_each() {
    let _alone = alone();
    let count = connections(10_000);
    assert!(count >= 1_000, "the system allows only {count} connections");
    let server = Server::start_with(&["--max-connections", "20000", "--workers", "1"]);
    let process = Process(server.process_id());
    drop(crowd(&server, 100));
    let before = process.resident();
    let start = Instant::now();
    let crowd = crowd(&server, count);
    let took = start.elapsed();
    let growth = process.resident().saturating_sub(before);
    let each = growth / count as u64;
    println!("{count} idle connections: {each} bytes each, {took:?}");
    assert!(each < 600, "{count} connections: {growth} bytes, {each} each");
    // They are all there, if they came before the first ones were too idle.
    let is_there = |stream: &TcpStream| {
        stream.set_nonblocking(true).expect("a socket takes options");
        stream.peek(&mut [0]).is_err()
    };
    let there = crowd.iter().filter(|it| is_there(it)).count();
    assert!(there == count || took > Duration::from_secs(14), "{there} of {count} are there");
    assert_eq!(server.connect().get("/book").status, 200);
}

#[test]
fn nobody_and_five_hundred_who_wait_cost_no_wake_up_and_no_time() {
    let _alone = alone();
    let servers = [Server::start(), Server::start()];
    let crowd = crowd(&servers[1], 500);
    let processes = servers.each_ref().map(|it| Process(it.process_id()));
    let before = processes.map(|it| (it.waits(), it.cpu_ticks()));
    pass(Duration::from_secs(3));
    for (process, (waits, ticks)) in processes.into_iter().zip(before) {
        let (waits, ticks) = (process.waits() - waits, process.cpu_ticks() - ticks);
        println!("{waits} wake-ups and {ticks} ticks in three seconds");
        assert!(waits <= 3, "{waits} wake-ups in three seconds");
        // What was there before may have been nearly a tick.
        assert!(ticks <= 1, "{ticks} ticks in three seconds");
    }
    assert_eq!(crowd.len(), 500);
    for server in &servers {
        let mut client: Client = server.connect();
        assert_eq!(client.get("/book").status, 200);
    }
}

#[test]
fn more_connections_than_the_system_allows_are_not_promised() {
    let mut server = Server::start_limited(100, "", &["--workers", "1", "--max-connections", "90"]);
    let problem = server.problem();
    let expected = "chapbook: the system allows 100 open files, so at most 84 connections \
                    instead of 90; raise it with `ulimit -n`";
    assert_eq!(problem, expected);
    assert_eq!(server.connect().get("/book").status, 200);
    let fits = Server::start_limited(100, "", &["--workers", "1", "--max-connections", "84"]);
    assert_eq!(fits.connect().get("/book").status, 200);
    assert_eq!(fits.end(), "");
}
