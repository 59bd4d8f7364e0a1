//! `chapbook probe`: the exit status for each answer.

use std::{io::Write, net::TcpListener, thread};

use crate::harness::{Server, chapbook, folder_of, page, run, write};

#[test]
fn a_probe_succeeds_if_the_server_answers() {
    let server = Server::start();
    let url = format!("http://{}/", server.address);
    assert_eq!(run(["probe", &url]).succeeded(), format!("{url} answers with 200\n"));
    let port = server.address.port().to_string();
    for host in ["0.0.0.0", "127.0.0.1", "localhost"] {
        let probe = chapbook().arg("probe").env("CHAPBOOK_PORT", &port).env("CHAPBOOK_HOST", host);
        assert_eq!(probe.run().succeeded(), format!("{url} answers with 200\n"), "{host}");
    }
    let missing = format!("{url}gone");
    let expected = format!("chapbook: {missing} answers with 404\n");
    assert_eq!(run(["probe", &missing]).failed(1), expected);
}

#[test]
fn a_redirect_is_an_answer() {
    let folder = folder_of(&[("index.html", &page("Hello"))]);
    write(folder.path(), "docs/index.html", page("Docs"));
    let server = chapbook().arg(folder.path()).args(["--port", "0"]).serve();
    let url = format!("http://{}/docs", server.address);
    assert_eq!(run(["probe", &url]).succeeded(), format!("{url} answers with 308\n"));
}

#[test]
fn the_answer_of_a_server_with_a_secret_link_is_one_if_its_variable_is_set() {
    let server = Server::start_with(&["--lan", "--secret"]);
    let probe = || chapbook().arg("probe").env("CHAPBOOK_PORT", server.address.port().to_string());
    assert!(probe().run().failed(1).contains("403"));
    probe().env("CHAPBOOK_SECRET", "1").run().succeeded();
}

#[test]
fn a_probe_fails_in_time_if_there_is_no_answer() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let silent_url = format!("http://{}/", silent.local_addr().expect("an address"));
    let stderr = run(["probe", &silent_url, "--timeout", "1"]).failed(1);
    let expected = "there is no complete answer in time";
    assert_eq!(stderr, format!("chapbook: cannot get {silent_url}: {expected}\n"));

    let other = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let other_url = format!("http://{}/", other.local_addr().expect("an address"));
    let greeting = thread::spawn(move || {
        let (mut client, _) = other.accept().expect("a client connects");
        client.write_all(b"220 mail.example ESMTP\r\n").expect("it reads");
    });
    let stderr = run(["probe", &other_url]).failed(1);
    greeting.join().expect("it does not panic");
    assert!(stderr.starts_with(&format!("chapbook: cannot get {other_url}: ")), "{stderr}");

    let closed = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let closed_url = format!("http://{}/", closed.local_addr().expect("an address"));
    drop(closed);
    let stderr = run(["probe", &closed_url]).failed(1);
    assert!(stderr.contains("refused"), "{stderr}");
}

#[test]
fn a_url_that_cannot_be_probed_is_wrong_usage() {
    for url in ["https://localhost/", "http://", "ftp://a/"] {
        run(["probe", url]).failed(2);
    }
    run(["probe", "http://a/", "--timeout", "0"]).failed(2);
    let stderr = chapbook().arg("probe").env("CHAPBOOK_PORT", "0").run().failed(2);
    assert!(stderr.contains("cannot probe port 0 of CHAPBOOK_PORT; give a URL"), "{stderr}");
}
