//! That a server that has answered many requests is as it was before; `bench/soak` goes on longer.

use crate::harness::{Process, Server, alone, eventually};

const PATHS: [&str; 5] = ["/", "/book", "/nope", "/style.css", "/icon.svg"];

#[test]
fn twenty_thousand_requests_leave_no_memory_and_no_descriptor_behind() {
    let _alone = alone();
    let server = Server::start();
    let process = Process(server.process_id());
    let mut regulars: Vec<_> = (0..4).map(|_| server.connect()).collect();
    let mut ask = |count: usize| {
        for number in 0..count {
            let path = PATHS[number % PATHS.len()];
            let answer = if number % 8 == 0 {
                server.connect().get(path)
            } else {
                regulars[number % 4].get(path)
            };
            assert_eq!(answer.status, if path == "/nope" { 404 } else { 200 }, "{number}");
        }
    };
    ask(2_000);
    let mut descriptors = process.descriptors();
    // Who has left is let go of a moment later.
    eventually(|| descriptors == std::mem::replace(&mut descriptors, process.descriptors()));
    let resident = process.resident();
    ask(20_000);
    assert!(eventually(|| process.descriptors() <= descriptors), "{}", process.descriptors());
    let growth = process.resident().saturating_sub(resident);
    println!("{resident} bytes before, {growth} more after, {descriptors} descriptors");
    // A few pages may be touched for the first time; four bytes for each request would be seen.
    assert!(growth <= 64 * 1024, "{growth} bytes more than the {resident} before");
}
