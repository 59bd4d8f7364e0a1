//! The end of a server: what is finished, what is refused, and how it ends.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::harness::{
    Member, Server, alone, connections, eventually, noise, parse_all, pass, serve_noise,
};

const LENGTH: usize = 300_000;

/// Clients of whom each has the beginning of a large answer, and its first bytes for one of them.
fn downloads(server: &Server, count: usize) -> (Vec<Member>, Vec<u8>) {
    let mut crowd: Vec<_> = (0..count).map(|_| Member::connect(server.address())).collect();
    for member in &mut crowd {
        member.send("GET /noise.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let mut first = vec![0; 1024];
    for member in crowd.iter_mut().rev() {
        assert!(eventually(|| member.take(&mut first) > 0), "an answer begins");
    }
    first.truncate(crowd[0].received);
    (crowd, first)
}

/// Asks for the end, and waits until it has begun.
fn ask_to_stop(server: &Server) {
    server.signal("TERM");
    let address = server.address();
    assert!(eventually(|| TcpStream::connect(address).is_err()), "newcomers are refused");
}

#[test]
fn a_thousand_downloads_are_finished_when_a_stop_comes_and_newcomers_are_refused() {
    let _alone = alone();
    let count = connections(1_000);
    let server = serve_noise(LENGTH, &["--workers", "2"]);
    let (mut crowd, mut whole) = downloads(&server, count);
    let start = Instant::now();
    ask_to_stop(&server);
    let mut piece = vec![0; 16 * 1024];
    assert!(crowd.iter().all(|it| it.received < LENGTH / 2), "all are under way");
    while crowd.iter().any(|it| !it.has_ended) {
        for (number, member) in crowd.iter_mut().enumerate().filter(|(_, it)| !it.has_ended) {
            let count = member.take(&mut piece);
            if number == 0 {
                whole.extend_from_slice(&piece[..count]);
            }
        }
        pass(Duration::from_millis(5));
    }
    let took = start.elapsed();
    let answers = parse_all(&whole, &[]).expect("the answer is whole");
    assert_eq!((answers.len(), answers[0].status), (1, 200));
    assert!(answers[0].content == noise(LENGTH), "it is another content");
    let cut = crowd.iter().filter(|it| it.received != whole.len()).count();
    assert_eq!(cut, 0, "of {count} answers are not whole");
    assert_eq!(server.wait().code(), Some(0));
    println!("{count} downloads were finished {took:?} after the stop");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn what_was_asked_behind_an_answer_under_way_does_not_destroy_it() {
    let server = serve_noise(LENGTH, &["--workers", "1"]);
    let (mut crowd, mut whole) = downloads(&server, 1);
    let [member] = &mut crowd[..] else { panic!("there is one") };
    member.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ask_to_stop(&server);
    whole.extend(member.take_rest());
    let answers = parse_all(&whole, &[]).expect("both answers are whole");
    assert!(answers[0].content == noise(LENGTH), "it is another content");
    assert_eq!((answers.len(), answers[1].field("connection")), (2, Some("close")));
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once_with_code_1() {
    let server = serve_noise(LENGTH, &["--workers", "1"]);
    let (crowd, _) = downloads(&server, 1);
    let start = Instant::now();
    ask_to_stop(&server);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(1));
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert!(!crowd[0].has_ended);
}
