//! Responses, and their bytes on the wire.

use chapbook_format::{PathFields, path};

use super::{
    date::DateField,
    error_response::{ALLOW, ErrorResponse},
    gate::WellKnownFile,
    secret::Secret,
    transmit::Transmit,
};
use crate::site::{ContentCursor, Head, RedirectHead, Representation};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\n";

/// The page for a request without the secret. Its link helps if a page of another site led here:
/// then browsers withhold the cookie that has just been set (`SameSite=Strict`).
const SECRET_NEEDED: &str = include_str!("secret_needed.html");

/// A response that contains no part of the request.
#[derive(Debug, Clone, Copy)]
pub(super) enum StaticResponse<'s> {
    /// 200.
    Complete(Representation<'s>),
    /// 404 with a not-found page, and the fields of the path.
    NotFound { page: Representation<'s>, fields: &'s [u8] },
    /// 206 with the bytes from the first to the last.
    Part { representation: Representation<'s>, first: u64, last: u64 },
    /// 304.
    NotModified(Representation<'s>),
    /// A redirect.
    Redirect(RedirectHead<'s>),
    /// 200 with the identity of the site as JSON.
    Identity(&'s str),
    /// 200 with a file of the server itself.
    WellKnown(&'s WellKnownFile),
    /// 403 with a page that says to ask for the link.
    SecretNeeded,
    /// 204 to OPTIONS, with the fields of the path.
    Options { fields: &'s [u8] },
    /// An error.
    Error(ErrorResponse),
    /// An error of a path.
    PathError { error: ErrorResponse, details: PathErrorDetails<'s> },
    /// 416 for content of this length.
    Unsatisfiable { length: u64, details: PathErrorDetails<'s> },
}

/// What an error depends on besides its kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct PathErrorDetails<'s> {
    /// The fields of the path.
    pub(super) fields: &'s [u8],
    /// Whether the responses at the path vary with `Accept-Encoding`.
    pub(super) varies: bool,
}

impl PathErrorDetails<'_> {
    /// For a path without fields of its own, or without a path.
    const DEFAULT: Self = Self { fields: PathFields::DEFAULT.text, varies: false };
}

/// The response to a request, which may borrow from the request. What happens to the connection
/// after it is in `PlannedResponse`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Response<'a, 's> {
    Static(StaticResponse<'s>),
    /// A redirect to a location that contains a part of the request.
    Redirect(RequestRedirect<'a, 's>),
}

/// A redirect to a location that contains a part of the request.
#[derive(Debug, Clone, Copy)]
pub(super) enum RequestRedirect<'a, 's> {
    /// By a rule of the site.
    Rule {
        head: RedirectHead<'s>,
        /// The rest of the path, as the client sent it; empty unless the location contains it.
        rest: &'a [u8],
        /// The query with its `?`, as the client sent it; likewise.
        query: &'a [u8],
    },
    /// To the same URL with the scheme `https`.
    ToHttps {
        /// The host with its port, as the client sent it.
        host: &'a [u8],
        path: &'a [u8],
        /// The query with its `?`.
        query: &'a [u8],
    },
    /// To the same URL without the secret, which a cookie has from then on.
    WithCookie {
        secret: &'s Secret,
        path: &'a [u8],
        /// The two parts of the query, with its `?`.
        query: (&'a [u8], &'a [u8]),
        /// Whether the cookie is sent over TLS only.
        is_secure: bool,
    },
}

/// The `Connection` field of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Persistence {
    /// No field: the version of HTTP implies that the connection stays open.
    Implied,
    /// `Connection: keep-alive`, for HTTP/1.0.
    KeepAlive,
    /// `Connection: close`.
    Close,
}

impl<'s> StaticResponse<'s> {
    /// Whether the connection must be closed after this response.
    pub(super) fn ends_connection(&self) -> bool {
        matches!(self, Self::Error(error) if error.ends_connection())
    }

    /// The status code.
    fn status(&self) -> u16 {
        match self {
            Self::Complete(representation) => representation.head.shared.status,
            Self::NotFound { .. } => 404,
            Self::Part { .. } => 206,
            Self::NotModified(_) => 304,
            Self::Redirect(head) => head.shared.status,
            Self::Identity(_) | Self::WellKnown(_) => 200,
            Self::SecretNeeded => 403,
            Self::Options { .. } => 204,
            Self::Error(error) | Self::PathError { error, .. } => error.status(),
            Self::Unsatisfiable { .. } => 416,
        }
    }

    /// Writes the head except for its last fields, and returns the content.
    fn write_head(&self, out: &mut Transmit<'s>) -> ContentCursor<'s> {
        match self {
            Self::Complete(representation) => {
                push_head(out, &representation.head);
                representation.content.all()
            }
            Self::NotFound { page, fields } => {
                push_head(out, &page.head);
                out.push(fields);
                page.content.all()
            }
            Self::Part { representation, first, last } => {
                write_part(out, representation, *first, *last)
            }
            Self::NotModified(representation) => {
                out.push(b"HTTP/1.1 304 Not Modified\r\n");
                out.push(representation.head.shared.fields_for_304());
                out.push(representation.head.entity_tag_line());
                ContentCursor::default()
            }
            Self::Redirect(head) => {
                out.push(head.shared.text);
                out.push(head.location);
                ContentCursor::default()
            }
            Self::Identity(json) => write_own(out, OK, "application/json", json.as_bytes()),
            Self::WellKnown(file) => write_own(out, OK, file.media_type, &file.content),
            Self::SecretNeeded => {
                const FORBIDDEN: &[u8] = b"HTTP/1.1 403 Forbidden\r\n";
                write_own(out, FORBIDDEN, "text/html; charset=utf-8", SECRET_NEEDED.as_bytes())
            }
            Self::Options { fields } => {
                out.push(b"HTTP/1.1 204 No Content\r\n");
                out.push(ALLOW.as_bytes());
                out.push(fields);
                ContentCursor::default()
            }
            Self::Error(error) => write_error(out, *error, PathErrorDetails::DEFAULT),
            Self::PathError { error, details } => write_error(out, *error, *details),
            Self::Unsatisfiable { length, details } => {
                let content = write_error(out, ErrorResponse::RangeNotSatisfiable, *details);
                out.push(b"Content-Range: bytes */");
                out.push_number(*length);
                out.push(b"\r\n");
                content
            }
        }
    }
}

impl<'s> Response<'_, 's> {
    /// The status code.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Static(response) => response.status(),
            Self::Redirect(RequestRedirect::Rule { head, .. }) => head.shared.status,
            Self::Redirect(RequestRedirect::ToHttps { .. }) => 308,
            Self::Redirect(RequestRedirect::WithCookie { .. }) => 303,
        }
    }

    /// The response, if it contains no part of the request.
    pub(super) fn as_static(&self) -> Option<&StaticResponse<'s>> {
        match self {
            Self::Static(response) => Some(response),
            Self::Redirect(_) => None,
        }
    }

    /// Writes the response, with its content unless `has_content` is false. Returns the content
    /// that is written.
    pub(super) fn write(
        &self,
        out: &mut Transmit<'s>,
        date: &DateField,
        persistence: Persistence,
        has_content: bool,
    ) -> ContentCursor<'s> {
        let content = match self {
            Self::Static(response) => response.write_head(out),
            Self::Redirect(redirect) => {
                redirect.write_head(out);
                ContentCursor::default()
            }
        };
        match persistence {
            Persistence::Implied => out.push(date.last_line()),
            Persistence::KeepAlive => {
                out.push(b"Connection: keep-alive\r\n");
                out.push(date.last_line());
            }
            Persistence::Close => {
                out.push(b"Connection: close\r\n");
                out.push(date.last_line());
            }
        }
        if !has_content {
            return ContentCursor::default();
        }
        out.push_content(content);
        content
    }
}

impl RequestRedirect<'_, '_> {
    /// Writes the head except for its last fields.
    fn write_head(&self, out: &mut Transmit<'_>) {
        match self {
            Self::Rule { head, rest, query } => {
                let [shared, before, between, after] = head.parts();
                out.push(shared);
                out.push(before);
                push_path_rest(out, rest);
                out.push(between);
                push_query(out, query);
                out.push(after);
            }
            // It must not be stored: the next server at this address may have no TLS. The host is
            // valid (`is_host`), so the location is at this host whatever the path is.
            Self::ToHttps { host, path, query } => {
                out.push(b"HTTP/1.1 308 Permanent Redirect\r\nContent-Length: 0\r\n");
                out.push(b"Cache-Control: no-store\r\n");
                out.push(PathFields::DEFAULT.text);
                out.push(b"Location: https://");
                out.push(host);
                push_path(out, path);
                push_query(out, query);
                out.push(b"\r\n");
            }
            Self::WithCookie { secret, path, query, is_secure } => {
                out.push(b"HTTP/1.1 303 See Other\r\nContent-Length: 0\r\n");
                out.push(b"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n");
                out.push(PathFields::DEFAULT.text);
                secret.set_cookie().into_iter().for_each(|part| out.push(part));
                out.push(b"; Path=/; HttpOnly; SameSite=Strict");
                out.push(if *is_secure { b"; Secure" } else { b"" });
                out.push(b"\r\nLocation: /");
                push_path_rest(out, path);
                push_query(out, query.0);
                push_query(out, query.1);
                out.push(b"\r\n");
            }
        }
    }
}

/// Writes a head except for its last fields.
fn push_head(out: &mut Transmit<'_>, head: &Head<'_>) {
    out.push(head.shared.text);
    out.push(head.own);
}

/// Writes the head of a response that the site does not have, except for its last fields, and
/// returns the content.
fn write_own<'s>(
    out: &mut Transmit<'s>,
    status_line: &[u8],
    media_type: &str,
    content: &'s [u8],
) -> ContentCursor<'s> {
    out.push(status_line);
    out.push(b"Content-Length: ");
    out.push_number(content.len() as u64);
    out.push(b"\r\nContent-Type: ");
    out.push(media_type.as_bytes());
    out.push(b"\r\nCache-Control: no-store\r\n");
    out.push(PathFields::DEFAULT.text);
    ContentCursor::intact(content)
}

