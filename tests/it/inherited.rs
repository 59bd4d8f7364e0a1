//! Sockets that a service manager hands over. A shell plays the manager: it moves what it has as
//! stdin and stderr to descriptors 3 and 4, and becomes the executable.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

use crate::harness::{Client, Server, chapbook};

/// Hands over one socket under the process id that is right unless the text is changed.
const ONE: &str = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\"";

/// The executable behind a shell that runs this text first.
fn behind(text: &str, arguments: &[&str]) -> Command {
    let executable = chapbook();
    let mut shell = Command::new("sh");
    shell.args(["-c", text]).arg(executable.get_program()).args(arguments);
    for (name, _) in executable.get_envs() {
        shell.env_remove(name);
    }
    shell
}

fn listener(address: &str) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(address).expect("some port is free");
    let address = listener.local_addr().expect("it has an address");
    (listener, address)
}

/// How it ends and what it says on stderr with this as descriptor 3.
fn refused(descriptor: impl Into<OwnedFd>, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = behind(ONE, arguments);
    let output = command.stdin(Stdio::from(descriptor.into())).output().expect("a shell starts");
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).expect("it prints UTF-8"))
}

#[test]
fn a_socket_that_is_handed_over_is_served() {
    let (socket, address) = listener("127.0.0.1:0");
    // Who comes before the server is there waits in the socket.
    let mut early = Client::connect(address);
    early.send("GET /book HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut command = behind(ONE, &["--workers", "2"]);
    command.stdin(Stdio::from(OwnedFd::from(socket)));
    let server = Server::spawn(command);
    assert_eq!(server.address(), address);
    assert_eq!(early.receive().status, 200);
    assert_eq!(server.connect().get("/").status, 200);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn the_manager_keeps_its_socket_and_the_next_server_takes_over() {
    let (socket, address) = listener("127.0.0.1:0");
    for _ in 0..2 {
        let mut command = behind(ONE, &[]);
        let copy = socket.try_clone().expect("a socket can be shared");
        command.stdin(Stdio::from(OwnedFd::from(copy)));
        let server = Server::spawn(command);
        assert_eq!(Client::connect(address).get("/book").status, 200);
        server.signal("TERM");
        assert_eq!(server.wait().code(), Some(0));
    }
    assert!(TcpStream::connect(address).is_ok(), "the socket listens on");
}

#[test]
fn all_sockets_are_served_and_the_first_is_named() {
    let ((first, address), (second, other)) = (listener("127.0.0.1:0"), listener("127.0.0.1:0"));
    let text = "exec 3<&0 4<&2 </dev/null 2>/dev/null
        LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=a:b exec \"$0\" \"$@\"";
    // `spawn` would take stderr for itself.
    let mut child = behind(text, &["--quiet"])
        .stdin(Stdio::from(OwnedFd::from(first)))
        .stderr(Stdio::from(OwnedFd::from(second)))
        .spawn()
        .expect("a shell starts");
    let statuses = [address, other].map(|it| Client::connect(it).get("/book").status);
    child.kill().expect("it runs");
    child.wait().expect("it ran");
    assert_eq!(statuses, [200, 200]);
}

#[test]
fn what_is_meant_for_another_process_is_left_alone() {
    for variables in ["LISTEN_PID=1 LISTEN_FDS=1", "LISTEN_PID=$$ LISTEN_FDS=0", "LISTEN_FDS=1"] {
        let (socket, address) = listener("127.0.0.1:0");
        let text = ONE.replace("LISTEN_PID=$$ LISTEN_FDS=1", variables);
        let mut command = behind(&text, &["--port", "0"]);
        command.stdin(Stdio::from(OwnedFd::from(socket)));
        let server = Server::spawn(command);
        assert_ne!(server.address(), address, "{variables}");
        assert_eq!(server.connect().get("/book").status, 200, "{variables}");
    }
}

#[test]
fn an_address_beside_a_socket_is_wrong_usage() {
    for arguments in [["--port", "0"], ["--host", "127.0.0.1"], ["--lan", "--quiet"]] {
        let (code, problem) = refused(listener("127.0.0.1:0").0, &arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(problem.contains("hands over sockets"), "{problem}");
    }
}

#[test]
fn what_does_not_listen_is_named_and_refused() {
    let (socket, address) = listener("127.0.0.1:0");
    let connected = TcpStream::connect(address).expect("the backlog takes it");
    let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").expect("some port is free");
    let local = std::os::unix::net::UnixStream::pair().expect("there are sockets").0;
    let descriptors: [OwnedFd; 3] = [connected.into(), datagrams.into(), local.into()];
    for descriptor in descriptors {
        let (code, problem) = refused(descriptor, &[]);
        assert_eq!(code, Some(1));
        assert!(problem.starts_with("chapbook: descriptor 3, which was handed over"), "{problem}");
        assert!(problem.contains("no TCP socket that listens"), "{problem}");
    }
    drop(socket);
    let file = tempfile::tempfile().expect("there is room for a file");
    let (code, problem) = refused(file, &[]);
    assert_eq!(code, Some(1));
    assert!(problem.starts_with("chapbook: descriptor 3, which was handed over"), "{problem}");
}

#[test]
fn a_count_that_is_none_is_one_line_and_code_1() {
    let text = ONE.replace("LISTEN_FDS=1", "LISTEN_FDS=x");
    let output = behind(&text, &[]).stdin(Stdio::null()).output().expect("a shell starts");
    assert_eq!(output.status.code(), Some(1));
    let problem = String::from_utf8(output.stderr).expect("it prints UTF-8");
    assert_eq!(problem, "chapbook: LISTEN_PID or LISTEN_FDS is no number\n");
}
