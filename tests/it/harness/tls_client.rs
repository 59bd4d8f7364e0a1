//! Blocking client with TLS, and a certificate for the server.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use rustls::{
    ClientConfig, ClientConnection, Error, RootCertStore, SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use tempfile::TempDir;

use super::{Program, Response, Server, response};

/// Far longer than any response takes; only a failing test waits for it.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A certificate for `127.0.0.1`, and its key, in files.
#[derive(Debug)]
pub(crate) struct TestCertificate {
    folder: TempDir,
    certificate: CertificateDer<'static>,
}

impl TestCertificate {
    pub(crate) fn new() -> Self {
        let names = ["127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("the name is valid");
        let folder = tempfile::tempdir().expect("there is space");
        let certificate = made.cert.der().clone();
        write_pem(&folder.path().join("cert.pem"), "CERTIFICATE", &certificate);
        let key = made.signing_key.serialize_der();
        write_pem(&folder.path().join("key.pem"), "PRIVATE KEY", &key);
        Self { folder, certificate }
    }

    /// Starts a server with the certificate on any port, with two workers by default.
    pub(crate) fn serve(&self, program: Program) -> Server {
        let file = |name| self.folder.path().join(name);
        let program = program.env("CHAPBOOK_WORKERS", "2").args(["--port", "0", "--tls-cert"]);
        program.arg(file("cert.pem")).arg("--tls-key").arg(file("key.pem")).serve()
    }

    /// Settings of a client that trusts the certificate.
    pub(crate) fn client_config(&self, version: &'static SupportedProtocolVersion) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).expect("the certificate is valid");
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_protocol_versions(&[version]).expect("ring has the version");
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}

fn write_pem(path: &Path, label: &str, der: &[u8]) {
    let text = BASE64_STANDARD.encode(der);
    let text = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
    fs::write(path, text).expect("there is space");
}

/// How a client splits what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// Not at all.
    None,
    /// Into a record for each byte of plaintext.
    Records,
    /// Into a segment for each byte of the records, also of those of the handshake.
    Segments,
}

/// One connection to a server.
#[derive(Debug)]
pub(crate) struct TlsClient {
    stream: TcpStream,
    pub(crate) connection: ClientConnection,
    split: Split,
    received: Vec<u8>,
    has_close_notify: bool,
}

impl TlsClient {
    /// A connection without a handshake, which the first bytes begin.
    pub(crate) fn connect(address: SocketAddr, config: &Arc<ClientConfig>, split: Split) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nodelay(true).expect("a socket has options");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a socket has options");
        let name = ServerName::from(address.ip());
        let connection = ClientConnection::new(Arc::clone(config), name);
        let mut connection = connection.expect("the settings are valid");
        connection.set_buffer_limit(None);
        Self { stream, connection, split, received: Vec::new(), has_close_notify: false }
    }

    /// Completes the handshake.
    pub(crate) fn handshake(&mut self) -> Result<(), Error> {
        while self.connection.is_handshaking() {
            self.flush();
            assert_ne!(self.fill()?, Some(0), "the server closed during the handshake");
        }
        self.flush();
        Ok(())
    }

    /// Sends bytes, after the handshake.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.handshake().expect("the server accepts the handshake");
        let bytes = bytes.as_ref();
        let record_max = if self.split == Split::Records { 1 } else { bytes.len().max(1) };
        for part in bytes.chunks(record_max) {
            self.connection.writer().write_all(part).expect("there is no limit");
            self.flush();
        }
        self
    }

    /// Sends `close_notify`, and ends the stream.
    pub(crate) fn shutdown_write(&mut self) {
        self.connection.send_close_notify();
        self.flush();
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Sends the records. That the server closed meanwhile is not an error.
    fn flush(&mut self) {
        let mut records = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut records).expect("a `Vec` accepts everything");
        }
        let segment_max = if self.split == Split::Segments { 1 } else { records.len().max(1) };
        for part in records.chunks(segment_max) {
            if self.stream.write_all(part).is_err() {
                break;
            }
        }
    }

    /// Receives bytes, and decrypts them. Returns how many have arrived; `None` if none have in
    /// time.
    fn fill(&mut self) -> Result<Option<usize>, Error> {
        let mut piece = [0; 16384];
        let count = match self.stream.read(&mut piece) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            Err(_) => return Ok(None),
        };
        let mut records = &piece[..count];
        while !records.is_empty() {
            assert!(!self.has_close_notify, "bytes after close_notify");
            self.connection.read_tls(&mut records).expect("plaintext is read at once");
            let state = self.connection.process_new_packets()?;
            self.has_close_notify = state.peer_has_closed();
            let count = state.plaintext_bytes_to_read();
            let start = self.received.len();
            self.received.resize(start + count, 0);
            let mut reader = self.connection.reader();
            reader.read_exact(&mut self.received[start..]).expect("so much is decrypted");
        }
        Ok(Some(count))
    }

    /// The next response, to a GET request for a path.
    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        loop {
            if let Some((response, length)) = response::parse(&self.received, false) {
                self.received.drain(..length);
                return response;
            }
            let count = self.fill().expect("the server speaks TLS");
            assert!(count > Some(0), "only {}", self.received.escape_ascii());
        }
    }

    /// Waits for more plaintext.
    pub(crate) fn receive_some(&mut self) {
        let before = self.received.len();
        while self.received.len() == before {
            let count = self.fill().expect("the server speaks TLS");
            assert!(count > Some(0), "closed after {before} bytes");
        }
    }

    /// Everything until the server closes or sends nothing for this long, and whether it closed,
    /// which it has to announce. It may complete the handshakes of others before it responds.
    pub(crate) fn receive_for(&mut self, silence: Duration) -> (Vec<u8>, bool) {
        loop {
            let time = if self.received.is_empty() { 4 * silence } else { silence };
            self.stream.set_read_timeout(Some(time)).expect("a socket has options");
            match self.fill().expect("the server speaks TLS") {
                Some(0) => {
                    let received = self.received.escape_ascii();
                    assert!(self.has_close_notify, "closed without close_notify: {received}");
                    return (std::mem::take(&mut self.received), true);
                }
                Some(_) => {}
                None => return (std::mem::take(&mut self.received), false),
            }
        }
    }

    /// Everything until the server closes.
    pub(crate) fn receive_rest(&mut self) -> Vec<u8> {
        let (bytes, is_closed) = self.receive_for(TIMEOUT);
        assert!(is_closed, "still open after {}", bytes.escape_ascii());
        bytes
    }
}
