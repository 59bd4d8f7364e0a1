//! Answers to requests, and their bytes.

use chapbook_format::path;

use super::{
    date::DateField,
    error_response::{ALLOW, ErrorResponse},
    transmit::Transmit,
};
use crate::site::{Head, Representation, UnverifiedContent};

/// An answer that contains no part of the request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    /// 200, or 404 with a not-found page, as the head says.
    Complete(Representation),
    /// 206 with the bytes from the first to the last.
    Part { representation: Representation, first: u64, last: u64 },
    /// 304.
    NotModified(Representation),
    /// A redirect.
    Redirect(Head),
    /// 204 to OPTIONS.
    Options,
    /// An error.
    Refused(ErrorResponse),
    /// An error for a resource whose answers vary with `Accept-Encoding`.
    RefusedVarying(ErrorResponse),
    /// 416 for content of this length.
    Unsatisfiable { length: u64, varies: bool },
}

/// The response to a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Response<'a> {
    Answer(Answer),
    /// A redirect to a location that contains the rest of the path: the head before it, after it,
    /// and the rest itself.
    SplatRedirect {
        status: u16,
        before: &'static [u8],
        after: &'static [u8],
        rest: &'a [u8],
    },
    /// None yet: this content must be verified first.
    Wait(UnverifiedContent),
}

/// What an answer says about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Persistence {
    /// What the version implies.
    Implied,
    /// `Connection: keep-alive`, for HTTP/1.0.
    Kept,
    /// `Connection: close`.
    Closed,
}

impl Answer {
    /// Whether the connection must be closed after this answer.
    pub(super) fn ends_connection(&self) -> bool {
        matches!(self, Self::Refused(error) if error.ends_connection())
    }

    /// The status code.
    fn status(&self) -> u16 {
        match self {
            Self::Complete(representation) => representation.head.status,
            Self::Part { .. } => 206,
            Self::NotModified(_) => 304,
            Self::Redirect(head) => head.status,
            Self::Options => 204,
            Self::Refused(error) | Self::RefusedVarying(error) => error.status(),
            Self::Unsatisfiable { .. } => 416,
        }
    }

    /// Writes the head except for its last fields, and returns the content.
    fn write_head(&self, out: &mut Transmit) -> &'static [u8] {
        match self {
            Self::Complete(representation) => {
                out.push(representation.head.text);
                representation.content.bytes()
            }
            Self::Part { representation, first, last } => part(out, representation, *first, *last),
            Self::NotModified(representation) => {
                out.push(b"HTTP/1.1 304 Not Modified\r\n");
                out.push(representation.head.fields_for_304());
                b""
            }
            Self::Redirect(head) => {
                out.push(head.text);
                b""
            }
            Self::Options => {
                out.push(b"HTTP/1.1 204 No Content\r\n");
                out.push(ALLOW.as_bytes());
                out.push(b"X-Content-Type-Options: nosniff\r\n");
                b""
            }
            Self::Refused(error) => refuse(out, *error, false),
            Self::RefusedVarying(error) => refuse(out, *error, true),
            Self::Unsatisfiable { length, varies } => {
                let content = refuse(out, ErrorResponse::RangeNotSatisfiable, *varies);
                out.push(b"Content-Range: bytes */");
                out.push_number(*length);
                out.push(b"\r\n");
                content
            }
        }
    }
}

impl Response<'_> {
    /// The status code; 0 if there is no answer yet.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Answer(answer) => answer.status(),
            Self::SplatRedirect { status, .. } => *status,
            Self::Wait(_) => 0,
        }
    }

    /// The answer, if it contains no part of the request.
    pub(super) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answer(answer) => Some(answer),
            Self::SplatRedirect { .. } | Self::Wait(_) => None,
        }
    }

    /// Writes the response, without its content for HEAD, and returns the length of the content.
    pub(super) fn write(
        &self,
        out: &mut Transmit,
        date: &DateField,
        persistence: Persistence,
        has_content: bool,
    ) -> u64 {
        let content = match self {
            Self::Answer(answer) => answer.write_head(out),
            Self::SplatRedirect { before, after, rest, .. } => {
                out.push(before);
                push_rest(out, rest);
                out.push(after);
                b""
            }
            // There is a response once the content is verified.
            Self::Wait(_) => return 0,
        };
        match persistence {
            Persistence::Implied => out.push(date.last_line()),
            Persistence::Kept => {
                out.push(b"Connection: keep-alive\r\n");
                out.push(date.last_line());
            }
            Persistence::Closed => {
                out.push(b"Connection: close\r\n");
                out.push(date.last_line());
            }
        }
        if !has_content {
            return 0;
        }
        out.push_content(content);
        content.len() as u64
    }
}

/// Writes the rest of a path in a `Location` field. It cannot split the response, since a target
/// contains no control characters; and it cannot start the name of another host, since its leading
/// slashes are dropped, and `\`, which browsers treat as a slash, is encoded.
fn push_rest(out: &mut Transmit, rest: &[u8]) {
    let start = rest.iter().position(|&byte| byte != b'/').unwrap_or(rest.len());
    for piece in rest[start..].chunk_by(|&a, &b| is_plain(a) && is_plain(b)) {
        match piece {
            [byte] if !is_plain(*byte) => out.push(&path::percent_encoded(*byte)),
            plain => out.push(plain),
        }
    }
}

/// Whether a byte of a request path, which is percent-encoded already, needs no encoding.
fn is_plain(byte: u8) -> bool {
    path::is_segment_byte(byte) || matches!(byte, b'/' | b'%')
}

fn part(
    out: &mut Transmit,
    representation: &Representation,
    first: u64,
    last: u64,
) -> &'static [u8] {
    let content = representation.content.bytes();
    // `range` clamped both to the content, whose length is a `usize`.
    let start = usize::try_from(first).unwrap_or(usize::MAX).min(content.len());
    let end = usize::try_from(last).map_or(content.len(), |it| it.saturating_add(1));
    let part = &content[start..end.clamp(start, content.len())];
    out.push(b"HTTP/1.1 206 Partial Content\r\nContent-Length: ");
    out.push_number(part.len() as u64);
    out.push(b"\r\nContent-Range: bytes ");
    out.push_number(first);
    out.push(b"-");
    out.push_number(last);
    out.push(b"/");
    out.push_number(content.len() as u64);
    out.push(b"\r\n");
    out.push(representation.head.fields_for_206());
    part
}

/// Writes an error. `no-store`: an error may not recur, and a 404, 405, 414 or 501 could be cached
/// otherwise (RFC 9110 section 15.1).
fn refuse(out: &mut Transmit, error: ErrorResponse, varies: bool) -> &'static [u8] {
    let sentence = error.sentence();
    out.push(error.status_line().as_bytes());
    out.push(b"Content-Length: ");
    out.push_number(sentence.len() as u64);
    out.push(
        b"\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n\
          X-Content-Type-Options: nosniff\r\n",
    );
    out.push(error.fields().as_bytes());
    if varies {
        out.push(b"Vary: Accept-Encoding\r\n");
    }
    sentence.as_bytes()
}
