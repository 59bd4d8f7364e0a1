//! Parser of request heads: bytes in, a valid [`RequestHead`] or an error response out. It checks
//! what httparse does not: bare line feeds, limits, hosts.
//!
//! Invariant: the outcome depends on the bytes only, never on how they were split into reads. Only
//! the complete lines of an incomplete head are parsed, and the earlier one of two faults counts.

use std::mem::MaybeUninit;

use httparse::{Error, Header, Request, Status};

use super::{
    error_response::ErrorResponse,
    fields::{Fields, Name},
    framing::Framing,
    lines::{Ending, LENGTH_WITHIN_LIMITS, Lines, empty_lines},
    method::Method,
    target::{Target, is_host},
};
use crate::limits::FIELD_COUNT_MAX;

/// A request without its body.
#[derive(Debug)]
pub(super) struct RequestHead<'a> {
    pub(super) method: Method,
    pub(super) target: Target<'a>,
    pub(super) fields: Fields<'a>,
    pub(super) framing: Framing,
    pub(super) is_http_1_0: bool,
    /// Whether the client wants the connection to stay open.
    pub(super) keeps_alive: bool,
    /// What the client expects before it sends the body.
    pub(super) expectation: Expectation,
}

/// The `Expect` field (RFC 9110 section 10.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expectation {
    None,
    Continue,
    Unknown,
}

/// Buffers for the fields of a head: one for each of the two ways to parse it.
pub(super) type FieldBuffers<'a> = [FieldBuffer<'a>; 2];

type FieldBuffer<'a> = [MaybeUninit<Header<'a>>; FIELD_COUNT_MAX];

/// Uninitialized buffers.
pub(super) const fn field_buffers<'a>() -> FieldBuffers<'a> {
    [const { [const { MaybeUninit::uninit() }; FIELD_COUNT_MAX] }; 2]
}

/// Outcome of parsing.
#[derive(Debug)]
pub(super) enum ParsedHead<'a> {
    /// More bytes are needed.
    Partial,
    /// A head, and its length in bytes with the empty lines before it.
    Complete(RequestHead<'a>, usize),
}

/// Parses the head at the start of `input`.
pub(super) fn parse<'a>(
    input: &'a [u8],
    buffers: &'a mut FieldBuffers<'a>,
) -> Result<ParsedHead<'a>, ErrorResponse> {
    let [first, second] = buffers;
    let empty = empty_lines(input)?;
    let input = &input[empty..];
    let parsed = match parse_plain(input, first) {
        Some(parsed) => Some(parsed),
        None => parse_by_lines(input, second)?,
    };
    let Some((request, length)) = parsed else { return Ok(ParsedHead::Partial) };
    RequestHead::validate(request).map(|head| ParsedHead::Complete(head, empty + length))
}

/// Fast path: parses a complete head within all limits and with CR LF after each line, as nearly
/// all are. `None` for any other.
///
/// httparse accepts a bare LF as a line end, so the bytes before each field and before the end are
/// checked here.
fn parse_plain<'a>(
    input: &'a [u8],
    buffer: &'a mut FieldBuffer<'a>,
) -> Option<(Request<'a, 'a>, usize)> {
    let input = &input[..input.len().min(LENGTH_WITHIN_LIMITS)];
    let mut request = Request::new(&mut []);
    let Ok(Status::Complete(length)) = request.parse_with_uninit_headers(input, buffer) else {
        return None;
    };
    let is_after_line = |header: &Header<'_>| {
        let at = header.name.as_ptr().addr().wrapping_sub(input.as_ptr().addr());
        input.get(..at).is_some_and(|before| before.ends_with(b"\r\n"))
    };
    let is_plain = !input.starts_with(b"\n")
        && input[..length].ends_with(b"\r\n\r\n")
        && request.headers.iter().all(is_after_line);
    is_plain.then_some((request, length))
}

