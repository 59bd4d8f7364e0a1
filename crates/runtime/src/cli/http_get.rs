//! HTTP client for one GET request over TCP, with a time limit.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

/// Maximum number of bytes of a response that are read.
const RESPONSE_MAX: usize = 256 << 10;

/// An `http` URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HttpUrl {
    /// Host and port, as in the URL.
    authority: String,
    /// The host without brackets.
    host: String,
    port: u16,
    path: String,
}

impl HttpUrl {
    /// The URL of a path at an address.
    pub(super) fn at(address: SocketAddr, path: &str) -> Self {
        Self {
            authority: address.to_string(),
            host: address.ip().to_string(),
            port: address.port(),
            path: path.to_owned(),
        }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

impl std::str::FromStr for HttpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "give a URL such as http://127.0.0.1:8080/";
        let rest = text.strip_prefix("http://").unwrap_or(text);
        if rest.contains("://") {
            return Err("only URLs with http:// can be probed");
        }
        let is_graphic = rest.bytes().all(|it| it.is_ascii_graphic());
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let path = path.split('#').next().unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        // The colon of a port follows the bracket of an IPv6 address.
        let is_port = |at: &usize| !authority[*at..].contains(']');
        let (host, port) = match authority.rfind(':').filter(is_port) {
            Some(at) => (&authority[..at], authority[at + 1..].parse().map_err(|_| EXPECTED)?),
            None => (authority, 80),
        };
        let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() || bare.contains('@') || !is_graphic {
            return Err(EXPECTED);
        }
        Ok(Self {
            authority: authority.to_owned(),
            host: bare.to_owned(),
            port,
            path: format!("{slash}{path}"),
        })
    }
}

/// A response, as far as it was read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The status line and the fields.
    head: String,
    /// The content, which may have the framing of chunks.
    pub(super) content: Vec<u8>,
}

impl Answer {
    /// The value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let found = fields.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let invalid = || io::Error::new(ErrorKind::InvalidData, "the answer is not HTTP");
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").ok_or_else(invalid)?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.strip_prefix("HTTP/1.").and_then(|it| it.get(2..5)?.parse().ok());
        let status = status.ok_or_else(invalid)?;
        Ok(Self { status, head, content: bytes[end + 4..].to_vec() })
    }
}

/// Requests a page.
pub(super) fn get(url: &HttpUrl, limit: Duration) -> io::Result<Answer> {
    let deadline = Instant::now() + limit;
    let mut stream = connect(url, deadline)?;
    stream.set_write_timeout(Some(remaining(deadline)?))?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nAccept: text/html, */*;q=0.8\r\nConnection: close\r\n\r\n",
        url.path, url.authority
    );
    stream.write_all(request.as_bytes()).map_err(as_timeout)?;
    let (mut received, mut complete_at) = (Vec::new(), None);
    let mut buffer = [0; 4096];
    while received.len() < complete_at.unwrap_or(RESPONSE_MAX).min(RESPONSE_MAX) {
        stream.set_read_timeout(Some(remaining(deadline)?))?;
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(as_timeout(error)),
        }
        complete_at = complete_at.or_else(|| length(&received));
    }
    Answer::parse(&received)
}

/// The length of the response by its head. Without one, it ends with the connection.
fn length(received: &[u8]) -> Option<usize> {
    let answer = Answer::parse(received).ok()?;
    let content: usize = answer.field("Content-Length")?.parse().ok()?;
    content.checked_add(received.len() - answer.content.len())
}

fn connect(url: &HttpUrl, deadline: Instant) -> io::Result<TcpStream> {
    let addresses = (url.host.as_str(), url.port).to_socket_addrs()?;
    let mut outcome = Err(io::Error::other("the host has no address"));
    for address in addresses {
        outcome = TcpStream::connect_timeout(&address, remaining(deadline)?);
        if outcome.is_ok() {
            break;
        }
    }
    outcome.map_err(as_timeout)
}

/// The time until the deadline, which is never zero.
fn remaining(deadline: Instant) -> io::Result<Duration> {
    let remaining = deadline.saturating_duration_since(Instant::now());
    if remaining.is_zero() { Err(timeout()) } else { Ok(remaining) }
}

/// A timeout of a socket is `WouldBlock` on Unix.
fn as_timeout(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => timeout(),
        _ => error,
    }
}

fn timeout() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, "there is no complete answer in time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_a_port_and_a_path() {
        let rows = [
            ("http://127.0.0.1:8080/", "127.0.0.1 8080 http://127.0.0.1:8080/"),
            ("http://localhost", "localhost 80 http://localhost/"),
            ("localhost:9000/a?b#c", "localhost 9000 http://localhost:9000/a?b"),
            ("http://[::1]:80/x", "::1 80 http://[::1]:80/x"),
            ("http://[::1]", "::1 80 http://[::1]/"),
            ("http://a?b", "a 80 http://a/?b"),
            ("https://localhost/", ""),
            ("http://", ""),
            ("http://:80/", ""),
            ("http://a:b/", ""),
            ("http://a:65536/", ""),
            ("http://u@a/", ""),
            ("http://a/\r\nX: y", ""),
            ("", ""),
        ];
        for (text, expected) in rows {
            let url = text.parse::<HttpUrl>().ok();
            let shown = url.map(|it| format!("{} {} {it}", it.host, it.port)).unwrap_or_default();
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn an_answer_has_a_status_fields_and_content() {
        let answer =
            Answer::parse(b"HTTP/1.1 302 Found\r\nlocation: /x \r\n\r\nabc").expect("HTTP");
        assert_eq!((answer.status, answer.field("Location")), (302, Some("/x")));
        assert_eq!(answer.content, b"abc");
        let rows = ["", "HTTP/1.1 200 OK\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 2\r\n\r\n"];
        for bytes in rows {
            assert!(Answer::parse(bytes.as_bytes()).is_err(), "{bytes}");
        }
    }
}
