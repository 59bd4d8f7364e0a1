//! The event loop with clients that speak TLS: random faults, handshakes that are cut, and bytes
//! that are not TLS.

use std::{
    io::{Read as _, Write as _},
    sync::{Arc, OnceLock},
};

use chapbook_oracle::rng::Rng;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

use super::{
    Failure, Faults, Peer, World,
    faults::Call,
    peer::{Encryption, PeerEvent, ReadPattern},
    run_named, run_seeds, run_with, seeded,
};
use crate::{limits::LINGER_MS_MAX, server::worker::WorkerOptions, tls::TlsConfig};

/// The certificate of the server and its key.
fn certificate() -> &'static (CertificateDer<'static>, Vec<u8>) {
    static CERTIFICATE: OnceLock<(CertificateDer<'static>, Vec<u8>)> = OnceLock::new();
    CERTIFICATE.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed(["a".to_owned()]).expect("the name is valid");
        (made.cert.der().clone(), made.signing_key.serialize_der())
    })
}

fn options(connections_max: usize) -> WorkerOptions<'static> {
    let (certificate, key) = certificate();
    let (chain, key) = (vec![certificate.clone()], PrivateKeyDer::Pkcs8(key.clone().into()));
    let certified = CertifiedKey::from_der(chain, key, &ring::default_provider());
    let tls = TlsConfig::new(certified.expect("the key fits")).expect("the key fits");
    WorkerOptions { tls: Some(tls), ..WorkerOptions::plain(connections_max) }
}

/// The input that a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClientInput {
    Open,
    /// It ends once the handshake is complete.
    Ending,
    Ended,
}

/// A client with TLS.
#[derive(Debug)]
struct TlsClient {
    connection: ClientConnection,
    input: ClientInput,
    /// Whether only the session ends, and not the input of the socket.
    keeps_socket: bool,
    has_close_notify: bool,
}

impl TlsClient {
    fn new(version: &'static SupportedProtocolVersion) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(certificate().0.clone()).expect("the certificate is valid");
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_protocol_versions(&[version]).expect("ring has the version");
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let name = ServerName::try_from("a").expect("it is a name");
        let mut connection =
            ClientConnection::new(Arc::new(config), name).expect("the settings are valid");
        connection.set_buffer_limit(None);
        Self { connection, input: ClientInput::Open, keeps_socket: false, has_close_notify: false }
    }
}

impl Encryption for TlsClient {
    fn encrypt(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.connection.writer().write_all(bytes).expect("there is no limit"),
            None => self.input = ClientInput::Ending,
        }
    }

    fn decrypt(&mut self, mut bytes: &[u8], received: &mut Vec<u8>) {
        while !bytes.is_empty() {
            self.connection.read_tls(&mut bytes).expect("plaintext is read at once");
            let state = self.connection.process_new_packets().expect("the server speaks TLS");
            // It ends without `close_notify` where a fault cuts it.
            let _ = self.connection.reader().read_to_end(received);
            self.has_close_notify = state.peer_has_closed();
            if self.has_close_notify {
                assert!(bytes.is_empty(), "bytes after close_notify");
                return;
            }
        }
    }

    fn take_output(&mut self) -> (Vec<u8>, bool) {
        if self.input == ClientInput::Ending && !self.connection.is_handshaking() {
            self.connection.send_close_notify();
            self.input = ClientInput::Ended;
        }
        let mut bytes = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut bytes).expect("a `Vec` takes it");
        }
        (bytes, self.input == ClientInput::Ended && !self.keeps_socket)
    }

    fn has_close_notify(&self) -> Option<bool> {
        (!self.connection.is_handshaking()).then_some(self.has_close_notify)
    }
}

fn client() -> Box<dyn Encryption> {
    Box::new(TlsClient::new(&TLS13))
}

/// Gives the server and the clients of a world TLS, and some of them the older version.
pub(super) fn encrypted(mut world: World) -> (World, WorkerOptions<'static>) {
    for peer in &mut world.peers {
        let version = if world.rng.below(2) == 0 { &TLS12 } else { &TLS13 };
        peer.encryption = Some(Box::new(TlsClient::new(version)));
    }
    world.encryption = Some(client);
    let options = options(world.connections_max);
    (world, options)
}

