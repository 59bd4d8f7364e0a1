//! Content codings (RFC 9110 section 8.4.1): their tokens, their numbers in a payload, and values
//! per coding. The compiler's `render/compress.rs` compresses content.

use std::{
    fmt,
    ops::{Index, IndexMut},
};

/// How content is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ContentCoding {
    /// Not encoded.
    Identity = 0,
    /// The gzip format of RFC 1952.
    Gzip = 1,
    /// The brotli format of RFC 7932.
    Brotli = 2,
}

impl ContentCoding {
    /// Every coding; its index is its number in a payload.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Gzip, Self::Brotli];

    /// Other tokens that requests may use (RFC 9110 section 8.4.1.3).
    const ALIASES: [(&str, Self); 1] = [("x-gzip", Self::Gzip)];

    /// The token in a `Content-Encoding` field.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// The coding with this token or alias, in any case.
    #[must_use]
    pub fn from_token(token: &[u8]) -> Option<Self> {
        let is_token = |name: &str| token.eq_ignore_ascii_case(name.as_bytes());
        let coding = Self::ALL.into_iter().find(|coding| is_token(coding.token()));
        let alias = || Self::ALIASES.into_iter().find(|(name, _)| is_token(name));
        coding.or_else(|| alias().map(|(_, coding)| coding))
    }

    /// The number in a payload.
    #[must_use]
    pub fn to_u8(self) -> u8 {
        self as u8
    }

    /// The coding with this number in a payload.
    #[must_use]
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl fmt::Display for ContentCoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}

/// One value for each content coding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByCoding<T>([T; ContentCoding::ALL.len()]);

impl<T> ByCoding<T> {
    /// The values with their codings, in the order of [`ContentCoding::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (ContentCoding, &T)> {
        ContentCoding::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<ContentCoding> for ByCoding<T> {
    type Output = T;

    fn index(&self, coding: ContentCoding) -> &T {
        &self.0[coding as usize]
    }
}

impl<T> IndexMut<ContentCoding> for ByCoding<T> {
    fn index_mut(&mut self, coding: ContentCoding) -> &mut T {
        &mut self.0[coding as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_coding_is_found_by_its_number_and_its_token() {
        for (index, coding) in ContentCoding::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(coding.to_u8()), index, "{coding}");
            assert_eq!(ContentCoding::from_u8(coding.to_u8()), Some(coding));
            assert_eq!(ContentCoding::from_token(coding.token().as_bytes()), Some(coding));
        }
        let rows = [
            ("GZip", Some(ContentCoding::Gzip)),
            ("X-GZIP", Some(ContentCoding::Gzip)),
            ("brotli", None),
            ("gzip ", None),
            ("", None),
        ];
        for (token, expected) in rows {
            assert_eq!(ContentCoding::from_token(token.as_bytes()), expected, "{token:?}");
        }
        assert_eq!(ContentCoding::from_u8(u8::MAX), None);
    }
}
