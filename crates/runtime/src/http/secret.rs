//! Secret of a link: a token in the query of a URL, which a cookie replaces afterwards.

use std::{borrow::Cow, fmt};

use chapbook_format::digest;
use subtle::ConstantTimeEq;

/// The name of the parameter in the query.
const PARAMETER: &str = "secret";
/// The number of digits of a token: 128 bits.
const DIGITS: usize = 32;
/// The number of digits in the name of the cookie.
const NAME_DIGITS: usize = 8;

/// The secret of a server. Its text is never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Hexadecimal digits.
    token: String,
    /// Browsers send the cookies of all ports of a host to each of them, so that servers with one
    /// name would replace each other's secrets.
    cookie: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

impl Secret {
    /// A secret of random bits.
    #[must_use]
    pub fn new(random: [u8; DIGITS / 2]) -> Self {
        let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
        let digits = |byte: u8| [digit(byte >> 4), digit(byte & 15)];
        let token: String = random.into_iter().flat_map(digits).collect();
        let name = digest::hexadecimal(&digest::of(token.as_bytes()));
        Self { token, cookie: format!("chapbook-{}", &name[..NAME_DIGITS]) }
    }

    /// The query of a link with this secret, with its `?`.
    #[must_use]
    pub fn query(&self) -> String {
        format!("?{PARAMETER}={}", self.token)
    }

    /// A text for the log: with `***` in place of each token, also of one that is cut at the end.
    #[must_use]
    pub fn without_token<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let token = self.token.as_bytes();
        let find = |text: &[u8]| {
            (0..text.len())
                .find(|&at| token.starts_with(&text[at..][..token.len().min(text.len() - at)]))
        };
        let Some(mut at) = find(text) else { return Cow::Borrowed(text) };
        let (mut replaced, mut rest) = (Vec::new(), text);
        loop {
            replaced.extend_from_slice(&rest[..at]);
            replaced.extend_from_slice(b"***");
            rest = rest.get(at + token.len()..).unwrap_or_default();
            match find(rest) {
                Some(next) => at = next,
                None => break,
            }
        }
        replaced.extend_from_slice(rest);
        Cow::Owned(replaced)
    }

    /// Whether a text is the token, in a time that does not tell where they differ.
    fn is_token(&self, text: &[u8]) -> bool {
        text.ct_eq(self.token.as_bytes()).into()
    }

    /// The parts of a query, with its `?`, before and after the parameter with the token. Both
    /// together are the query without it.
    pub(super) fn split_query<'a>(&self, query: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let mut start = 1;
        for part in query.get(1..)?.split(|&byte| byte == b'&') {
            let end = start + part.len();
            let value = part.strip_prefix(PARAMETER.as_bytes());
            if value.and_then(|it| it.strip_prefix(b"=")).is_some_and(|it| self.is_token(it)) {
                let after = &query[end..];
                return Some(match (start, after) {
                    (1, []) => (&[], &[]),
                    // The next parameter takes the place of this one.
                    (1, [_, after @ ..]) => (&query[..1], after),
                    _ => (&query[..start - 1], after),
                });
            }
            start = end + 1;
        }
        None
    }

    /// Whether a `Cookie` field has the token (RFC 6265 section 4.2.1).
    pub(super) fn is_in_cookies(&self, value: &[u8]) -> bool {
        value.split(|&byte| byte == b';').any(|pair| {
            let pair = pair.trim_ascii();
            let value = pair.strip_prefix(self.cookie.as_bytes());
            value.and_then(|it| it.strip_prefix(b"=")).is_some_and(|it| self.is_token(it))
        })
    }

    /// The field that sets the cookie, without its attributes and line end.
    pub(super) fn set_cookie(&self) -> [&[u8]; 4] {
        [b"Set-Cookie: ", self.cookie.as_bytes(), b"=", self.token.as_bytes()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::new([0xab; 16])
    }

    #[test]
    fn a_query_is_split_around_the_token() {
        let token = "ab".repeat(16);
        let rows: &[(&str, Option<&str>)] = &[
            ("?secret=T", Some("")),
            ("?a=b&secret=T", Some("?a=b")),
            ("?secret=T&a=b", Some("?a=b")),
            ("?a&secret=T&b", Some("?a&b")),
            ("?secret=x&secret=T", Some("?secret=x")),
            ("?secret=T&secret=T", Some("?secret=T")),
            ("?secret=x", None),
            ("?secret=", None),
            ("?secret", None),
            ("?xsecret=T", None),
            ("?secret=Tx", None),
            ("?", None),
            ("", None),
        ];
        for (query, expected) in rows {
            let query = query.replace('T', &token);
            let split = secret()
                .split_query(query.as_bytes())
                .map(|parts| <[_]>::concat(&<[_; 2]>::from(parts)));
            let expected = expected.map(|it| it.replace('T', &token).into_bytes());
            assert_eq!(split, expected, "{query}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let [_, name, _, token] = secret().set_cookie().map(<[u8]>::to_vec);
        let [name, token] = [name, token].map(|it| String::from_utf8(it).expect("it is ASCII"));
        let rows: &[(&str, bool)] = &[
            ("N=T", true),
            ("a=b; N=T", true),
            ("a=b;N=T ;c", true),
            ("N=x; N=T", true),
            ("N=x", false),
            ("xN=T", false),
            ("N=Tx", false),
            ("N", false),
            ("a=T", false),
            ("", false),
        ];
        for (cookies, expected) in rows {
            let cookies = cookies.replace('N', &name).replace('T', &token);
            assert_eq!(secret().is_in_cookies(cookies.as_bytes()), *expected, "{cookies}");
        }
    }

    #[test]
    fn each_token_in_a_text_is_replaced() {
        let token = "ab".repeat(16);
        let rows = [
            ("", ""),
            ("x", "x"),
            ("T", "***"),
            ("xTyTTz", "x***y******z"),
            ("xTabab", "x******"),
            ("ababx", "ababx"),
            ("x a", "x ***"),
        ];
        for (text, expected) in rows {
            let text = text.replace('T', &token);
            assert_eq!(*secret().without_token(text.as_bytes()), *expected.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_secret_is_not_in_its_debug_text() {
        assert_eq!(format!("{:?}", secret()), "Secret { .. }");
    }
}