#[test]
fn with_tls_and_random_faults_every_response_is_right_and_every_connection_ends() {
    run_seeds(300, |seed| {
        let (world, options) = encrypted(seeded(seed).0);
        run_with(world, options)
    });
}

#[test]
fn with_tls_and_one_fault_at_any_call_every_connection_ends() {
    for failure in Failure::ALL {
        for call in 0..40 {
            run_named(&format!("{failure:?} at call {call}"), || {
                let mut rng = Rng::new(7);
                let peers = (0..4).map(|_| Peer::random(&mut rng)).collect();
                let world = World::new(rng, peers, Faults::at_call(call, failure), false, 50);
                let (world, options) = encrypted(world);
                run_with(world, options)
            });
        }
    }
}

#[test]
fn a_session_that_ends_with_a_request_ends_the_connection_at_once() {
    let rows = [
        (&TLS12, ""),
        (&TLS13, ""),
        (&TLS12, "Connection: close\r\n"),
        (&TLS13, "Connection: close\r\n"),
    ];
    for (version, field) in rows {
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{field}\r\n").into_bytes();
        let events = [(0, PeerEvent::Connect), (0, PeerEvent::Send(request))];
        let events = events.into_iter().chain([(0, PeerEvent::End)]).collect();
        let mut peer = Peer::new(events, ReadPattern::AtOnce);
        // It waits for the response, and for the end of the connection.
        let client = TlsClient { keeps_socket: true, ..TlsClient::new(version) };
        peer.encryption = Some(Box::new(client));
        let mut world = World::new(Rng::new(1), vec![peer], Faults::NONE, false, 50);
        world.encryption = Some(self::client);
        let trace = run_with(world, options(50));
        assert!(trace.received[0].starts_with(b"HTTP/1.1 200 "), "{version:?} {field}");
        // It does not linger either.
        let closed_ms = trace.time_of(Call::Close, 0);
        let is_soon = closed_ms.is_some_and(|it| it < LINGER_MS_MAX);
        assert!(is_soon, "{version:?} {field}: {closed_ms:?}");
    }
}

#[test]
fn the_last_response_arrives_although_the_client_sends_more() {
    let request = b"GET /style.css HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    for more in [1, 10_000, 17_000, 40_000] {
        let bytes = [&request[..], &vec![b'x'; more]].concat();
        let events = [(0, PeerEvent::Connect), (0, PeerEvent::Send(bytes)), (5, PeerEvent::End)];
        let peer = Peer::new(events.into(), ReadPattern::AtOnce);
        let world = World::new(Rng::new(1), vec![peer], Faults::NONE, false, 50);
        let (world, options) = encrypted(world);
        // That it is complete is checked with each run.
        let trace = run_with(world, options);
        assert!(trace.received[0].starts_with(b"HTTP/1.1 200 "), "{more} more bytes");
    }
}

/// What a client sends first.
fn client_hello() -> Vec<u8> {
    client().take_output().0
}

/// A client that sends raw bytes. It may receive parts of a handshake and alerts, but nothing of
/// HTTP.
#[derive(Debug)]
struct RawClient {
    has_ended: bool,
}

impl Encryption for RawClient {
    fn encrypt(&mut self, bytes: Option<&[u8]>) {
        self.has_ended |= bytes.is_none();
    }

    fn decrypt(&mut self, bytes: &[u8], _: &mut Vec<u8>) {
        assert!(memchr::memmem::find(bytes, b"HTTP").is_none(), "{}", bytes.escape_ascii());
    }

    fn take_output(&mut self) -> (Vec<u8>, bool) {
        (Vec::new(), self.has_ended)
    }

    fn has_close_notify(&self) -> Option<bool> {
        None
    }
}

/// Runs a server with a client that sends these bytes, and then resets the connection, ends its
/// input or waits. The server has to end the connection, and to serve the next client.
fn run_raw(bytes: &[u8], end: Option<PeerEvent>) {
    let mut events = vec![(0, PeerEvent::Connect), (0, PeerEvent::SendRaw(bytes.to_vec()))];
    events.extend(end.map(|end| (1, end)));
    let mut peer = Peer::new(events.into(), ReadPattern::AtOnce);
    peer.encryption = Some(Box::new(RawClient { has_ended: false }));
    let mut world = World::new(Rng::new(1), vec![peer], Faults::NONE, false, 50);
    world.encryption = Some(client);
    run_with(world, options(50));
}

