//! Eviction: which connection the server closes to accept another when all slots are taken.

use std::{collections::VecDeque, time::Duration};

use crate::harness::{Client, Server, eventually, exclusive, pause};

/// Sent by a client without a request. The server ignores an empty line (RFC 9112 section 2.2), but
/// the system may not accept a connection on which nothing was sent.
const EMPTY_LINE: &str = "\r\n";

fn send(server: &Server, bytes: &str) -> Client {
    let mut client = server.connect();
    client.send(bytes);
    client
}

#[test]
fn without_a_free_slot_the_connection_that_is_idle_the_longest_is_closed() {
    let _exclusive = exclusive();
    let server = Server::start_with(&["--workers", "1", "--max-connections", "50"]);
    let connect_and_get = || {
        let mut client = server.connect();
        assert_eq!(client.get("/book").status, 200);
        // Each has been idle for a different number of milliseconds.
        pause(Duration::from_millis(2));
        client
    };
    let is_open = Client::has_received_nothing;
    let mut without_request = send(&server, EMPTY_LINE);
    let mut idle: VecDeque<Client> = (0..49).map(|_| connect_and_get()).collect();
    assert!(idle.iter().all(is_open), "there is a slot for each");
    for number in 0..150 {
        idle.push_back(connect_and_get());
        let oldest = idle.pop_front().expect("there are 50");
        assert!(!is_open(&oldest), "connection {number} replaced another one");
        assert!(is_open(&idle[0]), "connection {number} replaced two");
    }
    assert!(idle.iter().all(is_open));
    assert_eq!(without_request.get("/book").status, 200);
}

#[test]
fn without_an_idle_connection_the_one_with_the_oldest_unfinished_request_is_closed() {
    let _exclusive = exclusive();
    let (head, content) =
        ("GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nshort");
    let rows = [(EMPTY_LINE, head), (head, EMPTY_LINE), (head, content), (content, head)];
    for (from_first, from_others) in rows {
        let server = Server::start_with(&["--workers", "1", "--max-connections", "50"]);
        let first = send(&server, from_first);
        pause(Duration::from_millis(5));
        let mut others: Vec<_> = (0..48).map(|_| send(&server, from_others)).collect();
        let mut idle = server.connect();
        assert_eq!(idle.get("/book").status, 200, "{from_first:?}");
        others.push(send(&server, from_others));
        assert!(eventually(|| !idle.has_received_nothing()), "{from_first:?}: the idle one stays");
        assert!(first.has_received_nothing(), "{from_first:?}");
        others.push(send(&server, from_others));
        assert!(eventually(|| !first.has_received_nothing()), "{from_first:?}: the oldest stays");
        // The deadline of a request would free the slot in the end, too, but those of the others
        // at almost the same time.
        pause(Duration::from_millis(20));
        assert!(others.iter().all(Client::has_received_nothing), "{from_others:?}");
    }
}
