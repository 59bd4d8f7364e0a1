//! Keys of routes. The compiler makes them from file names, the server from request targets.
//!
//! A key is the absolute path after one round of percent-decoding, byte for byte. Nothing else is
//! normalised: no dot segments are removed, no slashes merged, no case folded, so that a path that
//! is not a route cannot become one.

use std::borrow::Cow;

use crate::asset_extensions::is_asset_extension;

/// Why a request path has no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// A `%` that is not followed by two hexadecimal digits (RFC 3986 section 2.1), or a control
    /// character, which no route contains and which must not get into a log or a header.
    Malformed,
    /// An encoded `/`. It is data, not a separator (RFC 3986 section 2.2), and no file name can
    /// contain it, so the path is well formed but has no route.
    EncodedSlash,
}

/// The key of a request path, borrowed from it if nothing is encoded.
///
/// `scratch` receives the decoded bytes and must be as long as `path`.
///
/// # Errors
///
/// See [`DecodeError`].
pub fn key<'a>(path: &'a [u8], scratch: &'a mut [u8]) -> Result<&'a [u8], DecodeError> {
    if !path.contains(&b'%') {
        return Ok(path);
    }
    let mut length = 0;
    let mut has_encoded_slash = false;
    let mut rest = path.iter();
    while let Some(&byte) = rest.next() {
        let decoded = match byte {
            b'%' => escaped(rest.next().copied(), rest.next().copied())?,
            other => other,
        };
        has_encoded_slash |= byte == b'%' && decoded == b'/';
        *scratch.get_mut(length).ok_or(DecodeError::Malformed)? = decoded;
        length += 1;
    }
    // Reported last: a path that is malformed anywhere is malformed.
    if has_encoded_slash { Err(DecodeError::EncodedSlash) } else { Ok(&scratch[..length]) }
}

/// The key of a path in a file of a site; `None` if it cannot be decoded or is not UTF-8, so that
/// no file name matches it.
#[must_use]
pub fn text_key(path: &str) -> Option<String> {
    let mut scratch = vec![0; path.len()];
    let key = key(path.as_bytes(), &mut scratch).ok()?;
    std::str::from_utf8(key).ok().map(str::to_owned)
}

/// The rest of a request path after the first `length` bytes of its key.
#[must_use]
pub fn path_after(path: &[u8], length: usize) -> &[u8] {
    let mut rest = path;
    for _ in 0..length {
        rest = match rest {
            [b'%', _, _, rest @ ..] | [_, rest @ ..] => rest,
            [] => rest,
        };
    }
    rest
}

fn escaped(high: Option<u8>, low: Option<u8>) -> Result<u8, DecodeError> {
    let digit = |byte: Option<u8>| {
        let value = char::from(byte?).to_digit(16)?;
        u8::try_from(value).ok()
    };
    let (Some(high), Some(low)) = (digit(high), digit(low)) else {
        return Err(DecodeError::Malformed);
    };
    match high << 4 | low {
        byte if byte.is_ascii_control() => Err(DecodeError::Malformed),
        byte => Ok(byte),
    }
}

/// Whether a path is that of a page and not of an asset: its last segment does not end with an
/// extension of assets. Only the path decides, so no response varies by another field.
#[must_use]
pub fn is_navigation(key: &[u8]) -> bool {
    let last = key.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    match last.iter().rposition(|&byte| byte == b'.') {
        Some(dot) => !is_asset_extension(&last[dot + 1..]),
        None => true,
    }
}

/// Percent-encodes a path for a reference or a `Location` field: all characters except those that
/// RFC 3986 section 3.3 allows in a path.
#[must_use]
pub fn encode(path: &str) -> Cow<'_, str> {
    encode_except(path, b"/")
}

/// Percent-encodes the rest of a reference that may be partly encoded and may have a query or
/// fragment: `%`, `?` and `#` stay as they are.
#[must_use]
pub fn encode_rest(reference: &str) -> Cow<'_, str> {
    encode_except(reference, b"/%?#")
}

/// Whether RFC 3986 section 3.3 allows this byte in a segment of a path without encoding.
#[must_use]
pub fn is_segment_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte)
}

/// The length of the longest prefix of a query, with its `?`, that RFC 3986 section 3.4 allows
/// without further encoding.
#[must_use]
pub fn valid_query_prefix(query: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match &query[at..] {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => at += 3,
            [byte, ..] if is_segment_byte(*byte) || matches!(byte, b'/' | b'?') => at += 1,
            _ => return at,
        }
    }
}

/// The percent-encoded form of a byte (RFC 3986 section 2.1).
#[must_use]
pub fn percent_encoded(byte: u8) -> [u8; 3] {
    let digit = |nibble: u8| b"0123456789ABCDEF"[usize::from(nibble)];
    [b'%', digit(byte >> 4), digit(byte & 15)]
}

