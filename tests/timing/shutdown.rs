//! Duration of a graceful shutdown.

use std::time::{Duration, Instant};

use crate::harness::{
    connections, downloads, exclusive, finish_downloads, request_shutdown, serve_large_file,
};

#[test]
fn a_shutdown_with_a_thousand_downloads_takes_less_than_ten_seconds() {
    let _exclusive = exclusive();
    let count = connections(1_000);
    let server = serve_large_file(300_000, &["--workers", "2"]);
    let (mut clients, _) = downloads(&server, count);
    let start = Instant::now();
    request_shutdown(&server);
    finish_downloads(&mut clients);
    let took = start.elapsed();
    println!("{count} downloads were finished {took:?} after the signal");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn a_second_signal_takes_effect_immediately() {
    let server = serve_large_file(300_000, &["--workers", "1"]);
    let _clients = downloads(&server, 1);
    let start = Instant::now();
    request_shutdown(&server);
    server.process.signal("TERM");
    assert_eq!(server.process.wait().status, Some(143));
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}
