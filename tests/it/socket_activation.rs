//! Socket activation. A shell acts as the service manager: it moves its stdin and stderr to
//! descriptors 3 and 4, and executes the program.

use std::{
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    os::{fd::OwnedFd, unix::net::UnixStream},
};

use crate::harness::{Client, Program, chapbook};

/// Passes one socket. Tests replace parts of the text.
const PASS_ONE: &str = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\"";
const PASS_TWO: &str = "exec 3<&0 4<&2 </dev/null 2>/dev/null
    LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=a:b exec \"$0\" \"$@\"";

const NOT_A_LISTENER: [&str; 2] =
    ["chapbook: cannot use inherited descriptor 3", "not a listening TCP socket"];
const NO_NUMBER: &str = "chapbook: cannot use inherited sockets: LISTEN_PID or LISTEN_FDS is not a \
                         number, or there are more than 1024 sockets; unset both to start without \
                         a service manager\n";

/// The program with this as descriptor 3.
fn with_descriptor(descriptor: impl Into<OwnedFd>, arguments: &[&str]) -> Program {
    chapbook().args(arguments).in_shell(PASS_ONE).stdin(descriptor.into())
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a listener has an address");
    (listener, address)
}

#[test]
fn a_passed_socket_is_served() {
    let (socket, address) = listener();
    // A request before the start waits in the socket.
    let mut early = Client::connect(address);
    early.send("GET /book HTTP/1.1\r\nHost: a\r\n\r\n");
    let server = with_descriptor(socket, &["--workers", "2"]).serve();
    assert_eq!(server.address, address);
    assert_eq!(early.receive().status, 200);
    assert_eq!(server.connect().get("/").status, 200);
    assert_eq!(server.process.terminate().status, Some(0));
}

#[test]
fn the_manager_keeps_its_socket_for_the_next_server() {
    let (socket, address) = listener();
    for _ in 0..2 {
        let copy = socket.try_clone().expect("a socket can be duplicated");
        let server = with_descriptor(copy, &[]).serve();
        assert_eq!(Client::connect(address).get("/book").status, 200);
        assert_eq!(server.process.terminate().status, Some(0));
    }
    assert!(TcpStream::connect(address).is_ok(), "the socket still listens");
}

#[test]
fn all_passed_sockets_are_served() {
    let ((first, address), (second, other)) = (listener(), listener());
    let program = chapbook().arg("--quiet").in_shell(PASS_TWO);
    let program = program.stdin(OwnedFd::from(first)).stderr(OwnedFd::from(second));
    let _running = program.spawn();
    let statuses = [address, other].map(|address| Client::connect(address).get("/book").status);
    assert_eq!(statuses, [200, 200]);
}

#[test]
fn a_secret_link_needs_a_socket_for_other_machines() {
    let (socket, _) = listener();
    let message = with_descriptor(socket, &["--secret"]).run().failed(2);
    assert!(message.contains("let the socket unit listen on an address of the"), "{message}");
}

#[test]
fn variables_for_another_process_are_ignored() {
    for variables in ["LISTEN_PID=1 LISTEN_FDS=1", "LISTEN_PID=$$ LISTEN_FDS=0", "LISTEN_FDS=1"] {
        let (socket, address) = listener();
        let script = PASS_ONE.replace("LISTEN_PID=$$ LISTEN_FDS=1", variables);
        let program = chapbook().args(["--port", "0"]).in_shell(&script);
        let server = program.stdin(OwnedFd::from(socket)).serve();
        assert_ne!(server.address, address, "{variables}");
        assert_eq!(server.connect().get("/book").status, 200, "{variables}");
    }
}

#[test]
fn an_address_and_a_passed_socket_are_wrong_usage() {
    for arguments in [["--port", "0"], ["--host", "127.0.0.1"], ["--lan", "--quiet"]] {
        let stderr = with_descriptor(listener().0, &arguments).run().failed(2);
        assert!(stderr.contains("socket activation"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_descriptor_that_does_not_listen_is_named_and_rejected() {
    let (_listener, address) = listener();
    let connected = TcpStream::connect(address).expect("the backlog has room");
    let datagrams = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    let local = UnixStream::pair().expect("a pair of sockets").0;
    let file = tempfile::tempfile().expect("the disk has room");
    let rows: [(OwnedFd, &[&str]); 4] = [
        (connected.into(), &NOT_A_LISTENER),
        (datagrams.into(), &NOT_A_LISTENER),
        (local.into(), &NOT_A_LISTENER),
        (file.into(), &NOT_A_LISTENER[..1]),
    ];
    for (descriptor, expected) in rows {
        let stderr = with_descriptor(descriptor, &[]).run().failed(1);
        assert!(stderr.starts_with(expected[0]), "{stderr}");
        assert!(expected.iter().all(|text| stderr.contains(text)), "{stderr}");
    }
}

#[test]
fn an_invalid_count_is_one_line_and_status_1() {
    let counts =
        ["x", "-1", "1025", "2147483644", "4294967292", "4294967295", "99999999999999999999"];
    for count in counts {
        let script = PASS_ONE.replace("LISTEN_FDS=1", &format!("LISTEN_FDS={count}"));
        assert_eq!(chapbook().in_shell(&script).run().failed(1), NO_NUMBER, "{count}");
    }
}
