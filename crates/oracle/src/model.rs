//! A model of the server: the expected responses to any bytes on a connection to the default site.
//!
//! It implements the RFCs independently of the server, without regard to speed. If they leave a
//! choice, it follows docs/http.md. Limits and timeouts are not modelled.

use chapbook::embedded_site;

use crate::{
    accept_encoding,
    entity_tags::{self, TagMatch},
    exchange::{CODINGS, Weights, page, trim},
    framing::{ContentEnd, content_end},
    head::{self, ERROR_STATUSES, ParsedRequest},
    path,
    range::{self, Selection},
    response::{self, Response},
};

/// An expected response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedResponse {
    /// The status is one of these.
    pub statuses: Vec<u16>,
    /// Whether it responds to HEAD and thus has no content.
    pub is_to_head: bool,
    /// The content, if the model defines it.
    pub content: Option<Vec<u8>>,
}

/// The expected output of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The responses, in order.
    pub responses: Vec<ExpectedResponse>,
    /// The state after the last response.
    pub end: End,
}

/// The state of a connection after the last response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It waits for the next request.
    Waits,
    /// A request is incomplete. An error response is possible.
    Unfinished,
    /// It is closed.
    Closes,
    /// It is closed, and the client sent more after announcing its last request (RFC 9112 section
    /// 9.6). The last response can get lost.
    ClosesWithInput,
    /// The model does not define it.
    Unknown,
}

const EMPTY_LINES_MAX: usize = 4;

/// The expected output for these bytes.
pub fn expected(mut bytes: &[u8]) -> Expected {
    let mut responses = Vec::new();
    loop {
        let mut empty_lines = 0;
        while let Some(rest) = bytes.strip_prefix(b"\r\n") {
            bytes = rest;
            empty_lines += 1;
        }
        if bytes.is_empty() {
            return Expected { responses, end: End::Waits };
        }
        if empty_lines > EMPTY_LINES_MAX {
            return rejected(responses, false);
        }
        let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else {
            return Expected { responses, end: End::Unfinished };
        };
        if end > 8000 {
            return Expected { responses, end: End::Unknown };
        }
        let is_to_head = bytes.starts_with(b"HEAD ");
        let Some(request) = head::request(&bytes[..end]) else {
            return rejected(responses, is_to_head);
        };
        let Some(is_valid) = is_valid(&request) else {
            return Expected { responses, end: End::Unknown };
        };
        let content =
            if is_valid { content_end(&request, &bytes[end + 4..]) } else { ContentEnd::Invalid };
        let length = match content {
            ContentEnd::Invalid => return rejected(responses, is_to_head),
            ContentEnd::Unfinished => {
                return Expected { responses, end: End::Unfinished };
            }
            ContentEnd::Unknown => {
                return Expected { responses, end: End::Unknown };
            }
            ContentEnd::At(length) => length,
        };
        let Some(response) = response_to(&request) else {
            return Expected { responses, end: End::Unknown };
        };
        // The connection is closed after a malformed request.
        let is_malformed = response.statuses == [400];
        responses.push(response);
        bytes = &bytes[end + 4 + length..];
        if is_malformed || !is_persistent(&request) {
            let has_more = !is_malformed && !bytes.is_empty();
            let end = if has_more { End::ClosesWithInput } else { End::Closes };
            return Expected { responses, end };
        }
    }
}

fn rejected(mut responses: Vec<ExpectedResponse>, is_to_head: bool) -> Expected {
    responses.push(ExpectedResponse {
        statuses: ERROR_STATUSES.to_vec(),
        is_to_head,
        content: None,
    });
    Expected { responses, end: End::Closes }
}

/// Whether version and host are valid; `None` if the model does not define it.
fn is_valid(request: &ParsedRequest<'_>) -> Option<bool> {
    let hosts: Vec<&[u8]> = request.values("host").collect();
    let is_plain = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-');
    let is_host = |host: &&[u8]| !host.is_empty() && host.iter().all(is_plain);
    let is_expecting = request.values("expect").next().is_some();
    if is_expecting || request.fields.len() > 100 || !request.target.starts_with('/') {
        return None;
    }
    match (request.version, hosts.as_slice()) {
        ("HTTP/1.0", []) => Some(true),
        ("HTTP/1.0" | "HTTP/1.1", [host]) => is_host(host).then_some(true),
        ("HTTP/1.0" | "HTTP/1.1", _) => Some(false),
        _ => None,
    }
}

