//! Many clients at a time: slow ones beside a normal one, and more than there are places.

use std::{
    collections::VecDeque,
    sync::mpsc::{self, Receiver, TryRecvError},
    thread,
    time::{Duration, Instant},
};

use crate::harness::{Client, Member, Server, alone, connections, eventually, pass, serve_noise};

const LENGTH: usize = 2_000_000;

/// Lets each send a head that never ends, a byte at a time, until nobody holds the other end of the
/// channel any more, and gives how many bytes each sent.
fn drip(crowd: &mut [Member], is_over: &Receiver<()>) -> usize {
    let mut head = "GET / HTTP/1.1\r\nHost: a\r\nX: ".bytes().chain(std::iter::repeat(b'x'));
    let mut rounds = 0;
    loop {
        let byte = head.next().expect("it never ends");
        for (number, member) in crowd.iter_mut().enumerate() {
            member.send([byte]);
            if number % 100 == 0 {
                pass(Duration::from_millis(10));
            }
        }
        rounds += 1;
        if is_over.try_recv() == Err(TryRecvError::Disconnected) {
            return rounds;
        }
    }
}

/// The time that 99 of 100 requests stay below, over a second and 500 requests at least. Every
/// tenth comes over a connection of its own.
fn percentile_99(server: &Server) -> Duration {
    let mut regular = server.connect();
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 500 || start.elapsed() < Duration::from_secs(1) {
        let asked = Instant::now();
        let answer =
            if times.len() % 10 == 0 { server.connect().get("/") } else { regular.get("/") };
        times.push(asked.elapsed());
        assert_eq!(answer.status, 200);
    }
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

#[test]
fn two_thousand_who_drip_and_two_thousand_who_read_nothing_do_not_slow_the_others_down() {
    let _alone = alone();
    let each = connections(4_000) / 2;
    let server = serve_noise(LENGTH, &["--workers", "2"]);
    let address = server.address();
    let crowd = || (0..each).map(|_| Member::connect(address)).collect::<Vec<_>>();
    let (mut deaf, mut dripping) = (crowd(), crowd());
    for member in &mut deaf {
        member.send("GET /noise.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let (times, rounds) = thread::scope(|scope| {
        let (until, is_over) = mpsc::channel();
        let crowd = &mut dripping;
        let dripping = scope.spawn(move || drip(crowd, &is_over));
        let mut times = Vec::new();
        // What else the machine does can only make it slower, so that the best of a few counts.
        while times.len() < 5 && times.iter().all(|it| *it >= Duration::from_millis(20)) {
            times.push(percentile_99(&server));
        }
        drop(until);
        (times, dripping.join().expect("it drips until the end"))
    });
    println!("{each} drip {rounds} bytes each, {each} read nothing: {times:?}");
    assert!(rounds > 1, "nobody dripped");
    assert!(times.iter().any(|it| *it < Duration::from_millis(20)), "{times:?}");
    // Those who read nothing are still being answered.
    let mut piece = vec![0; 64 * 1024];
    for member in deaf.iter_mut().take(5) {
        let is_whole = eventually(|| {
            while member.take(&mut piece) > 0 {}
            member.has_ended || member.received > LENGTH
        });
        assert!(is_whole && !member.has_ended, "{} bytes", member.received);
    }
}

#[test]
fn where_places_are_short_the_one_idle_longest_goes_and_who_has_not_asked_yet_stays() {
    let _alone = alone();
    let server = Server::start_with(&["--workers", "1", "--max-connections", "50"]);
    let come = || {
        let mut client = server.connect();
        assert_eq!(client.get("/book").status, 200);
        // So that each has been idle for another number of milliseconds.
        pass(Duration::from_millis(2));
        client
    };
    let is_there = Client::has_heard_nothing;
    let mut visitor = say(&server, EMPTY_LINE);
    let mut regulars: VecDeque<Client> = (0..49).map(|_| come()).collect();
    assert!(regulars.iter().all(is_there), "there is a place for each");
    for newcomer in 0..150 {
        regulars.push_back(come());
        let oldest = regulars.pop_front().expect("there are 50");
        assert!(!is_there(&oldest), "newcomer {newcomer} came for another one");
        assert!(is_there(&regulars[0]), "newcomer {newcomer} came for more than one");
    }
    assert!(regulars.iter().all(is_there));
    assert_eq!(visitor.get("/book").status, 200);
}

/// Of somebody who has not asked for anything: it is nothing (RFC 9112 section 2.2), but the system
/// may hold a client back that says nothing at all.
const EMPTY_LINE: &str = "\r\n";

fn say(server: &Server, words: &str) -> Client {
    let mut client = server.connect();
    client.send(words);
    client
}

#[test]
fn where_nobody_is_idle_the_one_that_keeps_a_request_back_longest_goes() {
    let _alone = alone();
    let (head, content) =
        ("GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nshort");
    let rows = [(EMPTY_LINE, head), (head, EMPTY_LINE), (head, content), (content, head)];
    for (says_first, say_then) in rows {
        // Faster than the deadline of a head, which would make the same place in the end.
        let begin = Instant::now();
        let server = Server::start_with(&["--workers", "1", "--max-connections", "50"]);
        let first = say(&server, says_first);
        pass(Duration::from_millis(5));
        let mut others: Vec<_> = (0..48).map(|_| say(&server, say_then)).collect();
        let mut idle = server.connect();
        assert_eq!(idle.get("/book").status, 200, "{says_first:?}");
        others.push(say(&server, say_then));
        assert!(eventually(|| !idle.has_heard_nothing()), "{says_first:?}: who is idle goes first");
        assert!(first.has_heard_nothing(), "{says_first:?}");
        others.push(say(&server, say_then));
        assert!(eventually(|| !first.has_heard_nothing()), "{says_first:?}: the oldest is next");
        assert!(others.iter().all(Client::has_heard_nothing), "{say_then:?}");
        assert!(begin.elapsed() < Duration::from_secs(9), "{say_then:?}");
    }
}

#[test]
fn who_finds_everybody_answered_gets_the_place_of_the_first_that_is_not() {
    let _alone = alone();
    let server = serve_noise(LENGTH, &["--workers", "1", "--max-connections", "20"]);
    let mut deaf: Vec<_> = (0..20).map(|_| Member::connect(server.address())).collect();
    for member in &mut deaf {
        member.send("GET /noise.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let mut newcomer = say(&server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    pass(Duration::from_millis(100));
    assert!(newcomer.has_heard_nothing(), "there is no place");
    let mut piece = vec![0; 64 * 1024];
    let one = &mut deaf[7];
    assert!(eventually(|| {
        while one.take(&mut piece) > 0 {}
        one.received > LENGTH
    }));
    let begin = Instant::now();
    assert_eq!(newcomer.receive().status, 200);
    // Faster than the deadline between requests in a crowd, which would make a place, too.
    assert!(begin.elapsed() < Duration::from_millis(1_500), "{:?}", begin.elapsed());
}
