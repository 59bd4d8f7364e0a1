//! Tests of damaged packed content: a client receives intact bytes or an error, and never another
//! byte.

use chapbook_format::payload::CONTENT_BLOCK;
use chapbook_oracle::{
    long_payload::{long_content as long, long_payload},
    rng::Rng,
};

use super::{
    faults::Faults,
    net::SimulatedNet,
    peer::{Peer, PeerEvent, ReadPattern},
    world::World,
};
use crate::{
    server::{
        shutdown::Stop,
        worker::{Worker, WorkerOptions},
    },
    site::Site,
};

/// The site with a damaged byte in the middle of a block of the long content.
fn damaged(block: usize) -> Site<'static> {
    let mut bytes = long_payload().to_vec();
    let start = memchr::memmem::find(&bytes, &long()[..100]).expect("the payload has the content");
    bytes[start + block * CONTENT_BLOCK + 500] ^= 1;
    Site::of_payload(bytes.leak()).expect("only a content is damaged")
}

/// Plain HTTP, and TLS.
const SETUPS: &[Setup] = &[
    |world| (world, WorkerOptions::plain(50)),
    #[cfg(feature = "tls")]
    super::tls::encrypted,
];

type Setup = fn(World) -> (World, WorkerOptions<'static>);

/// What a client receives, and the warnings of the server.
fn run(
    site: Site<'_>,
    setup: Setup,
    peer: Peer,
    faults: Faults,
    seed: u64,
) -> (Vec<u8>, Vec<String>) {
    let stop = Stop::default();
    let (world, options) = setup(World::new(Rng::new(seed), vec![peer], faults, false, 50));
    let net = SimulatedNet::new(world, stop.clone());
    let world = net.world();
    let mut worker = Worker::new(net, site, &stop, options);
    worker.run().expect("the loop ends without an error");
    drop(worker);
    let mut world = world.borrow_mut();
    world.check_connections_at_the_end();
    let received = world.take_trace().received.swap_remove(0);
    (received, std::mem::take(&mut world.warnings))
}

/// Each response: its status, and its content as far as it was received.
fn responses<'a>(mut received: &'a [u8], methods: &[&str]) -> Vec<(&'a str, &'a [u8])> {
    let mut all = Vec::new();
    for method in methods {
        let Some(end) = memchr::memmem::find(received, b"\r\n\r\n") else { break };
        let (head, rest) = received.split_at(end + 4);
        let head = std::str::from_utf8(head).expect("a head is text");
        let field = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length = field.map_or(0, |it| it.parse().expect("a length is a number"));
        let length = if *method == "HEAD" { 0 } else { length };
        let (content, rest) = rest.split_at(length.min(rest.len()));
        all.push((&head[9..12], content));
        received = rest;
    }
    assert!(received.len() < 1000 || methods.len() > all.len(), "bytes after the last response");
    all
}

fn get(fields: &str) -> String {
    format!("GET /long.mp4 HTTP/1.1\r\nHost: a\r\n{fields}\r\n")
}

fn range(first: usize, last: usize) -> String {
    get(&format!("Range: bytes={first}-{last}\r\n"))
}

/// A client that sends all requests at once.
fn client(requests: &[String], read_pattern: ReadPattern) -> Peer {
    let events = [(0, PeerEvent::Connect), (0, PeerEvent::Send(requests.concat().into()))];
    let mut peer = Peer::new(events.into(), read_pattern);
    if read_pattern != ReadPattern::AtOnce {
        peer.in_flight_max = 50_000;
    }
    peer
}