/// Whether the connection persists after the response (section 9.3).
fn is_persistent(request: &ParsedRequest<'_>) -> bool {
    let options = request.values("connection").flat_map(|it| it.split(|byte| *byte == b','));
    let options: Vec<Vec<u8>> = options.map(|it| trim(it).to_ascii_lowercase()).collect();
    let has = |option: &str| options.iter().any(|it| it == option.as_bytes());
    !has("close") && (request.version == "HTTP/1.1" || has("keep-alive"))
}

fn response_to(request: &ParsedRequest<'_>) -> Option<ExpectedResponse> {
    let is_to_head = request.method == "HEAD";
    let status = path::status_of(request.target.as_bytes());
    let plain = |status| ExpectedResponse { statuses: vec![status], is_to_head, content: None };
    match (request.method, status) {
        ("GET" | "HEAD", 200) => found(request, is_to_head),
        ("GET" | "HEAD", status) => Some(plain(status)),
        ("OPTIONS", 200) => Some(plain(204)),
        ("POST" | "PUT" | "DELETE" | "PATCH" | "TRACE", _) => Some(plain(405)),
        _ => None,
    }
}

/// The response with content, after evaluating conditions in the order of RFC 9110 section 13.2.2.
fn found(request: &ParsedRequest<'_>, is_to_head: bool) -> Option<ExpectedResponse> {
    let content = file_at(request.target);
    let only = |name: &str| {
        let values: Vec<&[u8]> = request.values(name).collect();
        if values.len() > 1 { None } else { Some(values.first().copied()) }
    };
    let others = ["if-unmodified-since", "if-modified-since", "if-range"];
    if others.iter().any(|it| request.values(it).next().is_some()) {
        return None;
    }
    let response =
        |status, content| Some(ExpectedResponse { statuses: vec![status], is_to_head, content });
    // The tags and bytes of compressed representations are not known.
    let coding = match only("accept-encoding")? {
        None => Some("identity"),
        Some(value) => accept_encoding::weights(value).and_then(preferred_coding),
    };
    let (if_match, if_none_match) = (only("if-match")?, only("if-none-match")?);
    if coding != Some("identity") {
        let is_unconditional = if_match.is_none() && if_none_match.is_none();
        let is_complete = request.values("range").next().is_none();
        let statuses = if coding.is_some() { vec![200] } else { vec![200, 406] };
        let response = ExpectedResponse { statuses, is_to_head, content: None };
        return (is_unconditional && is_complete).then_some(response);
    }
    let is_page = request.target == "/";
    let found = |list: &[u8]| match list {
        b"*" => Some(TagMatch { strong: true, weak: true }),
        list if is_page => entity_tags::matches(page().tag(), std::str::from_utf8(list).ok()?),
        _ => None,
    };
    if let Some(list) = if_match
        && !found(list)?.strong
    {
        return response(412, None);
    }
    if let Some(list) = if_none_match {
        let TagMatch { strong, weak } = found(list)?;
        if strong || weak {
            return response(304, None);
        }
    }
    match only("range")?.filter(|_| !is_to_head) {
        None => response(200, Some(content)),
        Some(value) => match range::selected(value, content.len()) {
            Selection::Part(first, last) => response(206, Some(content[first..=last].to_vec())),
            Selection::Unsatisfiable => response(416, None),
            Selection::Ignored => response(200, Some(content)),
        },
    }
}

/// The coding with the highest weight, or identity if no other one is acceptable.
fn preferred_coding(weights: Weights) -> Option<&'static str> {
    let most = weights.iter().flatten().max().copied().unwrap_or(0);
    if most == 0 {
        return (weights[0] != Some(0)).then_some("identity");
    }
    let best = weights[1..].iter().position(|it| *it == Some(most));
    Some(best.map_or("identity", |at| CODINGS[at + 1]))
}