/// Writes the rest of a path in a `Location` field. It cannot split the response, since a target
/// contains no control characters; and it cannot start the name of another host, since its leading
/// slashes are dropped, and `\`, which browsers treat as a slash, is encoded.
fn push_path_rest(out: &mut Transmit<'_>, rest: &[u8]) {
    let start = rest.iter().position(|&byte| byte != b'/').unwrap_or(rest.len());
    push_path(out, &rest[start..]);
}

/// Writes a path in a `Location` field, percent-encoded.
fn push_path(out: &mut Transmit<'_>, path: &[u8]) {
    for piece in path.chunk_by(|&a, &b| is_plain(a) && is_plain(b)) {
        match piece {
            [byte] if !is_plain(*byte) => out.push(&path::percent_encoded(*byte)),
            plain => out.push(plain),
        }
    }
}

/// Writes a query in a `Location` field: byte for byte if RFC 3986 section 3.4 allows all of it;
/// otherwise the bytes that it does not allow are percent-encoded. It cannot split the response,
/// for the same reason as a path, and it cannot change the host, since it begins with `?`.
fn push_query(out: &mut Transmit<'_>, query: &[u8]) {
    let mut rest = query;
    loop {
        let (valid, after) = rest.split_at(path::valid_query_prefix(rest));
        out.push(valid);
        let Some((byte, after)) = after.split_first() else { return };
        out.push(&path::percent_encoded(*byte));
        rest = after;
    }
}

