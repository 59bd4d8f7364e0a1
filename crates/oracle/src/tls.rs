//! Any bytes to a session of TLS, and the messages of a client with edits: nothing panics, the
//! output is bounded, and what is decrypted is what the client has sent.

use std::{
    io::Write,
    sync::{Arc, OnceLock},
};

use chapbook::tls::{Session, TlsConfig};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

use crate::rng::Rng;

/// The output of a handshake with the longest names.
const HANDSHAKE_OUTPUT_MAX: usize = 4 * 1024;
/// The flights of a client: the first one, the end of the handshake, two requests and
/// `close_notify`.
const FLIGHTS: usize = 5;
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// The first message of a client with TLS 1.3, in hexadecimal.
const HELLO_13: &str = "\
    16030100e9010000e50303453bcaca8a1da13922785fa0665dab04313094f5d357fd2d4200703a12cd3497206297\
    ef7d8439a38f792bf4192ed9fdfc4f24ff750263d6ee6256f4d97816f69d0012130213011303c02cc02bcca9c030\
    c02fcca80100008a002b0003020304003300260024001d00205c5f3878fbe4950488ba30100dfa62935a356a2859\
    702267595591712101076000170000000000060004000001610010000e000c02683208687474702f312e31002d00\
    020101000b00020100000a00080006001d00170018000500050100000000000d0014001205030403080708060805\
    0804060105010401";

/// The same with TLS 1.2.
const HELLO_12: &str = "\
    160301009f0100009b0303898eb4775ecba6694b37dcb68461fd6338120be1b26194cdf5bc9ef8ec7d2734000014\
    130213011303c02cc02bcca9c030c02fcca800ff0100005e00230000000b00020100002b0003020303000a000800\
    06001d00170018000500050100000000000000060004000001610010000e000c02683208687474702f312e310017\
    0000000d00140012050304030807080608050804060105010401";

/// Pieces of records.
pub(crate) const PIECES: &[&[u8]] = &[
    b"\0",
    b"\0\0",
    b"\xFF\xFF",
    b"\x16\x03\x01",
    b"\x16\x03\x03\0\x04",
    b"\x16\x03\x03\x40\x01",
    b"\x17\x03\x03\0\x13",
    CHANGE_CIPHER_SPEC,
    CLOSE_NOTIFY,
    b"\x15\x03\x03\0\x02\x02\x28",
    b"\x18\x03\x03\0\x03\x01\x40\0",
];
const CHANGE_CIPHER_SPEC: &[u8] = b"\x14\x03\x03\0\x01\x01";
/// An alert that is not encrypted.
const CLOSE_NOTIFY: &[u8] = b"\x15\x03\x03\0\x02\x01\0";

/// Inputs for [`run`].
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let hellos = [HELLO_13, HELLO_12].map(|hex| [&[0, 1][..], &bytes_of(hex)].concat());
    let unedited = [[1, 0], [2, 0], [1, 40], [2, 40]].map(Vec::from);
    // An edit of each kind in each flight.
    let edits = (0..FLIGHTS * EDIT_KINDS).map(|number| {
        let [version, number] = [1 + number % 2, number].map(|it| u8::try_from(it).unwrap_or(0));
        vec![version, 3, number % 5, number.wrapping_mul(37), number / 5, number]
    });
    hellos.into_iter().chain(unedited).chain(edits).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).filter_map(|pair| str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// The settings of a server, and those of clients with TLS 1.3 and 1.2.
pub fn configs() -> &'static (TlsConfig, [Arc<ClientConfig>; 2]) {
    static CONFIGS: OnceLock<(TlsConfig, [Arc<ClientConfig>; 2])> = OnceLock::new();
    CONFIGS.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed(["a".to_owned()]).expect("a valid name");
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let clients = [&TLS13, &TLS12].map(|version| client_config(&certificate, version));
        let certified = CertifiedKey::from_der(vec![certificate], key, &ring::default_provider());
        (TlsConfig::new(certified.expect("the key fits")).expect("the key fits"), clients)
    })
}

