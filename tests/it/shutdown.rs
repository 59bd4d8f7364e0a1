//! Graceful shutdown: responses in progress, new connections, and the exit status.

use crate::harness::{
    connections, downloads, exclusive, finish_downloads, parse_all, random_bytes, request_shutdown,
    serve_large_file,
};

const LENGTH: usize = 300_000;

#[test]
fn a_thousand_downloads_are_finished_at_shutdown_and_new_connections_refused() {
    let _exclusive = exclusive();
    let count = connections(1_000);
    let server = serve_large_file(LENGTH, &["--workers", "2"]);
    let (mut clients, mut first) = downloads(&server, count);
    request_shutdown(&server);
    assert!(clients.iter().all(|it| it.received < LENGTH / 2), "all are in progress");
    first.extend(finish_downloads(&mut clients));
    let responses = parse_all(&first, &[]).expect("the response is complete");
    assert_eq!((responses.len(), responses[0].status), (1, 200));
    assert!(responses[0].content == random_bytes(LENGTH), "another content");
    let cut = clients.iter().filter(|it| it.received != first.len()).count();
    assert_eq!(cut, 0, "of {count} responses are incomplete");
    assert_eq!(server.process.wait().status, Some(0));
}

#[test]
fn a_request_after_a_response_in_progress_does_not_truncate_that_response() {
    let server = serve_large_file(LENGTH, &["--workers", "1"]);
    let (mut clients, mut received) = downloads(&server, 1);
    clients[0].send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    request_shutdown(&server);
    received.extend(clients[0].receive_rest());
    let responses = parse_all(&received, &[]).expect("both responses are complete");
    assert!(responses[0].content == random_bytes(LENGTH), "another content");
    assert_eq!((responses.len(), responses[1].field("connection")), (2, Some("close")));
    assert_eq!(server.process.wait().status, Some(0));
}

/// The shutdown deadline would end it with status 0.
#[test]
fn a_second_signal_exits_immediately_with_the_status_of_the_signal() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let server = serve_large_file(LENGTH, &["--workers", "1"]);
        let (clients, _) = downloads(&server, 1);
        request_shutdown(&server);
        server.process.signal(signal);
        assert_eq!(server.process.wait().status, Some(status));
        assert!(!clients[0].is_closed);
    }
}

#[test]
fn a_shutdown_reports_how_many_answers_are_still_being_sent() {
    let rows = [(1, "1", "1 answer is"), (3, "2", "3 answers are")];
    for (count, workers, answers) in rows {
        let server = serve_large_file(LENGTH, &["--workers", workers]);
        let (mut clients, _) = downloads(&server, count);
        request_shutdown(&server);
        finish_downloads(&mut clients);
        let expected =
            format!("Stopping: {answers} still being sent; press Ctrl-C again to stop now\n");
        assert_eq!(server.process.wait().stderr, expected);
    }
    let server = serve_large_file(LENGTH, &[]);
    server.connect().get("/large.mp4");
    assert_eq!(server.process.terminate().stderr, "");
}