/// Parses only the complete lines, so that the earliest fault is found.
fn parse_by_lines<'a>(
    input: &'a [u8],
    buffer: &'a mut FieldBuffer<'a>,
) -> Result<Option<(Request<'a, 'a>, usize)>, ErrorResponse> {
    let lines = Lines::scan(input);
    if lines.ending == Ending::RequestLineTooLong {
        return Err(ErrorResponse::UriTooLong);
    }
    let mut request = Request::new(&mut []);
    let parsed = request.parse_with_uninit_headers(&input[..lines.length], buffer);
    match (parsed, lines.ending) {
        (Ok(Status::Complete(length)), _) => Ok(Some((request, length))),
        (Err(error), _) => Err(error_response(error, input)),
        (Ok(Status::Partial), Ending::Open) => Ok(None),
        (Ok(Status::Partial), Ending::FieldsTooLong) => Err(ErrorResponse::FieldsTooLarge),
        (Ok(Status::Partial), _) => Err(ErrorResponse::BadRequest),
    }
}

/// Whether an incomplete head exceeds a limit. Cheaper than [`parse`], and called for each piece of
/// input without a line end.
pub(super) fn exceeds_limits(input: &[u8]) -> bool {
    if input.len() <= LENGTH_WITHIN_LIMITS {
        return false;
    }
    let Ok(empty) = empty_lines(input) else { return true };
    let ending = Lines::scan(&input[empty..]).ending;
    matches!(ending, Ending::RequestLineTooLong | Ending::FieldsTooLong)
}

/// Whether a request, even if malformed, is a HEAD request, whose response never has content (RFC
/// 9110 section 9.3.2).
pub(super) fn is_head_request(input: &[u8]) -> bool {
    let empty = empty_lines(input).unwrap_or_default();
    input[empty..].starts_with(b"HEAD ")
}

fn error_response(error: Error, input: &[u8]) -> ErrorResponse {
    match error {
        Error::TooManyHeaders => ErrorResponse::FieldsTooLarge,
        Error::Version => match minor_version(input) {
            Some(_) => ErrorResponse::VersionNotSupported,
            None => ErrorResponse::BadRequest,
        },
        _ => ErrorResponse::BadRequest,
    }
}

/// The position of the minor version in a request line whose version of HTTP httparse does not
/// support; `None` if the line has another fault.
fn minor_version(input: &[u8]) -> Option<usize> {
    let end = input.iter().position(|&byte| byte == b'\r')?;
    let version_at = end.checked_sub("HTTP/1.1".len())?;
    match &input[version_at..end] {
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit()
                && minor.is_ascii_digit()
                && (*major != b'1' || *minor > b'1') =>
        {
            Some(end - 1)
        }
        _ => None,
    }
}

/// Replaces HTTP/1.2 and later minor versions by HTTP/1.1, as RFC 9110 section 2.5 requires.
/// Returns whether anything was replaced.
pub(super) fn lower_minor_version(input: &mut [u8]) -> bool {
    let empty = empty_lines(input).unwrap_or_default();
    let Some(at) = minor_version(&input[empty..]) else { return false };
    let minor_at = empty + at;
    let is_later = input[minor_at - 2] == b'1' && input[minor_at] > b'1';
    if is_later {
        input[minor_at] = b'1';
    }
    is_later
}

/// The request with `http` as the scheme of its absolute target, if that is `https`. It is a byte
/// shorter. For requests over TLS, to which both mean the same.
pub(super) fn with_http_scheme(input: &[u8]) -> Option<Vec<u8>> {
    const SCHEME: &[u8] = b"https";
    let empty = empty_lines(input).unwrap_or_default();
    let after_method = input[empty..].iter().position(|&byte| byte == b' ')?;
    let end = empty + after_method + 1 + SCHEME.len();
    let (before, after) = input.split_at_checked(end)?;
    let has_scheme = before[end - SCHEME.len()..].eq_ignore_ascii_case(SCHEME);
    (has_scheme && after.starts_with(b"://")).then(|| [&before[..end - 1], after].concat())
}

impl<'a> RequestHead<'a> {
    /// Validates what httparse parsed.
    fn validate(request: Request<'a, 'a>) -> Result<Self, ErrorResponse> {
        let Request { method: Some(method), path: Some(path), version: Some(version), headers } =
            request
        else {
            return Err(ErrorResponse::BadRequest);
        };
        let is_http_1_0 = version == 0;
        let method = Method::parse(method);
        let fields = Fields::new(headers);
        check_host(&fields, is_http_1_0)?;
        let target = Target::parse(method, path.as_bytes())?;
        Ok(Self {
            method,
            target,
            framing: Framing::parse(&fields, is_http_1_0)?,
            keeps_alive: keeps_alive(&fields, is_http_1_0),
            expectation: expectation(&fields, is_http_1_0),
            fields,
            is_http_1_0,
        })
    }
}