/// Whether a byte of a request path, which is percent-encoded already, needs no encoding.
fn is_plain(byte: u8) -> bool {
    path::is_segment_byte(byte) || matches!(byte, b'/' | b'%')
}

/// Writes the head of a 206 except for its last fields, and returns the part.
fn write_part<'s>(
    out: &mut Transmit<'s>,
    representation: &Representation<'s>,
    first: u64,
    last: u64,
) -> ContentCursor<'s> {
    let length = representation.content.len();
    // `range.rs` clamps both to the length of the content, so neither bound changes here.
    let start = usize::try_from(first).unwrap_or(usize::MAX).min(length);
    let end = usize::try_from(last).map_or(length, |it| it.saturating_add(1));
    let part = representation.content.part(start, end.clamp(start, length));
    out.push(b"HTTP/1.1 206 Partial Content\r\nContent-Length: ");
    out.push_number(part.len() as u64);
    out.push(b"\r\nContent-Range: bytes ");
    out.push_number(first);
    out.push(b"-");
    out.push_number(last);
    out.push(b"/");
    out.push_number(length as u64);
    out.push(b"\r\n");
    out.push(representation.head.shared.fields_for_206());
    out.push(representation.head.entity_tag_line());
    part
}

/// Writes the head of an error except for its last fields, and returns the content. `no-store`: an
/// error may not recur, and a 404, 405, 414 or 501 could be cached otherwise (RFC 9110 section
/// 15.1).
fn write_error<'s>(
    out: &mut Transmit<'s>,
    error: ErrorResponse,
    details: PathErrorDetails<'_>,
) -> ContentCursor<'s> {
    let sentence = error.sentence();
    out.push(error.status_line().as_bytes());
    out.push(b"Content-Length: ");
    out.push_number(sentence.len() as u64);
    out.push(b"\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n");
    out.push(details.fields);
    out.push(error.extra_fields().as_bytes());
    if details.varies {
        out.push(b"Vary: Accept-Encoding\r\n");
    }
    ContentCursor::intact(sentence.as_bytes())
}
