//! Latency of one client while thousands of slow clients are connected.

use std::{
    sync::mpsc::{self, Receiver, TryRecvError},
    thread,
    time::{Duration, Instant},
};

use crate::harness::{
    NonblockingClient, Server, connections, eventually, exclusive, pause, serve_large_file,
};

const LENGTH: usize = 2_000_000;

/// Sends an endless head from each client, one byte at a time, until the sender of the channel is
/// dropped, and returns how many bytes each client sent.
fn trickle(clients: &mut [NonblockingClient], is_over: &Receiver<()>) -> usize {
    let mut head = "GET / HTTP/1.1\r\nHost: a\r\nX: ".bytes().chain(std::iter::repeat(b'x'));
    let mut rounds = 0;
    loop {
        let byte = head.next().expect("the head is endless");
        for (number, client) in clients.iter_mut().enumerate() {
            client.send([byte]);
            if number % 100 == 0 {
                pause(Duration::from_millis(10));
            }
        }
        rounds += 1;
        if is_over.try_recv() == Err(TryRecvError::Disconnected) {
            return rounds;
        }
    }
}

/// The 99th percentile of the response time, over at least a second and 500 requests. Every tenth
/// request opens a connection.
fn percentile_99(server: &Server) -> Duration {
    let mut kept = server.connect();
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 500 || start.elapsed() < Duration::from_secs(1) {
        let sent = Instant::now();
        let response =
            if times.len() % 10 == 0 { server.connect().get("/") } else { kept.get("/") };
        times.push(sent.elapsed());
        assert_eq!(response.status, 200);
    }
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

#[test]
fn two_thousand_slow_senders_and_two_thousand_stalled_readers_do_not_delay_another_client() {
    let _exclusive = exclusive();
    let each = connections(4_000) / 2;
    let server = serve_large_file(LENGTH, &["--workers", "2"]);
    let connect = |_| NonblockingClient::connect(server.address);
    let mut stalled: Vec<_> = (0..each).map(connect).collect();
    let mut trickling: Vec<_> = (0..each).map(connect).collect();
    for client in &mut stalled {
        client.send("GET /large.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let (times, rounds) = thread::scope(|scope| {
        let (until, is_over) = mpsc::channel();
        let clients = &mut trickling;
        let trickling = scope.spawn(move || trickle(clients, &is_over));
        let mut times = Vec::new();
        // Other load on the machine can only make it slower, so the best of a few counts.
        while times.len() < 5 && times.iter().all(|time| *time >= Duration::from_millis(20)) {
            times.push(percentile_99(&server));
        }
        drop(until);
        (times, trickling.join().expect("the thread ends"))
    });
    println!("{each} send {rounds} bytes each, {each} read nothing: {times:?}");
    assert!(rounds > 1, "nothing was sent slowly");
    assert!(times.iter().any(|time| *time < Duration::from_millis(20)), "{times:?}");
    // The stalled readers still receive their responses.
    let mut piece = vec![0; 64 * 1024];
    for client in stalled.iter_mut().take(5) {
        let is_complete = eventually(|| {
            while client.receive(&mut piece) > 0 {}
            client.is_closed || client.received > LENGTH
        });
        assert!(is_complete && !client.is_closed, "{} bytes", client.received);
    }
}

#[test]
fn with_all_slots_busy_a_new_client_gets_the_first_one_that_becomes_idle() {
    let _exclusive = exclusive();
    let server = serve_large_file(LENGTH, &["--workers", "1", "--max-connections", "20"]);
    let connect = |_| NonblockingClient::connect(server.address);
    let mut stalled: Vec<_> = (0..20).map(connect).collect();
    for client in &mut stalled {
        client.send("GET /large.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let mut new = server.connect();
    new.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    pause(Duration::from_millis(100));
    assert!(new.has_received_nothing(), "a slot was free");
    let mut piece = vec![0; 64 * 1024];
    let one = &mut stalled[7];
    assert!(eventually(|| {
        while one.receive(&mut piece) > 0 {}
        one.received > LENGTH
    }));
    let start = Instant::now();
    assert_eq!(new.receive().status, 200);
    // The idle deadline, shorter when most slots are taken, would free a slot after two seconds.
    assert!(start.elapsed() < Duration::from_millis(1_500), "{:?}", start.elapsed());
}
