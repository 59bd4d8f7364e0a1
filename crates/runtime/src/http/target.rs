//! Request targets and hosts (RFC 9112 section 3.2, RFC 3986 section 3.2).

use std::net::Ipv6Addr;

use chapbook_format::path;

use super::{error_response::ErrorResponse, method::Method};

/// The target of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// A path.
    Path {
        /// As the client sent it, percent-encoded.
        path: &'a [u8],
        /// Whether it contains a `%`.
        is_encoded: bool,
        /// With its `?`; empty if there is no query.
        query: &'a [u8],
    },
    /// The server: `OPTIONS *`.
    Server,
    /// A host and port, for CONNECT.
    Authority,
}

impl<'a> Target<'a> {
    /// Parses the target of a request line, which contains no space.
    pub(super) fn parse(method: Method, text: &'a [u8]) -> Result<Self, ErrorResponse> {
        // A target has no fragment (RFC 9112 section 3.2), and bytes beyond ASCII are
        // percent-encoded. Most targets have no query, and are scanned once.
        let (path, is_encoded, query) = split_query(text);
        if query.iter().any(|&byte| byte == b'#' || !byte.is_ascii_graphic()) {
            return Err(ErrorResponse::BadRequest);
        }
        match (method, text) {
            (Method::Connect, _) => {
                let has_port = text.contains(&b':');
                if has_port && is_host(text) {
                    Ok(Self::Authority)
                } else {
                    Err(ErrorResponse::BadRequest)
                }
            }
            (_, [b'/', ..]) => Ok(Self::Path { path, is_encoded, query }),
            // An unknown method may have any target.
            (Method::Options | Method::Unknown, b"*") => Ok(Self::Server),
            _ => Self::parse_absolute(method, text),
        }
    }

    /// Parses `absolute-form`, which clients send to a proxy and every server must accept (RFC 9112
    /// section 3.2.2).
    fn parse_absolute(method: Method, text: &'a [u8]) -> Result<Self, ErrorResponse> {
        let colon = text.iter().position(|&byte| byte == b':').ok_or(ErrorResponse::BadRequest)?;
        let (scheme, rest) = text.split_at(colon);
        let rest = rest.strip_prefix(b"://").ok_or(ErrorResponse::BadRequest)?;
        let is_scheme_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        if !scheme.first().is_some_and(u8::is_ascii_alphabetic)
            || !scheme.iter().all(is_scheme_byte)
        {
            return Err(ErrorResponse::BadRequest);
        }
        let end = rest.iter().position(|&byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // User information is refused, too: RFC 9110 section 4.2.4 calls it a likely attempt to
        // obscure the authority.
        if authority.is_empty() || !is_host(authority) {
            return Err(ErrorResponse::BadRequest);
        }
        if !scheme.eq_ignore_ascii_case(b"http") {
            return Err(ErrorResponse::MisdirectedRequest);
        }
        match (method, path) {
            // RFC 9112 section 3.2.4: a client of a proxy writes `OPTIONS *` like this.
            (Method::Options, []) => Ok(Self::Server),
            (_, [] | [b'?', ..]) => Ok(Self::Path { path: b"/", is_encoded: false, query: path }),
            _ => {
                let (path, is_encoded, query) = split_query(path);
                Ok(Self::Path { path, is_encoded, query })
            }
        }
    }

    /// The query with its `?`; empty if there is no query.
    pub(super) fn query(self) -> &'a [u8] {
        match self {
            Self::Path { query, .. } => query,
            Self::Server | Self::Authority => b"",
        }
    }
}

/// Splits a target before its query, or before the first byte that no target contains. Also says
/// whether there is a `%` before it.
fn split_query(text: &[u8]) -> (&[u8], bool, &[u8]) {
    let is_end = |&byte: &u8| matches!(byte, b'?' | b'#') || !byte.is_ascii_graphic();
    let first = text.iter().position(|byte| *byte == b'%' || is_end(byte)).unwrap_or(text.len());
    let is_encoded = text.get(first) == Some(&b'%');
    let end = match text.get(first..) {
        Some(rest) if is_encoded => first + rest.iter().position(is_end).unwrap_or(rest.len()),
        _ => first,
    };
    let (path, query) = text.split_at(end);
    (path, is_encoded, query)
}

/// Whether a text is `uri-host [ ":" port ]` (RFC 9110 section 7.2) with a host that is not empty:
/// an empty Host is for URIs without an authority, and `http` has none of these.
pub(super) fn is_host(text: &[u8]) -> bool {
    let (host, port) = if text.first() == Some(&b'[') {
        let Some(end) = text.iter().position(|&byte| byte == b']') else { return false };
        let (literal, port) = text.split_at(end + 1);
        if !is_ip_literal(&literal[1..end]) {
            return false;
        }
        (literal, port)
    } else {
        let end = text.iter().position(|&byte| byte == b':').unwrap_or(text.len());
        let (host, port) = text.split_at(end);
        if !is_registered_name(host) {
            return false;
        }
        (host, port)
    };
    !host.is_empty() && is_port(port)
}

/// Whether a text is empty, or a colon and a valid port: `port = *DIGIT`.
fn is_port(text: &[u8]) -> bool {
    match text {
        [] | [b':'] => true,
        [b':', digits @ ..] => super::fields::parse_number(digits).is_some_and(|it| it <= 65535),
        _ => false,
    }
}