/// Requires exactly one valid Host in HTTP/1.1, and at most one in HTTP/1.0 (RFC 9112 section 3.2).
fn check_host(fields: &Fields<'_>, is_http_1_0: bool) -> Result<(), ErrorResponse> {
    if is_http_1_0 && !fields.has(Name::Host) {
        return Ok(());
    }
    match fields.only(Name::Host) {
        Some(host) if is_host(host) => Ok(()),
        _ => Err(ErrorResponse::BadRequest),
    }
}

/// RFC 9112 section 9.3: `close` takes precedence, and HTTP/1.0 requires `keep-alive`.
fn keeps_alive(fields: &Fields<'_>, is_http_1_0: bool) -> bool {
    let mut is_kept = !is_http_1_0;
    if !fields.has(Name::Connection) {
        return is_kept;
    }
    for option in fields.members(Name::Connection) {
        if option.eq_ignore_ascii_case(b"close") {
            return false;
        }
        is_kept |= option.eq_ignore_ascii_case(b"keep-alive");
    }
    is_kept
}

/// RFC 9110 section 10.1.1: a server ignores the expectations of HTTP/1.0.
fn expectation(fields: &Fields<'_>, is_http_1_0: bool) -> Expectation {
    if is_http_1_0 || !fields.has(Name::Expect) {
        return Expectation::None;
    }
    let is_continue = |member: &[u8]| member.eq_ignore_ascii_case(b"100-continue");
    if fields.members(Name::Expect).all(is_continue) {
        Expectation::Continue
    } else {
        Expectation::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{FIELD_SECTION_MAX, REQUEST_LINE_MAX};

    fn outcome(input: &[u8]) -> Result<Option<usize>, ErrorResponse> {
        let [mut first, mut second] = field_buffers();
        let empty = empty_lines(input).unwrap_or_default();
        if let Some((_, length)) = parse_plain(&input[empty..], &mut first) {
            let by_lines = parse_by_lines(&input[empty..], &mut second);
            let by_lines = by_lines.map(|parsed| parsed.map(|(_, length)| length));
            assert_eq!(by_lines, Ok(Some(length)), "{}", input.escape_ascii());
        }
        match parse(input, &mut field_buffers())? {
            ParsedHead::Partial => Ok(None),
            ParsedHead::Complete(_, length) => Ok(Some(length)),
        }
    }

    #[test]
    fn a_head_is_complete_partial_or_refused() {
        use ErrorResponse::*;
        let rows: &[(&str, Result<bool, ErrorResponse>)] = &[
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Ok(true)),
            ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Ok(true)),
            ("GET / HTTP/1.0\r\n\r\n", Ok(true)),
            ("GET / HTTP/1.1\r\nHost: a\r\nX:\ty\t\u{ff}\r\n\r\n", Ok(true)),
            ("", Ok(false)),
            ("\r", Ok(false)),
            ("G", Ok(false)),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r", Ok(false)),
            ("\x16\x03\x01", Ok(false)),
            ("\r\n\r\n\r\n\r\n\r\nGET", Err(BadRequest)),
            ("\n", Err(BadRequest)),
            ("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Err(BadRequest)),
            ("\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Err(BadRequest)),
            ("\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Err(BadRequest)),
            ("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", Err(BadRequest)),
            ("GET /\n", Err(BadRequest)),
            ("GET / HTTP/1.1\nHost: a\n\n", Err(BadRequest)),
            ("GET / HTTP/1.1\nHost: a\r\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nHost: a\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nHost: a\r\n\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nX:\nHost: a\r\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: \n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.0\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", Err(BadRequest)),
            ("GET  / HTTP/1.1\r\n", Err(BadRequest)),
            ("GET /  HTTP/1.1\r\n", Err(BadRequest)),
            ("GET /bo ok HTTP/1.1\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1x\r\n", Err(BadRequest)),
            ("GET / HTTP/2.0\r\n", Err(VersionNotSupported)),
            ("GET / HTTP/1.9\r\n", Err(VersionNotSupported)),
            ("GET / HTTP/1.1\r\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Err(BadRequest)),
            ("GET / HTTP/1.0\r\nHost: \u{ff}\r\n\r\n", Err(BadRequest)),
        ];
        for (text, expected) in rows {
            let bytes: Vec<u8> = text.chars().map(|it| it as u8).collect();
            assert_eq!(outcome(&bytes).map(|it| it.is_some()), *expected, "{text:?}");
        }
    }

    #[test]
    fn a_head_that_breaks_a_limit_is_refused_before_it_ends() {
        let line = |length: usize| format!("GET /{}", "a".repeat(length - 5));
        let fields =
            |length: usize| format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "a".repeat(length - 12));
        let many =
            |count: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}", "X: y\r\n".repeat(count - 1));
        let rows = [
            (line(REQUEST_LINE_MAX), Ok(None)),
            (line(REQUEST_LINE_MAX + 2), Err(ErrorResponse::UriTooLong)),
            (fields(FIELD_SECTION_MAX), Ok(None)),
            (fields(FIELD_SECTION_MAX + 2), Err(ErrorResponse::FieldsTooLarge)),
            (many(FIELD_COUNT_MAX), Ok(None)),
            (many(FIELD_COUNT_MAX + 1), Err(ErrorResponse::FieldsTooLarge)),
        ];
        for (text, expected) in rows {
            assert_eq!(outcome(text.as_bytes()), expected, "{} bytes", text.len());
        }
    }

    #[test]
    fn the_earlier_of_two_faults_counts_however_the_bytes_are_split() {
        let long = "a".repeat(9000);
        let texts = [
            format!("GET /\u{1}{long} HTTP/1.1\r\n\r\n"),
            format!("GET / HTTP/2.0\r\nX: {}\n", "a".repeat(20_000)),
            format!("GET / HTTP/1.1\r\nbad line\r\n{}", "X: y\r\n".repeat(200)),
            format!("GET / HTTP/1.1\r\n{}bad line\r\n\r\n", "X: y\r\n".repeat(200)),
            format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\nY\u{1}\r\n\r\n", "a".repeat(9000)),
        ];
        for text in texts {
            let bytes = text.as_bytes();
            let at_once = outcome(bytes).expect_err("each row is refused");
            let first = (0..=bytes.len()).find_map(|end| outcome(&bytes[..end]).err());
            assert_eq!(first, Some(at_once), "{}...", &text[..40]);
        }
    }

    #[test]
    fn a_later_version_of_http_1_is_lowered() {
        let rows: &[(&str, bool)] = &[
            ("GET / HTTP/1.2\r\n", true),
            ("\r\nGET / HTTP/1.9\r\n", true),
            ("GET / HTTP/1.1\r\n", false),
            ("GET / HTTP/2.0\r\n", false),
            ("GET / HTTP/1.10\r\n", false),
            ("", false),
        ];
        for (text, expected) in rows {
            let mut bytes = text.as_bytes().to_vec();
            assert_eq!(lower_minor_version(&mut bytes), *expected, "{text:?}");
        }
    }

    #[test]
    fn the_connection_field_and_the_version_decide_whether_a_connection_stays_open() {
        let rows: &[(&str, &str, bool)] = &[
            ("1.1", "", true),
            ("1.1", "Connection: close\r\n", false),
            ("1.1", "Connection: keep-alive, CLOSE\r\n", false),
            ("1.1", "Connection: keep-alive\r\nConnection: close\r\n", false),
            ("1.1", "Connection: x-close\r\n", true),
            ("1.0", "", false),
            ("1.0", "Connection: Keep-Alive\r\n", true),
            ("1.0", "Connection: keep-alive, close\r\n", false),
        ];
        for (version, field, expected) in rows {
            let text = format!("GET / HTTP/{version}\r\nHost: a\r\n{field}\r\n");
            let mut buffers = field_buffers();
            let Ok(ParsedHead::Complete(head, _)) = parse(text.as_bytes(), &mut buffers) else {
                panic!("{text:?} is complete");
            };
            assert_eq!(head.keeps_alive, *expected, "{text:?}");
        }
    }
}