fn client_config(
    certificate: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("the certificate is valid");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(&[version]).expect("ring has the version");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Gives a session arbitrary bytes, or those of a client with edits, as the first byte says. The
/// second one determines the pieces in which they arrive.
pub fn run(data: &[u8]) {
    let [mode, pieces, rest @ ..] = data else { return };
    let mut server = Server::new(u64::from(*pieces));
    match mode % 3 {
        0 => {
            server.receive(rest);
            // It takes a handshake to encrypt something.
            assert!(server.plaintext.is_empty(), "{}", server.plaintext.escape_ascii());
        }
        version => run_edited(&mut server, usize::from(version) - 1, rest),
    }
    server.finish();
}

/// Lets a client complete a handshake and send requests, with edits of four bytes each.
fn run_edited(server: &mut Server, version: usize, edits: &[u8]) {
    let config = Arc::clone(&configs().1[version]);
    let name = ServerName::try_from("a").expect("it is a name");
    let mut client = ClientConnection::new(config, name).expect("the settings are valid");
    let mut sent = Vec::new();
    for flight in 0..FLIGHTS {
        match flight {
            // After an alert it sends nothing.
            2 | 3 if !client.is_handshaking() && client.writer().write_all(REQUEST).is_ok() => {
                sent.extend_from_slice(REQUEST);
            }
            4 => client.send_close_notify(),
            _ => {}
        }
        let mut records = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut records).expect("a `Vec` accepts everything");
        }
        for edit in edits.as_chunks::<4>().0.iter().filter(|it| usize::from(it[0]) == flight) {
            apply(*edit, &mut records);
        }
        let output = server.receive(&records);
        let mut output = &output[..];
        // After `close_notify`, the client reads nothing: an error would be a second end, which an
        // assertion of rustls forbids.
        while flight + 1 < FLIGHTS
            && !output.is_empty()
            && client.read_tls(&mut output).is_ok()
            && client.process_new_packets().is_ok()
        {}
        assert!(sent.starts_with(&server.plaintext), "{}", server.plaintext.escape_ascii());
    }
    if edits.len() < 4 {
        assert_eq!(server.plaintext, sent, "without an edit, everything arrives");
        assert!(sent.len() == 2 * REQUEST.len() && server.session.has_input_ended());
    }
}

const EDIT_KINDS: usize = 6;

/// Edits what a client sends.
fn apply([_, position, kind, value]: [u8; 4], records: &mut Vec<u8>) {
    let at = usize::from(position) * records.len() / 256;
    let end = (at + usize::from(value)).min(records.len());
    match usize::from(kind) % EDIT_KINDS {
        0 => {
            if let Some(byte) = records.get_mut(at) {
                *byte ^= value;
            }
        }
        1 => drop(records.drain(at..end)),
        2 => records.truncate(at),
        3 => {
            let copy = records[at..].to_vec();
            records.extend(copy);
        }
        4 => {
            let piece = PIECES[usize::from(value) % PIECES.len()];
            records.splice(at..at, piece.iter().copied());
        }
        _ => {
            let all = records.clone();
            records.extend(all);
        }
    }
}

/// The side of the server: a session and what it has decrypted.
struct Server {
    session: Session,
    rng: Rng,
    plaintext: Vec<u8>,
    received: usize,
    sent: usize,
}

impl Server {
    fn new(seed: u64) -> Self {
        let session = Session::new(&configs().0).expect("the settings are valid");
        Self { session, rng: Rng::new(seed), plaintext: Vec::new(), received: 0, sent: 0 }
    }

    /// Receives records in pieces, and returns the output.
    fn receive(&mut self, mut records: &[u8]) -> Vec<u8> {
        let mut output = Vec::new();
        let piece_max = [1, 16, 300, usize::MAX][self.rng.below(4)].min(records.len().max(1));
        while !records.is_empty() {
            let (piece, rest) =
                records.split_at((1 + self.rng.below(piece_max)).min(records.len()));
            records = rest;
            self.receive_piece(piece, &mut output);
        }
        output
    }

    fn receive_piece(&mut self, piece: &[u8], output: &mut Vec<u8>) {
        let Self { session, plaintext, .. } = self;
        let (was_over, before) =
            (session.is_closed() || session.has_input_ended(), plaintext.len());
        let outcome = session.decrypt(piece, plaintext);
        assert_eq!(outcome.is_err(), session.is_closed() && !was_over, "an error ends the session");
        assert!(!was_over || plaintext.len() == before, "input after the end is decrypted");
        let is_first = self.sent == 0;
        let start = output.len();
        session.take_output(output);
        assert!(!was_over || output.len() == start, "output after the end");
        // Nothing but TLS is sent.
        let is_record = matches!(output[start..], [] | [20..=23, 3, ..]);
        assert!(!is_first || is_record, "{}", output[start..].escape_ascii());
        self.received += piece.len();
        self.sent += output.len() - start;
        let sent_max = HANDSHAKE_OUTPUT_MAX + 2 * self.received;
        assert!(self.sent <= sent_max, "{} bytes for {}", self.sent, self.received);
        assert!(plaintext.len() <= self.received);
    }

    /// Sends a response and ends the session.
    fn finish(mut self) {
        let (mut response, mut end) = (Vec::new(), Vec::new());
        let can_send = !self.session.is_closed() && !self.session.is_handshaking();
        self.session.encrypt(b"HTTP/1.1 200 OK\r\n", b"\r\n");
        self.session.take_output(&mut response);
        assert_eq!(can_send, !response.is_empty(), "it is sent if there is a session");
        let was_closed = self.session.is_closed();
        self.session.close();
        self.session.take_output(&mut end);
        assert!(was_closed == end.is_empty() && self.session.is_closed());
        let length = end.len();
        self.session.encrypt(b"more", b"");
        self.session.close();
        self.session.take_output(&mut end);
        assert_eq!(end.len(), length, "output after the end");
    }
}