/// A damaged block, the requests of a client, and for each response its status and the start and
/// the end of the part of the long content that is received; `None` for any other content.
type Row = (usize, Vec<String>, ReadPattern, Vec<(&'static str, Option<(usize, usize)>)>);

fn rows() -> Vec<Row> {
    const B: usize = CONTENT_BLOCK;
    let at_once = ReadPattern::AtOnce;
    let head = || "HEAD /long.mp4 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned();
    let page = || "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned();
    let body = || get("Content-Length: 3\r\n") + "abc";
    let length = long().len();
    vec![
        (0, vec![get("")], at_once, vec![("500", None)]),
        (1, vec![get("")], at_once, vec![("200", Some((0, B)))]),
        (4, vec![get("")], at_once, vec![("200", Some((0, 4 * B)))]),
        (4, vec![get(""), page()], at_once, vec![("200", Some((0, 4 * B)))]),
        (3, vec![get("Connection: close\r\n")], at_once, vec![("200", Some((0, 3 * B)))]),
        (3, vec![body()], at_once, vec![("200", Some((0, 3 * B)))]),
        (0, vec![body(), page()], at_once, vec![("500", None), ("200", None)]),
        (0, vec![head(), page()], at_once, vec![("500", None), ("200", None)]),
        (1, vec![head(), page()], at_once, vec![("200", None), ("200", None)]),
        (2, vec![range(2 * B, 2 * B)], at_once, vec![("500", None)]),
        (2, vec![range(2 * B - 9, 2 * B)], at_once, vec![("500", None)]),
        (2, vec![range(B + 7, 4 * B)], at_once, vec![("206", Some((B + 7, 2 * B)))]),
        (2, vec![range(3 * B, length)], at_once, vec![("206", Some((3 * B, length)))]),
        (
            2,
            vec![page(), range(0, B), range(2 * B, 3 * B), get(""), page()],
            at_once,
            vec![
                ("200", None),
                ("206", Some((0, B + 1))),
                ("500", None),
                ("200", Some((0, 2 * B))),
            ],
        ),
        (0, vec![get("")], ReadPattern::Slowly(40_000), vec![("500", None)]),
        (3, vec![get("")], ReadPattern::Slowly(40_000), vec![("200", Some((0, 3 * B)))]),
        (3, vec![get("")], ReadPattern::Slowly(5_000), vec![("200", Some((0, 3 * B)))]),
    ]
}

fn methods(requests: &[String]) -> Vec<&str> {
    requests.iter().filter_map(|it| it.split(' ').next()).collect()
}

#[test]
fn damage_is_a_500_before_the_head_and_the_end_of_the_connection_after_it() {
    let rows = || rows().into_iter().enumerate();
    for (setup, (number, row)) in SETUPS.iter().flat_map(|it| rows().map(move |row| (it, row))) {
        let (block, requests, read_pattern, expected) = row;
        let peer = client(&requests, read_pattern);
        let (received, warnings) = run(damaged(block), *setup, peer, Faults::NONE, 1);
        let responses = responses(&received, &methods(&requests));
        let statuses: Vec<&str> = responses.iter().map(|it| it.0).collect();
        let expected_statuses: Vec<&str> = expected.iter().map(|it| it.0).collect();
        assert_eq!(statuses, expected_statuses, "row {number}");
        let mut has_damage = false;
        for ((_, content), (status, part)) in responses.iter().zip(&expected) {
            let is_expected = part.is_none_or(|(start, end)| *content == &long()[start..end]);
            assert!(is_expected, "row {number}: {} bytes", content.len());
            has_damage |= *status == "500" || part.is_some_and(|it| it.1 == block * CONTENT_BLOCK);
        }
        let warning =
            "cannot serve `long.mp4` (identity): it is damaged; copy the packed site again";
        assert_eq!(warnings, vec![warning; usize::from(has_damage)], "row {number}");
    }
}

#[test]
fn with_random_faults_no_damaged_byte_is_sent() {
    for (number, (block, requests, read_pattern, _)) in rows().into_iter().enumerate() {
        for (seed, setup) in (0..8).zip(SETUPS.iter().cycle()) {
            let faults = Faults::random(&mut Rng::new(seed));
            let peer = client(&requests, read_pattern);
            let (received, _) = run(damaged(block), *setup, peer, faults, seed);
            for (status, content) in responses(&received, &methods(&requests)) {
                let is_sentence = status == "500" || content.len() < 1000;
                // Random bytes occur at one position only.
                let is_intact = || memchr::memmem::find(long(), content).is_some();
                assert!(is_sentence || is_intact(), "row {number}, seed {seed}: {status}");
            }
        }
    }
}