/// `IPv6address / IPvFuture`, without the brackets.
fn is_ip_literal(text: &[u8]) -> bool {
    if let [b'v' | b'V', rest @ ..] = text {
        let mut parts = rest.splitn(2, |&byte| byte == b'.');
        let version = parts.next().unwrap_or_default();
        let address = parts.next().unwrap_or_default();
        return !version.is_empty()
            && version.iter().all(u8::is_ascii_hexdigit)
            && !address.is_empty()
            && address.iter().all(|&byte| byte == b':' || is_unreserved_or_delimiter(byte));
    }
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// `reg-name = *( unreserved / pct-encoded / sub-delims )`, of which an IPv4 address is one.
fn is_registered_name(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| !is_unreserved_or_delimiter(byte)) {
        rest = match &rest[at..] {
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest
            }
            _ => return false,
        };
    }
    true
}

/// `unreserved / sub-delims`. A table, since each byte of every Host is checked.
fn is_unreserved_or_delimiter(byte: u8) -> bool {
    const IS_ONE: [bool; 256] = path::letters_digits_and(b"-._~!$&'()*+,;=");
    IS_ONE[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::{Target::*, *};

    fn path<'a>(path: &'a str, query: &'a str) -> Target<'a> {
        let is_encoded = path.contains('%');
        Path { path: path.as_bytes(), is_encoded, query: query.as_bytes() }
    }

    #[test]
    fn each_form_of_a_target_is_parsed_for_the_methods_that_have_it() {
        const BAD: Result<Target<'static>, ErrorResponse> = Err(ErrorResponse::BadRequest);
        let rows: &[(Method, &str, Result<Target<'_>, ErrorResponse>)] = &[
            (Method::Get, "/", Ok(path("/", ""))),
            (Method::Get, "/a?b?c", Ok(path("/a", "?b?c"))),
            (Method::Get, "/a|b", Ok(path("/a|b", ""))),
            (Method::Get, "/%", Ok(path("/%", ""))),
            (Method::Get, "/a%20b%?%", Ok(path("/a%20b%", "?%"))),
            (Method::Get, "/a?%20", Ok(path("/a", "?%20"))),
            (Method::Get, "http://x/%61?b", Ok(path("/%61", "?b"))),
            (Method::Get, "/%20#", BAD),
            (Method::Get, "/%20\u{e9}", BAD),
            (Method::Get, "//a", Ok(path("//a", ""))),
            (Method::Get, "http://x", Ok(path("/", ""))),
            (Method::Get, "HTTP://x:80/b?c", Ok(path("/b", "?c"))),
            (Method::Get, "http://x?y", Ok(path("/", "?y"))),
            (Method::Get, "http://[::1]:8/b", Ok(path("/b", ""))),
            (Method::Options, "*", Ok(Server)),
            (Method::Options, "http://x", Ok(Server)),
            (Method::Options, "http://x/", Ok(path("/", ""))),
            (Method::Connect, "x:443", Ok(Authority)),
            (Method::Get, "https://x/", Err(ErrorResponse::MisdirectedRequest)),
            (Method::Get, "ftp://x/", Err(ErrorResponse::MisdirectedRequest)),
            (Method::Get, "https://u@x/", BAD),
            (Method::Get, "*", BAD),
            (Method::Options, "**", BAD),
            (Method::Get, "book", BAD),
            (Method::Get, "?x", BAD),
            (Method::Get, "#", BAD),
            (Method::Get, "/a#b", BAD),
            (Method::Get, "/a?", Ok(path("/a", "?"))),
            (Method::Get, "/a?b#c", BAD),
            (Method::Get, "/a?\u{e9}", BAD),
            (Method::Get, "http://x/?#", BAD),
            (Method::Get, "/\u{e9}", BAD),
            (Method::Get, "http:/x", BAD),
            (Method::Get, "http:///x", BAD),
            (Method::Get, "http://u@x/", BAD),
            (Method::Get, "http://x:80x/", BAD),
            (Method::Get, "1http://x/", BAD),
            (Method::Connect, "/", BAD),
            (Method::Connect, "x", BAD),
        ];
        for (method, text, expected) in rows {
            assert_eq!(Target::parse(*method, text.as_bytes()), *expected, "{method:?} {text}");
        }
    }

    #[test]
    fn a_host_follows_rfc_3986() {
        let good = [
            "localhost",
            "a:80",
            "a:",
            "127.0.0.1:8080",
            "[::1]",
            "[::1]:8080",
            "[v1.x]",
            "foo_bar.example",
            "a!$&'()*+;=b",
            "example.com.",
            "a%20b",
            "a:65535",
        ];
        let bad = [
            "", ":80", "a b", "a/x", "u@a", "a:abc", "a:1:2", "::1", "[::1", "[::g]", "[]", "{",
            "\"a\"", "http://a", "a#b", "a?b", "a%zz", "a%2", "a:98777", "[::1]x", "\u{ff}",
            "[v1]",
        ];
        for (host, expected) in
            good.iter().map(|it| (it, true)).chain(bad.iter().map(|it| (it, false)))
        {
            assert_eq!(is_host(host.as_bytes()), expected, "{host}");
        }
    }
}
