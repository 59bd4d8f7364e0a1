//! Any bytes as a request head (RFC 9112 sections 2 to 6): a malformed head is rejected, and the
//! response to a well-formed one follows from its method and path.

use crate::{conversation::talk, path, response};

/// A well-formed request head.
pub(crate) struct ParsedRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) version: &'a str,
    /// Names in lower case, values without surrounding white space.
    pub(crate) fields: Vec<(String, &'a [u8])>,
}

impl<'a> ParsedRequest<'a> {
    /// All values of a field.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(it, _)| it == name).map(|(_, value)| *value)
    }
}

/// The expected first response.
#[derive(Debug, PartialEq, Eq)]
enum ExpectedStatus {
    /// None, or an error.
    Unfinished,
    /// An error.
    Malformed,
    /// One of these statuses.
    Among(Vec<u16>),
    /// Not defined here.
    Any,
}

/// The statuses that reject a malformed or unsupported request.
pub(crate) const ERROR_STATUSES: [u16; 8] = [400, 408, 413, 414, 421, 431, 501, 505];

/// The fields that can change the response to a GET.
const CONDITIONS: [&str; 6] =
    ["accept-encoding", "if-match", "if-none-match", "if-unmodified-since", "if-range", "range"];

fn is_token(text: &str) -> bool {
    let is_token = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
    !text.is_empty() && text.chars().all(is_token)
}

/// Parses a head without its final empty line; `None` if it is malformed.
pub(crate) fn request(head: &[u8]) -> Option<ParsedRequest<'_>> {
    let mut lines = split_lines(head)?.into_iter();
    let line = std::str::from_utf8(lines.next()?).ok()?;
    let mut parts = line.split(' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let is_target = !target.is_empty() && target.chars().all(|it| it.is_ascii_graphic());
    let is_line = parts.next().is_none() && is_token(method) && is_target;
    let number = version.strip_prefix("HTTP/")?;
    let is_version = matches!(number.as_bytes(), [b'0'..=b'9', b'.', b'0'..=b'9']);
    let mut fields = Vec::new();
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = std::str::from_utf8(&line[..colon]).ok()?;
        let is_value = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~' | 0x80..);
        if !is_token(name) || !line[colon + 1..].iter().all(is_value) {
            return None;
        }
        fields.push((name.to_ascii_lowercase(), crate::exchange::trim(&line[colon + 1..])));
    }
    (is_line && is_version).then_some(ParsedRequest { method, target, version, fields })
}

/// The lines, which end with CR LF; `None` if there is a CR or LF alone.
fn split_lines(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|it| it == b"\r\n").unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return None;
        }
        lines.push(line);
        rest = after.get(2..).unwrap_or_default();
    }
    Some(lines)
}

fn expected(bytes: &[u8]) -> ExpectedStatus {
    let mut rest = bytes;
    for _ in 0..4 {
        rest = rest.strip_prefix(b"\r\n").unwrap_or(rest);
    }
    let Some(end) = rest.windows(4).position(|it| it == b"\r\n\r\n") else {
        return ExpectedStatus::Unfinished;
    };
    match request(&rest[..end]) {
        // Limits have their own tests.
        _ if end > 8000 => ExpectedStatus::Any,
        Some(request) if request.fields.len() <= 100 => expected_of(&request),
        Some(_) => ExpectedStatus::Any,
        None => ExpectedStatus::Malformed,
    }
}

fn expected_of(request: &ParsedRequest<'_>) -> ExpectedStatus {
    let has = |name: &str| request.fields.iter().any(|(it, _)| it == name);
    let hosts: Vec<&[u8]> =
        request.fields.iter().filter(|(name, _)| name == "host").map(|(_, it)| *it).collect();
    let is_plain = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-');
    let is_host = |host: &[u8]| !host.is_empty() && host.iter().all(is_plain);
    match (request.version, hosts.as_slice()) {
        ("HTTP/1.1" | "HTTP/1.0", [host]) if is_host(host) => {}
        ("HTTP/1.0", []) => {}
        ("HTTP/1.1", []) | ("HTTP/1.1" | "HTTP/1.0", [_, _, ..]) => {
            return ExpectedStatus::Malformed;
        }
        _ => return ExpectedStatus::Any,
    }
    // `model.rs` checks content and `100-continue`.
    if has("content-length") || has("transfer-encoding") || has("expect") {
        return ExpectedStatus::Any;
    }
    if !request.target.starts_with('/') {
        return ExpectedStatus::Any;
    }
    let status = path::status_of(request.target.as_bytes());
    match request.method {
        "GET" | "HEAD" if status == 200 && CONDITIONS.iter().any(|it| has(it)) => {
            ExpectedStatus::Among(vec![200, 206, 304, 406, 412, 416])
        }
        "GET" | "HEAD" => ExpectedStatus::Among(vec![status]),
        "OPTIONS" => ExpectedStatus::Among(vec![204, 400, 404]),
        "POST" | "PUT" | "DELETE" | "PATCH" | "TRACE" => ExpectedStatus::Among(vec![400, 405]),
        "CONNECT" => ExpectedStatus::Any,
        _ => ExpectedStatus::Among(vec![400, 501]),
    }
}

/// Sends these bytes.
pub fn run(bytes: &[u8]) {
    let received = talk(bytes, true).bytes;
    let first = response::parse(&received, false).or_else(|| response::parse(&received, true));
    let status = first.map(|(response, _)| response.status);
    let expected = expected(bytes);
    let is_allowed = match (&expected, status) {
        (ExpectedStatus::Any, _) | (ExpectedStatus::Unfinished, None) => true,
        (ExpectedStatus::Unfinished | ExpectedStatus::Malformed, Some(status)) => {
            ERROR_STATUSES.contains(&status)
        }
        (ExpectedStatus::Among(statuses), Some(status)) => statuses.contains(&status),
        (_, None) => false,
    };
    assert!(is_allowed, "{expected:?}, but {status:?} to {}", bytes.escape_ascii());
}
