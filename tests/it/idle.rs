//! Memory of idle connections, and the limit of open files.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::harness::{ProcessStats, Server, chapbook, connections, exclusive, idle_connections};

#[test]
fn ten_thousand_idle_connections_take_less_than_600_bytes_each() {
    let _exclusive = exclusive();
    let count = connections(10_000);
    assert!(count >= 1_000, "the system allows only {count} connections");
    let server = Server::start_with(&["--max-connections", "20000", "--workers", "1"]);
    let process = ProcessStats(server.process.id());
    drop(idle_connections(&server, 100));
    let before = process.resident_bytes();
    let start = Instant::now();
    let clients = idle_connections(&server, count);
    let took = start.elapsed();
    let growth = process.resident_bytes().saturating_sub(before);
    let each = growth / count as u64;
    println!("{count} idle connections: {each} bytes each, {took:?}");
    assert!(each < 600, "{count} connections: {growth} bytes, {each} each");
    // All of them are open, unless the first ones reached their idle deadline meanwhile.
    let is_open = |stream: &&TcpStream| {
        stream.set_nonblocking(true).expect("a socket has options");
        stream.peek(&mut [0]).is_err()
    };
    let open = clients.iter().filter(is_open).count();
    assert!(open == count || took > Duration::from_secs(14), "{open} of {count} are open");
    assert_eq!(server.connect().get("/book").status, 200);
}

#[test]
fn more_connections_than_open_files_are_reduced_with_a_message() {
    const LOWERED: &str = "chapbook: the system allows 100 open files, \
        so at most 84 connections instead of 90; raise the limit with `ulimit -n`\n";
    let limited = |connections: &str| {
        let arguments = ["--port", "0", "--workers", "1", "--max-connections", connections];
        chapbook().args(arguments).with_open_files_max(100).serve()
    };
    let mut server = limited("90");
    assert_eq!(server.process.stderr_line(), LOWERED);
    assert_eq!(server.connect().get("/book").status, 200);
    let server = limited("84");
    assert_eq!(server.connect().get("/book").status, 200);
    assert_eq!(server.process.kill().stderr, "");
}