/// How a client leaves in the middle of what it sends; `None` if it only falls silent.
const ENDS: [Option<PeerEvent>; 3] = [Some(PeerEvent::End), Some(PeerEvent::Reset), None];

#[test]
fn a_first_message_that_is_cut_anywhere_ends_the_connection() {
    const SHARE: [u8; 4] = [0, 0x1d, 0, 32];
    let hello = client_hello();
    // The key share is for a group that the server does not have, so that it asks for another one.
    let mut hello_for_retry = hello.clone();
    let at = hello.windows(4).position(|it| it == SHARE).expect("it has a share for X25519");
    hello_for_retry[at + 1] = 0x1e;
    for (before, lengths) in [(&[][..], 1..hello.len()), (&hello_for_retry, 0..hello.len())] {
        for length in lengths {
            for end in ENDS {
                run_raw(&[before, &hello[..length]].concat(), end);
            }
        }
    }
}

/// A client whose bytes arrive up to a limit only, and which ends its input there, or never.
#[derive(Debug)]
struct CutClient {
    client: TlsClient,
    left: usize,
    ends: bool,
}

impl Encryption for CutClient {
    fn encrypt(&mut self, bytes: Option<&[u8]>) {
        self.client.encrypt(bytes);
    }

    fn decrypt(&mut self, bytes: &[u8], received: &mut Vec<u8>) {
        self.client.decrypt(bytes, received);
    }

    fn take_output(&mut self) -> (Vec<u8>, bool) {
        let (mut bytes, _) = self.client.take_output();
        bytes.truncate(self.left);
        self.left -= bytes.len();
        (bytes, self.ends && self.left == 0)
    }

    fn has_close_notify(&self) -> Option<bool> {
        self.client.has_close_notify()
    }
}

/// Runs a server with a client that sends a request, of whose bytes this many arrive. Returns what
/// the client has received.
fn run_cut(
    version: &'static SupportedProtocolVersion,
    length: usize,
    end: Option<&PeerEvent>,
) -> Vec<u8> {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_vec();
    let mut events = vec![(0, PeerEvent::Connect), (0, PeerEvent::Send(request))];
    let is_reset = end == Some(&PeerEvent::Reset);
    events.extend(is_reset.then_some((1, PeerEvent::Reset)));
    let mut peer = Peer::new(events.into(), ReadPattern::AtOnce);
    let ends = end == Some(&PeerEvent::End);
    let client = CutClient { client: TlsClient::new(version), left: length, ends };
    peer.encryption = Some(Box::new(client));
    peer.is_disturbed = true;
    let mut world = World::new(Rng::new(1), vec![peer], Faults::NONE, false, 50);
    world.encryption = Some(self::client);
    run_with(world, options(50)).received.swap_remove(0)
}

#[test]
fn a_handshake_that_is_cut_anywhere_after_its_first_message_ends_the_connection() {
    for version in [&TLS12, &TLS13] {
        let first = TlsClient::new(version).take_output().0.len();
        let is_served = |length: usize, end| !run_cut(version, length, end).is_empty();
        // The end of the request, of which each cut handshake is a part.
        let lengths = first + 100..first + 500;
        let length = lengths.into_iter().find(|length| is_served(*length, None));
        let length = length.expect("the client is served when all has arrived");
        for length in first..length {
            for end in &ENDS {
                assert!(!is_served(length, end.as_ref()), "{length} bytes, {end:?}");
            }
        }
    }
}

#[test]
fn a_handshake_with_a_flipped_byte_ends_the_connection() {
    let hello = client_hello();
    // The first byte tells TLS from HTTP, and a length that is longer makes the server wait.
    for at in 1..hello.len() {
        let mut flipped = hello.clone();
        flipped[at] ^= 0xff;
        run_raw(&flipped, Some(PeerEvent::End));
    }
}