/// A table of the ASCII letters, the digits and these other ASCII bytes: for every byte of a text,
/// a look-up is faster than comparisons.
#[must_use]
pub const fn letters_digits_and(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
}

fn encode_except<'a>(text: &'a str, kept: &[u8]) -> Cow<'a, str> {
    let is_plain = |byte: u8| is_segment_byte(byte) || kept.contains(&byte);
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(percent_encoded(byte).map(char::from));
        }
    }
    Cow::Owned(encoded)
}

#[cfg(test)]
mod tests {
    use super::{DecodeError::*, *};

    #[test]
    fn a_request_path_is_decoded_once_and_not_normalised() {
        let rows: &[(&str, Result<&str, DecodeError>)] = &[
            ("/", Ok("/")),
            ("/book", Ok("/book")),
            ("/%62ook", Ok("/book")),
            ("/a%20b", Ok("/a b")),
            ("/%c3%A9", Ok("/é")),
            ("/%252e", Ok("/%2e")),
            ("/../x", Ok("/../x")),
            ("/%2e%2e/x", Ok("/../x")),
            ("//x", Ok("//x")),
            ("/a%2fb", Err(EncodedSlash)),
            ("/a%2Fb", Err(EncodedSlash)),
            ("/a%2Fb%2", Err(Malformed)),
            ("/a%00b", Err(Malformed)),
            ("/a%0d%0ab", Err(Malformed)),
            ("/a%7f", Err(Malformed)),
            ("/%", Err(Malformed)),
            ("/%4", Err(Malformed)),
            ("/%zz", Err(Malformed)),
            ("/%+1", Err(Malformed)),
        ];
        for (path, expected) in rows {
            let mut scratch = vec![0; path.len()];
            let key = key(path.as_bytes(), &mut scratch);
            assert_eq!(key, expected.map(str::as_bytes), "{path}");
        }
    }

    #[test]
    fn the_rest_of_a_path_follows_a_prefix_of_its_key() {
        let rows = [
            ("/old/a", 5, "a"),
            ("/%6fld/a%20b", 5, "a%20b"),
            ("/old%2", 9, ""),
            ("/old/", 5, ""),
            ("/%C3%A9/%C3%A9", 4, "%C3%A9"),
        ];
        for (path, length, expected) in rows {
            assert_eq!(path_after(path.as_bytes(), length), expected.as_bytes(), "{path}");
        }
    }

    #[test]
    fn a_path_without_an_extension_of_assets_is_a_navigation() {
        let rows = [
            ("/", true),
            ("/about", true),
            ("/about/", true),
            ("/v1.2", true),
            ("/v2.0/x", true),
            ("/x.js/", true),
            ("/x.js/y", true),
            ("/user/jo.doe", true),
            ("/user/st.john", true),
            ("/mail/jo.doe@example.com", true),
            ("/site/example.org", true),
            ("/site/example.me", true),
            ("/app/com.example.notes", true),
            ("/@x/y@1.0.0", true),
            ("/just.a.test", true),
            ("/first.step", true),
            ("/10.1000/xyz123", true),
            ("/192.168.1.1", true),
            ("/2024.01.15", true),
            ("/U.S.A.", true),
            ("/.well-known", true),
            ("/nope.js", false),
            ("/NOPE.JS", false),
            ("/a/x.png", false),
            ("/app.js.map", false),
            ("/.js", false),
            ("/jo.doe/photo.jpeg", false),
            ("/site.webmanifest", false),
            ("/install.sh", false),
            ("/x.tar.gz", false),
        ];
        for (key, expected) in rows {
            assert_eq!(is_navigation(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn a_query_is_valid_up_to_the_first_byte_that_must_be_encoded() {
        let rows = [
            ("", 0),
            ("?", 1),
            ("?a=b&c=%2F:@/?-._~!$'()*+,;", 27),
            ("?%4", 1),
            ("?%zz", 1),
            ("?a%", 2),
            ("?a#b", 2),
            ("?a b", 2),
            ("?a[b]", 2),
            ("?a\\", 2),
            ("?a\r\n", 2),
            ("?a\"", 2),
            ("?a\u{e9}", 2),
        ];
        for (query, expected) in rows {
            assert_eq!(valid_query_prefix(query.as_bytes()), expected, "{query}");
        }
    }

    #[test]
    fn a_path_survives_encoding_and_decoding() {
        for path in ["/", "/a b", "/é/ü.html", "/100%", "/q?x#y", "/a\\b", "/[x]|{y}", "/it's;ok"]
        {
            let encoded = encode(path);
            let mut scratch = vec![0; encoded.len()];
            assert_eq!(key(encoded.as_bytes(), &mut scratch), Ok(path.as_bytes()), "{encoded}");
            assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()), "{encoded}");
        }
    }
}
