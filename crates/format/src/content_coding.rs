//! This file owns the names of the content codings that a site is carried in, at both ends.

use std::fmt;

/// How content is coded (RFC 9110 section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentCoding {
    /// Not at all.
    Identity,
    /// The gzip format of RFC 1952.
    Gzip,
    /// The brotli format of RFC 7932.
    Brotli,
}

impl ContentCoding {
    /// The name in a `Content-Encoding` field.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }
}

impl fmt::Display for ContentCoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}
