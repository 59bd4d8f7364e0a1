//! Serving over TLS: the same responses as without it, and what a session permits.

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use rustls::{
    AlertDescription, ClientConfig, Error, HandshakeKind, SupportedProtocolVersion,
    version::{TLS12, TLS13},
};

use crate::{
    conformance::{Case, cases, run_all},
    harness::{
        Program, Split, TestCertificate, TlsClient, chapbook, eventually, folder_of, page,
        parse_all, pause, random_bytes, site_folder, skipped, write,
    },
};

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
const LENGTH: usize = 3_000_000;

/// After this time, a server has sent everything, also if it completes the handshakes of others.
const SILENCE: Duration = Duration::from_millis(500);

/// Runs conformance cases, with sessions that are split like this.
fn run_conformance(cases: &[Case], version: &'static SupportedProtocolVersion, split: Split) {
    let certificate = TestCertificate::new();
    let server = certificate.serve(chapbook());
    let config = Arc::new(certificate.client_config(version));
    run_all(cases, |case| {
        let split = if case.is_short() { split } else { Split::None };
        let mut client = TlsClient::connect(server.address, &config, split);
        client.send(&case.sent);
        if case.shuts_down {
            client.shutdown_write();
        }
        client.receive_for(SILENCE)
    });
}

#[test]
fn every_conformance_case_passes_over_tls_1_3() {
    run_conformance(&cases(), &TLS13, Split::None);
}

#[test]
fn every_conformance_case_passes_over_tls_1_2() {
    run_conformance(&cases(), &TLS12, Split::None);
}

#[test]
fn every_conformance_case_passes_over_tls_1_3_with_a_record_for_each_byte() {
    run_conformance(&cases(), &TLS13, Split::Records);
}

#[test]
fn every_conformance_case_passes_over_tls_1_2_with_a_record_for_each_byte() {
    run_conformance(&cases(), &TLS12, Split::Records);
}

#[test]
fn conformance_cases_pass_with_a_segment_for_each_byte_of_the_handshake_and_the_records() {
    for (rest, version) in VERSIONS.into_iter().enumerate() {
        // Each splits its handshake in the same way, so a part of the cases suffices.
        let part = cases().into_iter().skip(rest).step_by(4);
        run_conformance(&part.collect::<Vec<_>>(), version, Split::Segments);
    }
}

/// The same site as a folder and packed, with a long content.
fn programs() -> ([Program; 2], tempfile::TempDir) {
    let folder = site_folder(&[("index.html", &page("Large"))]);
    write(folder.path(), "site/large.mp4", random_bytes(LENGTH));
    chapbook().args(["pack", "site", "-o", "packed"]).cwd(folder.path()).run().succeeded();
    let programs = [chapbook().arg("site"), Program::new(folder.path().join("packed"))];
    (programs.map(|program| program.cwd(folder.path())), folder)
}

#[test]
fn long_contents_arrive_complete_also_at_a_slow_reader_and_close_notify_is_after_them() {
    let (content, page) = (random_bytes(LENGTH), page("Large"));
    let expected = [&content[..], &content, page.as_bytes()];
    let certificate = TestCertificate::new();
    let (programs, _folder) = programs();
    for program in programs {
        let server = certificate.serve(program);
        for version in VERSIONS {
            let config = Arc::new(certificate.client_config(version));
            let connect = || TlsClient::connect(server.address, &config, Split::None);
            let get =
                |path: &str, field: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n{field}\r\n");
            let requests = get("/large.mp4", "").repeat(2) + &get("/", "Connection: close\r\n");
            let (mut slow, mut fast) = (connect(), connect());
            slow.send(&requests);
            slow.receive_some();
            // The response to a later request shows that the kernel's buffers are full.
            assert!(fast.get("/large.mp4").content == content);
            for _ in 0..50 {
                slow.receive_some();
                pause(Duration::from_millis(1));
            }
            // `receive_rest` requires close_notify.
            let responses = parse_all(&slow.receive_rest(), &[]).expect("they are complete");
            assert!(responses.iter().map(|it| &it.content[..]).eq(expected), "other contents");
        }
    }
}

#[test]
fn sessions_are_resumed_with_tickets_and_without_early_data() {
    let certificate = TestCertificate::new();
    let server = certificate.serve(chapbook());
    for version in VERSIONS {
        let mut config = certificate.client_config(version);
        config.enable_early_data = true;
        let config = Arc::new(config);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed, HandshakeKind::Resumed] {
            let mut client = TlsClient::connect(server.address, &config, Split::None);
            let connection = &mut client.connection;
            assert!(connection.early_data().is_none(), "the ticket permits early data");
            // The ticket of TLS 1.3 arrives before the response.
            assert_eq!(client.get("/book").status, 200);
            let connection = &client.connection;
            assert_eq!(connection.handshake_kind(), Some(kind), "{version:?}");
            assert_eq!(connection.protocol_version(), Some(version.version));
            assert_eq!(connection.alpn_protocol(), Some(&b"http/1.1"[..]));
        }
    }
}

