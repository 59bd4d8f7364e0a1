//! Heads of redirects, with the positions at which parts of the request's target are inserted.
//!
//! In a payload:
//!
//! ```text
//! u16   status
//! u32   position for the rest of the path, from the start of the text; 0 if it is not inserted
//! u32   position for the query, not before that; 0 if it is not inserted
//! text  status line and fields, each with CR LF
//! ```

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_text},
};

/// The head of a redirect, without `Date`, `Connection` and the empty line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedirectHead<T> {
    /// The status code that the text starts with.
    pub status: u16,
    /// The lines, each with its CR LF.
    pub text: T,
    /// Where the rest of the path is inserted, if the target contains `:splat`.
    pub splat_at: Option<u32>,
    /// Where the query of the request is inserted, unless the target has a query of its own. Not
    /// before `splat_at`.
    pub query_at: Option<u32>,
}

impl<T: AsRef<[u8]>> RedirectHead<T> {
    /// The same head, borrowed.
    pub fn as_bytes(&self) -> RedirectHead<&[u8]> {
        let Self { status, ref text, splat_at, query_at } = *self;
        RedirectHead { status, text: text.as_ref(), splat_at, query_at }
    }
}

impl<'a> RedirectHead<&'a [u8]> {
    /// The text before the rest of the path, between that and the query, and after the query.
    #[must_use]
    pub fn parts(&self) -> [&'a [u8]; 3] {
        let position = |at: Option<u32>, default: usize| {
            at.and_then(|at| usize::try_from(at).ok()).unwrap_or(default).min(self.text.len())
        };
        let splat_at = position(self.splat_at, 0);
        let query_at = position(self.query_at, self.text.len()).max(splat_at);
        let (before, rest) = self.text.split_at(splat_at);
        let (between, after) = rest.split_at(query_at - splat_at);
        [before, between, after]
    }

    /// Reads a head; `None` if its positions are outside of its text or in the wrong order.
    pub(super) fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let status = fields.u16()?;
        let (splat_at, query_at) = (fields.u32()?, fields.u32()?);
        let text = fields.text()?;
        let is_within = |at: u32| usize::try_from(at).is_ok_and(|at| at <= text.len());
        let is_ordered = query_at == 0 || splat_at <= query_at;
        (is_within(splat_at) && is_within(query_at) && is_ordered).then_some(Self {
            status,
            text,
            splat_at: Some(splat_at).filter(|at| *at != 0),
            query_at: Some(query_at).filter(|at| *at != 0),
        })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.status.to_le_bytes());
        to.extend(self.splat_at.unwrap_or(0).to_le_bytes());
        to.extend(self.query_at.unwrap_or(0).to_le_bytes());
        push_text(to, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_read_as_it_was_written_and_its_positions_are_ordered() {
        let rows: &[(Option<u32>, Option<u32>, [&str; 3])] = &[
            (None, None, ["", "abcdef", ""]),
            (None, Some(2), ["", "ab", "cdef"]),
            (Some(2), None, ["ab", "cdef", ""]),
            (Some(2), Some(2), ["ab", "", "cdef"]),
            (Some(2), Some(6), ["ab", "cdef", ""]),
        ];
        for (splat_at, query_at, parts) in rows {
            let (splat_at, query_at) = (*splat_at, *query_at);
            let head = RedirectHead { status: 301, text: &b"abcdef"[..], splat_at, query_at };
            assert_eq!(head.parts(), parts.map(str::as_bytes));
            let mut bytes = Vec::new();
            head.write(&mut bytes).unwrap();
            assert_eq!(RedirectHead::read(&mut ByteReader::new(&bytes)), Some(head));
        }
        for (splat_at, query_at) in [(7, 0), (0, 7), (3, 2)] {
            let (splat_at, query_at) = (Some(splat_at), Some(query_at));
            let head = RedirectHead { status: 301, text: &b"abcdef"[..], splat_at, query_at };
            let mut bytes = Vec::new();
            head.write(&mut bytes).unwrap();
            assert_eq!(RedirectHead::read(&mut ByteReader::new(&bytes)), None, "{head:?}");
        }
    }
}
