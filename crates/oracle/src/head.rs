//! Any bytes where a request begins (RFC 9112 sections 2 to 6): what breaks the grammar is never
//! answered as if it did not, and what keeps it is answered by its method and its path.

use crate::{conversation::talk_whole, path, response};

/// A request that keeps the grammar.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) version: &'a str,
    /// Names in lower case, values without the blanks around them.
    pub(crate) fields: Vec<(String, &'a [u8])>,
}

impl<'a> Request<'a> {
    /// Every value of a field.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(it, _)| it == name).map(|(_, value)| *value)
    }
}

/// What the first answer has to be.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// There may be none; one that comes anyway refuses.
    Unfinished,
    /// It refuses: nothing was asked.
    Malformed,
    /// Its status is one of these.
    Among(Vec<u16>),
    /// It is one that other rules are for.
    Open,
}

/// What says that bytes are no request, or one that is not taken.
pub(crate) const REFUSALS: [u16; 8] = [400, 408, 413, 414, 421, 431, 501, 505];

/// A GET with one of these may be answered otherwise than with the whole.
const CONDITIONS: [&str; 6] =
    ["accept-encoding", "if-match", "if-none-match", "if-unmodified-since", "if-range", "range"];

fn is_token(text: &str) -> bool {
    let is_token = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
    !text.is_empty() && text.chars().all(is_token)
}

pub(crate) fn request(head: &[u8]) -> Option<Request<'_>> {
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
    (is_line && is_version).then_some(Request { method, target, version, fields })
}

/// The lines, each of which ends with CR LF; `None` where one of the two is alone.
fn split_lines(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|it| it == b"\r\n").unwrap_or(rest.len());
        let (line, behind) = rest.split_at(end);
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return None;
        }
        lines.push(line);
        rest = behind.get(2..).unwrap_or_default();
    }
    Some(lines)
}

fn verdict(bytes: &[u8]) -> Verdict {
    let mut rest = bytes;
    for _ in 0..4 {
        rest = rest.strip_prefix(b"\r\n").unwrap_or(rest);
    }
    let Some(end) = rest.windows(4).position(|it| it == b"\r\n\r\n") else {
        return Verdict::Unfinished;
    };
    match request(&rest[..end]) {
        // Limits have tests of their own.
        _ if end > 8000 => Verdict::Open,
        Some(request) if request.fields.len() <= 100 => verdict_of(&request),
        Some(_) => Verdict::Open,
        None => Verdict::Malformed,
    }
}

fn verdict_of(request: &Request<'_>) -> Verdict {
    let has = |name: &str| request.fields.iter().any(|(it, _)| it == name);
    let hosts: Vec<&[u8]> =
        request.fields.iter().filter(|(name, _)| name == "host").map(|(_, it)| *it).collect();
    let is_plain = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-');
    let is_host = |host: &[u8]| !host.is_empty() && host.iter().all(is_plain);
    match (request.version, hosts.as_slice()) {
        ("HTTP/1.1" | "HTTP/1.0", [host]) if is_host(host) => {}
        ("HTTP/1.0", []) => {}
        ("HTTP/1.1", []) | ("HTTP/1.1" | "HTTP/1.0", [_, _, ..]) => return Verdict::Malformed,
        _ => return Verdict::Open,
    }
    // What content is behind the head is not looked at here, and neither is what an answer waits
    // for.
    if has("content-length") || has("transfer-encoding") || has("expect") {
        return Verdict::Open;
    }
    if !request.target.starts_with('/') {
        return Verdict::Open;
    }
    let status = path::status_of(request.target.as_bytes());
    match request.method {
        "GET" | "HEAD" if status == 200 && CONDITIONS.iter().any(|it| has(it)) => {
            Verdict::Among(vec![200, 206, 304, 406, 412, 416])
        }
        "GET" | "HEAD" => Verdict::Among(vec![status]),
        "OPTIONS" => Verdict::Among(vec![204, 400, 404]),
        "POST" | "PUT" | "DELETE" | "PATCH" | "TRACE" => Verdict::Among(vec![400, 405]),
        "CONNECT" => Verdict::Open,
        _ => Verdict::Among(vec![400, 501]),
    }
}

/// Says these bytes to the core.
pub fn run(bytes: &[u8]) {
    let said = talk_whole(bytes, true);
    let first = response::parse(&said.bytes, false).or_else(|| response::parse(&said.bytes, true));
    let status = first.map(|(answer, _)| answer.status);
    let verdict = verdict(bytes);
    let is_allowed = match (&verdict, status) {
        (Verdict::Open, _) | (Verdict::Unfinished, None) => true,
        (Verdict::Unfinished | Verdict::Malformed, Some(status)) => REFUSALS.contains(&status),
        (Verdict::Among(statuses), Some(status)) => statuses.contains(&status),
        (_, None) => false,
    };
    assert!(is_allowed, "{verdict:?}, but {status:?} to {}", bytes.escape_ascii());
}
