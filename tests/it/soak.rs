//! Memory and file descriptors after many requests. `bench/soak` runs longer.

use crate::harness::{ProcessStats, Server, eventually, exclusive};

const PATHS: [&str; 5] = ["/", "/book", "/nope", "/style.css", "/icon.svg"];

#[test]
fn twenty_thousand_requests_leak_no_memory_and_no_descriptor() {
    let _exclusive = exclusive();
    let server = Server::start();
    let process = ProcessStats(server.process.id());
    let mut kept: Vec<_> = (0..4).map(|_| server.connect()).collect();
    let mut request = |count: usize| {
        for number in 0..count {
            let path = PATHS[number % PATHS.len()];
            let response = if number % 8 == 0 {
                server.connect().get(path)
            } else {
                kept[number % 4].get(path)
            };
            assert_eq!(response.status, if path == "/nope" { 404 } else { 200 }, "{number}");
        }
    };
    request(2_000);
    let mut descriptors = process.open_files();
    // The server closes a connection shortly after its client does.
    eventually(|| descriptors == std::mem::replace(&mut descriptors, process.open_files()));
    let resident = process.resident_bytes();
    request(20_000);
    assert!(eventually(|| process.open_files() <= descriptors), "{}", process.open_files());
    let growth = process.resident_bytes().saturating_sub(resident);
    println!("{resident} bytes before, {growth} more after, {descriptors} descriptors");
    // A few pages may be touched for the first time; four bytes for each request would be more.
    assert!(growth <= 64 * 1024, "{growth} bytes more than the {resident} before");
}
