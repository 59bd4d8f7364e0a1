//! This file owns what is said to a request and how it is put into bytes. It decides nothing.

use chapbook_format::path;

use super::{
    date::DateField,
    error_response::{ALLOW, ErrorResponse},
    transmit::Transmit,
};
use crate::site::Representation;

/// What is said to a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    /// 200, or 404 with the site's own page: the head says which.
    Whole(Representation),
    /// 206 with the bytes from the first to the last.
    Part { representation: Representation, first: u64, last: u64 },
    /// 304.
    NotModified(Representation),
    /// 308, with this head.
    Redirect(&'static [u8]),
    /// 204 to OPTIONS.
    Options,
    /// Nothing of the site's.
    Refused(ErrorResponse),
    /// The same, of a resource whose answers vary with `Accept-Encoding`.
    RefusedVarying(ErrorResponse),
    /// 416 for content of this length.
    Unsatisfiable { length: u64, varies: bool },
}

/// What is said to a request, perhaps with a part of its own path in it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Response<'a> {
    /// Nothing of the request.
    Answer(Answer),
    /// A redirect to where the rest of the path belongs, between these two parts of its head.
    SplatRedirect { before: &'static [u8], after: &'static [u8], rest: &'a [u8] },
    /// Nothing before this content is looked at, which takes its time.
    Wait(Representation),
}

/// What an answer says of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Persistence {
    /// What the version implies.
    Implied,
    /// `Connection: keep-alive`, which HTTP/1.0 must be told.
    Kept,
    /// `Connection: close`.
    Closed,
}

impl Answer {
    /// Whether nothing after this answer should be heard.
    pub(super) fn ends_connection(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.ends_connection())
    }

    /// The status code.
    fn status(&self) -> u16 {
        match self {
            Self::Whole(representation) => status_in(representation.head().whole()),
            Self::Part { .. } => 206,
            Self::NotModified(_) => 304,
            Self::Redirect(head) => status_in(head),
            Self::Options => 204,
            Self::Refused(refusal) | Self::RefusedVarying(refusal) => {
                status_in(refusal.status_line().as_bytes())
            }
            Self::Unsatisfiable { .. } => 416,
        }
    }

    /// Puts everything but the last fields into bytes, and returns the content.
    fn write_head(self, out: &mut Transmit) -> &'static [u8] {
        match self {
            Self::Whole(representation) => {
                let (head, content) = representation.head_and_content();
                out.push(head.whole());
                content
            }
            Self::Part { representation, first, last } => part(out, representation, first, last),
            Self::NotModified(representation) => {
                out.push(b"HTTP/1.1 304 Not Modified\r\n");
                out.push(representation.head().fields_for_304());
                b""
            }
            Self::Redirect(head) => {
                out.push(head);
                b""
            }
            Self::Options => {
                out.push(b"HTTP/1.1 204 No Content\r\n");
                out.push(ALLOW.as_bytes());
                out.push(b"X-Content-Type-Options: nosniff\r\n");
                b""
            }
            Self::Refused(refusal) => refuse(out, refusal, false),
            Self::RefusedVarying(refusal) => refuse(out, refusal, true),
            Self::Unsatisfiable { length, varies } => {
                let content = refuse(out, ErrorResponse::RangeNotSatisfiable, varies);
                out.push(b"Content-Range: bytes */");
                out.push_number(length);
                out.push(b"\r\n");
                content
            }
        }
    }
}

/// The code behind `HTTP/1.1 `; 0 where there is none.
fn status_in(head: &[u8]) -> u16 {
    let code = head.get(9..12).unwrap_or_default();
    code.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit.wrapping_sub(b'0')))
}

impl Response<'_> {
    /// The status code; 0 as long as it is not known.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Answer(answer) => answer.status(),
            Self::SplatRedirect { before, .. } => status_in(before),
            Self::Wait(_) => 0,
        }
    }

    /// The answer, if it holds nothing of the request.
    pub(super) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answer(answer) => Some(answer),
            Self::SplatRedirect { .. } | Self::Wait(_) => None,
        }
    }

    /// Puts it into bytes, without its content for HEAD, and returns how long its content is.
    pub(super) fn write(
        self,
        out: &mut Transmit,
        date: &DateField,
        persistence: Persistence,
        has_content: bool,
    ) -> u64 {
        let content = match self {
            Self::Answer(answer) => answer.write_head(out),
            Self::SplatRedirect { before, after, rest } => {
                out.push(before);
                push_rest(out, rest);
                out.push(after);
                b""
            }
            // It is asked for again once it is known.
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

/// The rest of a path in a `Location` field. It can't split the answer, since a target holds no
/// control characters; it can't begin the name of another host either, since the slashes it begins
/// with are dropped, and a `\`, which browsers take for one, is encoded.
fn push_rest(out: &mut Transmit, rest: &[u8]) {
    let start = rest.iter().position(|&byte| byte != b'/').unwrap_or(rest.len());
    for piece in rest[start..].chunk_by(|&a, &b| is_plain(a) && is_plain(b)) {
        match piece {
            [byte] if !is_plain(*byte) => out.push(&path::percent_encoded(*byte)),
            plain => out.push(plain),
        }
    }
}

/// Whether a byte of a request's path, which is percent-encoded already, may stand as it is.
fn is_plain(byte: u8) -> bool {
    path::is_segment_byte(byte) || matches!(byte, b'/' | b'%')
}

fn part(
    out: &mut Transmit,
    representation: Representation,
    first: u64,
    last: u64,
) -> &'static [u8] {
    let content = representation.content();
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
    out.push(representation.head().fields_for_206());
    part
}

/// `no-store`: what went wrong once is no answer for the next time, and 404, 405, 414 and 501 could
/// be kept otherwise (RFC 9110 section 15.1).
fn refuse(out: &mut Transmit, refusal: ErrorResponse, varies: bool) -> &'static [u8] {
    let sentence = refusal.sentence();
    out.push(refusal.status_line().as_bytes());
    out.push(b"Content-Length: ");
    out.push_number(sentence.len() as u64);
    out.push(
        b"\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n\
          X-Content-Type-Options: nosniff\r\n",
    );
    out.push(refusal.fields().as_bytes());
    if varies {
        out.push(b"Vary: Accept-Encoding\r\n");
    }
    sentence.as_bytes()
}
