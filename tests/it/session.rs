//! Sessions of TLS without sockets: what their handshakes cost, and the memory that they keep.

use std::{io::Write, sync::Arc};

use chapbook::{
    limits::{HANDSHAKE_BYTES_MAX, READ_MAX, TLS_BYTES_PER_CONNECTION_MAX},
    tls::Session,
};
use chapbook_oracle::tls::configs;
use rustls::{ClientConnection, pki_types::ServerName};

fn server() -> Session {
    Session::new(&configs().0).expect("the settings are valid")
}

/// A client with TLS 1.3 or 1.2, by its index in [`configs`].
fn client(version: usize) -> ClientConnection {
    let name = ServerName::try_from("a").expect("it is a name");
    let client = ClientConnection::new(Arc::clone(&configs().1[version]), name);
    let mut client = client.expect("the settings are valid");
    client.set_buffer_limit(None);
    client
}

fn take_output(client: &mut ClientConnection) -> Vec<u8> {
    let mut records = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut records).expect("a `Vec` takes it");
    }
    records
}

fn hello() -> Vec<u8> {
    take_output(&mut client(0))
}

/// The message of a client whose only key share is for another group, X448.
fn hello_with_other_share() -> Vec<u8> {
    const SHARE: [u8; 4] = [0, 0x1d, 0, 32];
    let mut hello = hello();
    let at = hello.windows(4).position(|it| it == SHARE).expect("it has a share for X25519");
    hello[at + 1] = 0x1e;
    hello
}

#[test]
fn each_answered_message_of_a_handshake_counts() {
    let rows = [
        ("at once", vec![(hello(), true)]),
        ("in pieces", vec![(hello()[..9].to_vec(), false), (hello()[9..].to_vec(), true)]),
        ("with a retry", vec![(hello_with_other_share(), true), (hello(), true)]),
    ];
    for (name, messages) in rows {
        let mut server = server();
        for (records, is_answered) in messages {
            server.decrypt(&records, &mut Vec::new()).expect("the client speaks TLS");
            assert_eq!(server.has_answered(), is_answered, "{name}");
            assert!(server.is_handshaking(), "{name}");
            server.take_output(&mut Vec::new());
        }
    }
}

#[test]
fn a_handshake_has_a_maximum_length() {
    // A first message of 60 KiB, in records of 16 KiB.
    let mut records = vec![22, 3, 1, 0x40, 0, 1, 0, 0xf0, 0];
    records.resize(5 + 0x4000, 0);
    let mut server = server();
    assert!(server.decrypt(&records[..HANDSHAKE_BYTES_MAX], &mut Vec::new()).is_ok());
    assert!(server.decrypt(&records[HANDSHAKE_BYTES_MAX..], &mut Vec::new()).is_err());
}

/// The heap of a session, in bytes, after the handshake, a request and its response.
fn session_bytes(version: usize, request: &[u8]) -> i64 {
    let mut client = client(version);
    // What all connections of a worker share is not counted.
    let (mut plaintext, mut output) = (Vec::with_capacity(1 << 17), Vec::with_capacity(1 << 17));
    let mut made = None;
    let mut bytes = allocation_counter::measure(|| made = Some(server())).bytes_current;
    let mut session = made.expect("it was made");
    for step in 0..4 {
        if step == 3 {
            assert!(!client.is_handshaking());
            client.writer().write_all(request).expect("there is no limit");
        }
        for piece in take_output(&mut client).chunks(READ_MAX) {
            let exchange = || {
                session.decrypt(piece, &mut plaintext).expect("the client speaks TLS");
                session.take_output(&mut output);
            };
            bytes += allocation_counter::measure(exchange).bytes_current;
        }
        let mut sent = &output[..];
        while !sent.is_empty() {
            client.read_tls(&mut sent).expect("plaintext is read at once");
            client.process_new_packets().expect("the server speaks TLS");
        }
        output.clear();
    }
    assert_eq!(plaintext, request);
    let response = || {
        session.encrypt(&[0; 300], &[0; 5000]);
        session.take_output(&mut output);
    };
    bytes + allocation_counter::measure(response).bytes_current
}

#[test]
fn an_idle_session_has_given_the_memory_of_a_long_request_back() {
    let max = i64::try_from(TLS_BYTES_PER_CONNECTION_MAX).expect("it is small");
    // Made before anything is counted.
    let _ = configs();
    for version in [0, 1] {
        for length in [100, 4_000, 8_000, 15_000, 60_000] {
            let bytes = session_bytes(version, &vec![b'a'; length]);
            assert!(bytes <= max, "{bytes} bytes after a request of {length}, version {version}");
        }
    }
}
