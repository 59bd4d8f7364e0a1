//! Fields that the author of a site gives to paths, for the responses that have no head of their
//! own: those to OPTIONS, and errors.
//!
//! In a payload:
//!
//! ```text
//! u8    1 if the key is a prefix
//! text  key
//! u32   start of the fields for errors, from the start of the fields
//! text  fields, each with CR LF
//! ```

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_text},
};

/// The fields for a path, or for all paths that begin with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathFields<T> {
    /// The key of the path, or the prefix of the keys.
    pub key: T,
    /// Whether it is a prefix.
    pub is_prefix: bool,
    /// The fields for a response to OPTIONS, each with its CR LF.
    pub text: T,
    /// Where the fields start that an error has, too: not `Cache-Control`, because an error must
    /// not be stored.
    pub for_errors_at: u32,
}

impl<T: AsRef<[u8]>> PathFields<T> {
    /// The same fields, borrowed.
    pub fn as_bytes(&self) -> PathFields<&[u8]> {
        let Self { key, is_prefix, text, for_errors_at } = self;
        PathFields {
            key: key.as_ref(),
            is_prefix: *is_prefix,
            text: text.as_ref(),
            for_errors_at: *for_errors_at,
        }
    }
}

impl<'a> PathFields<&'a [u8]> {
    /// The fields for paths that get none from the author.
    pub const DEFAULT: Self = Self {
        key: b"",
        is_prefix: true,
        text: b"X-Content-Type-Options: nosniff\r\n",
        for_errors_at: 0,
    };

    /// Whether the fields are for this key.
    #[must_use]
    pub fn matches(&self, key: &[u8]) -> bool {
        if self.is_prefix { key.starts_with(self.key) } else { key == self.key }
    }

    /// The fields of an error.
    #[must_use]
    pub fn for_errors(&self) -> &'a [u8] {
        let at = usize::try_from(self.for_errors_at).unwrap_or(usize::MAX);
        self.text.get(at..).unwrap_or_default()
    }

    /// Reads fields; `None` if the position is outside of the text.
    pub(super) fn read(from: &mut ByteReader<'a>) -> Option<Self> {
        let (is_prefix, key) = (from.u8()? != 0, from.text()?);
        let (for_errors_at, text) = (from.u32()?, from.text()?);
        let is_within = usize::try_from(for_errors_at).is_ok_and(|at| at <= text.len());
        is_within.then_some(Self { key, is_prefix, text, for_errors_at })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.push(u8::from(self.is_prefix));
        push_text(to, self.key)?;
        to.extend(self.for_errors_at.to_le_bytes());
        push_text(to, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: PathFields<&[u8]> =
        PathFields { key: b"/a", is_prefix: false, text: b"abc", for_errors_at: 2 };

    #[test]
    fn fields_are_read_as_they_were_written_and_their_position_is_within_them() {
        for (for_errors_at, expected) in [(0, Some(&b"abc"[..])), (3, Some(b"")), (4, None)] {
            let fields = PathFields { for_errors_at, ..FIELDS };
            let mut bytes = Vec::new();
            fields.write(&mut bytes).unwrap();
            let read = PathFields::read(&mut ByteReader::new(&bytes));
            assert_eq!(read.map(|it| it.for_errors()), expected);
            assert!(read.is_none_or(|it| it == fields));
        }
    }

    #[test]
    fn fields_match_a_key_or_its_prefix() {
        let prefix = PathFields { is_prefix: true, ..FIELDS };
        for (key, is_equal, is_below) in
            [("/a", true, true), ("/ab", false, true), ("/", false, false)]
        {
            let key = key.as_bytes();
            assert_eq!((FIELDS.matches(key), prefix.matches(key)), (is_equal, is_below));
        }
        assert!(PathFields::DEFAULT.matches(b""));
    }
}