#[test]
fn protocols_other_than_http_1_1_are_refused_and_none_is_accepted() {
    type Row = (&'static [&'static str], Result<Option<&'static str>, AlertDescription>);
    let rows: [Row; 6] = [
        (&[], Ok(None)),
        (&["http/1.1"], Ok(Some("http/1.1"))),
        (&["h2", "http/1.1"], Ok(Some("http/1.1"))),
        (&["h2"], Err(AlertDescription::NoApplicationProtocol)),
        (&["http/1.0"], Err(AlertDescription::NoApplicationProtocol)),
        (&["acme-tls/1", "h3"], Err(AlertDescription::NoApplicationProtocol)),
    ];
    let certificate = TestCertificate::new();
    let server = certificate.serve(chapbook());
    for version in VERSIONS {
        for (offered, expected) in rows {
            let mut config = certificate.client_config(version);
            config.alpn_protocols = offered.iter().map(|it| it.as_bytes().to_vec()).collect();
            let mut client = TlsClient::connect(server.address, &Arc::new(config), Split::None);
            let outcome = client.handshake();
            assert_eq!(outcome, expected.map(|_| ()).map_err(Error::AlertReceived), "{offered:?}");
            if let Ok(protocol) = expected {
                assert_eq!(client.connection.alpn_protocol(), protocol.map(str::as_bytes));
                assert_eq!(client.get("/book").status, 200, "{offered:?}");
            }
        }
    }
}

#[test]
fn idle_connections_end_with_close_notify_after_a_while_and_at_a_shutdown() {
    let certificate = TestCertificate::new();
    // With one connection fewer than allowed, idle ones are closed after 2 seconds.
    let crowded = certificate.serve(chapbook().args(["--max-connections", "4"]));
    let stopped = certificate.serve(chapbook());
    for (server, stops) in [(crowded, false), (stopped, true)] {
        let connect = |version| {
            let config = Arc::new(certificate.client_config(version));
            let mut client = TlsClient::connect(server.address, &config, Split::None);
            assert_eq!(client.get("/book").status, 200);
            client
        };
        let clients = [&TLS12, &TLS13, &TLS12, &TLS13].map(connect);
        if stops {
            server.process.signal("TERM");
        }
        for mut client in clients {
            // `receive_rest` requires close_notify.
            assert_eq!(client.receive_rest(), b"");
        }
    }
}

#[test]
fn plain_http_on_the_same_port_leads_to_https() {
    let certificate = TestCertificate::new();
    let server = certificate.serve(chapbook());
    let mut client = server.connect();
    let response = client.send("GET /book?a=1 HTTP/1.1\r\nHost: a:8080\r\n\r\n").receive();
    assert_eq!(response.status, 308);
    assert_eq!(response.field("location"), Some("https://a:8080/book?a=1"));
}

#[test]
fn an_idle_session_and_a_part_of_a_record_survive_a_change_of_the_folder() {
    let site = folder_of(&[("index.html", &page("old"))]);
    let certificate = TestCertificate::new();
    // Two workers take up a change one after the other.
    let server = certificate.serve(chapbook().arg(site.path()).args(["--workers", "1"]));
    for (version, new) in VERSIONS.into_iter().zip(["new", "newest"]) {
        let config: Arc<ClientConfig> = Arc::new(certificate.client_config(version));
        let connect = || TlsClient::connect(server.address, &config, Split::None);
        let (mut idle, mut begun, mut later) = (connect(), connect(), connect());
        assert_eq!(idle.get("/").status, 200);
        begun.send("GET / HTTP/1.1\r\nHo");
        write(site.path(), "index.html", page(new));
        let is_new = |client: &mut TlsClient| client.get("/").content == page(new).as_bytes();
        assert!(eventually(|| is_new(&mut later)), "{new} is not served");
        assert!(is_new(&mut idle));
        begun.send("st: a\r\nConnection: close\r\n\r\n");
        let responses = parse_all(&begun.receive_rest(), &[]).expect("a complete response");
        assert_eq!(responses[0].content, page(new).as_bytes());
    }
}

/// What OpenSSL's client prints that has these options and this input, which does not end.
fn openssl_client(address: SocketAddr, options: &str, input: &str) -> String {
    let (stdin, mut keyboard) = io::pipe().expect("a pipe can be made");
    keyboard.write_all(input.as_bytes()).expect("the pipe has room");
    let script = format!("exec openssl s_client -connect {address} {options} 2>&1");
    Program::new("sh").args(["-c", &script]).stdin(stdin).run().stdout
}

#[test]
fn renegotiation_and_old_versions_are_refused() {
    if Program::new("openssl").arg("version").run_if_installed().is_none() {
        return skipped("openssl is not installed");
    }
    let certificate = TestCertificate::new();
    let server = certificate.serve(chapbook());
    let rows = [
        ("-tls1_2", "R\n", ":no renegotiation:"),
        ("-tls1_1 -cipher ALL@SECLEVEL=0", "", " alert "),
        ("-tls1 -cipher ALL@SECLEVEL=0", "", " alert "),
        ("-tls1_2 -cipher AES128-SHA@SECLEVEL=0", "", "alert handshake failure"),
    ];
    for (options, input, expected) in rows {
        let output = openssl_client(server.address, options, input);
        assert!(output.contains(expected), "{options}: {output}");
    }
    let config = Arc::new(certificate.client_config(&TLS13));
    let mut client = TlsClient::connect(server.address, &config, Split::None);
    assert_eq!(client.get("/book").status, 200);
}