/// The content of the file that is served at a target, determined from file names alone.
fn file_at(target: &str) -> Vec<u8> {
    let key = path::key_of(target.as_bytes()).expect("it was found");
    let key = String::from_utf8(key).expect("the default site has such paths only");
    let path = key.strip_prefix('/').expect("it begins with a slash");
    let names = match path {
        "" => vec!["index.html".to_owned()],
        path => vec![path.to_owned(), format!("{path}.html"), format!("{path}.json")],
    };
    let files = embedded_site().files();
    let of_name = |name: &String| files.iter().find(|it| it.path == name.as_bytes());
    names.iter().find_map(of_name).expect("a file is served there").content.bytes().to_vec()
}

/// Compares the output of a connection with the expected one. Unless it is complete, the output can
/// be cut anywhere.
///
/// # Errors
///
/// The first difference.
pub fn check(received: &[u8], expected: &Expected, is_complete: bool) -> Result<(), String> {
    let mut rest = received;
    for (number, expected) in expected.responses.iter().enumerate() {
        // It replaces the response to a request that arrived too late.
        if !is_complete && is_last_response(rest, &[408]) {
            return Ok(());
        }
        let Some((response, length)) = response::parse(rest, expected.is_to_head) else {
            return if is_complete {
                Err(format!("response {number} is missing after {}", received.escape_ascii()))
            } else {
                check_start(rest, expected)
            };
        };
        check_response(&response, expected).map_err(|it| format!("response {number}: {it}"))?;
        rest = &rest[length..];
    }
    if rest.is_empty() || expected.end == End::Unknown {
        return Ok(());
    }
    // An incomplete or late request can be rejected.
    let is_cut = !is_complete && response::parse(rest, false).is_none();
    let can_reject = matches!(expected.end, End::Waits | End::Unfinished);
    if can_reject && (is_last_response(rest, &ERROR_STATUSES) || is_cut) {
        return Ok(());
    }
    Err(format!("unexpected output: {}", rest.escape_ascii()))
}

/// Whether the output of a connection ends within a response.
pub fn is_cut(received: &[u8], expected: &Expected) -> bool {
    let mut rest = received;
    for expected in &expected.responses {
        let Some((_, length)) = response::parse(rest, expected.is_to_head) else { break };
        rest = &rest[length..];
    }
    let is_intact = |is_head| response::parse(rest, is_head).is_some_and(|it| it.1 == rest.len());
    !rest.is_empty() && expected.end != End::Unknown && ![false, true].into_iter().any(is_intact)
}

/// Whether this is a single response with one of these statuses.
fn is_last_response(bytes: &[u8], statuses: &[u16]) -> bool {
    let parsed = [false, true].map(|is_head| response::parse(bytes, is_head));
    let mut complete = parsed.into_iter().flatten().filter(|(_, length)| *length == bytes.len());
    complete.any(|(response, _)| statuses.contains(&response.status))
}

fn check_response(response: &Response, expected: &ExpectedResponse) -> Result<(), String> {
    if !expected.statuses.contains(&response.status) {
        return Err(format!("status {}, not one of {:?}", response.status, expected.statuses));
    }
    let date = response.field("date").ok_or("no date")?;
    // The length of IMF-fixdate is constant (RFC 9110 section 5.6.7).
    if date.len() != "Sun, 06 Nov 1994 08:49:37 GMT".len() || !date.ends_with(" GMT") {
        return Err(format!("the date is {date}"));
    }
    match &expected.content {
        Some(content) if !expected.is_to_head && *content != response.content => {
            Err(format!("wrong content: {}", response.content.escape_ascii()))
        }
        _ => Ok(()),
    }
}

/// Compares the start of a response with the expected one.
fn check_start(bytes: &[u8], expected: &ExpectedResponse) -> Result<(), String> {
    let is_start = |line: &[u8]| line.starts_with(bytes) || bytes.starts_with(line);
    if !is_start(b"HTTP/1.1 ") {
        return Err(format!("not a response: {}", bytes.escape_ascii()));
    }
    let head_end = bytes.windows(4).position(|it| it == b"\r\n\r\n");
    match (head_end, &expected.content) {
        (Some(end), Some(content)) if !content.starts_with(&bytes[end + 4..]) => {
            // A late request is rejected, with another content.
            let status = String::from_utf8_lossy(&bytes[9..12]).parse().unwrap_or(0);
            let is_error = ERROR_STATUSES.contains(&status);
            if is_error { Ok(()) } else { Err("wrong content".to_owned()) }
        }
        _ => Ok(()),
    }
}
