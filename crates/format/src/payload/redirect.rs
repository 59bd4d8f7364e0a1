//! Heads of redirects: a beginning that many of them share (see `shared_head.rs`), and then the
//! `Location` line with the positions at which parts of the request's target are inserted.
//!
//! In a payload:
//!
//! ```text
//! u32     position of the beginning in the index
//! varint  position for the rest of the path, from the start of the line; 0 if it is not inserted
//! varint  position for the query, not before that; 0 if it is not inserted
//! text    the line with CR LF
//! ```

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_number, push_text},
    shared_head::SharedHead,
};

/// The head of a redirect, without `Date`, `Connection` and the empty line. `S` is its beginning
/// or, in a payload, the position of it in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedirectHead<T, S = SharedHead<T>> {
    /// The beginning.
    pub shared: S,
    /// The `Location` line with its CR LF.
    pub location: T,
    /// Where the rest of the path is inserted in the line, if the target contains `:splat`.
    pub splat_at: Option<u32>,
    /// Where the query of the request is inserted, unless the target has a query of its own. Not
    /// before `splat_at`.
    pub query_at: Option<u32>,
}

impl<T, S> RedirectHead<T, S> {
    /// The same head with another beginning.
    pub fn with_shared<R>(self, shared: R) -> RedirectHead<T, R> {
        let Self { shared: _, location, splat_at, query_at } = self;
        RedirectHead { shared, location, splat_at, query_at }
    }
}

impl<T: AsRef<[u8]>> RedirectHead<T> {
    /// The same head, borrowed.
    pub fn as_bytes(&self) -> RedirectHead<&[u8]> {
        let Self { shared, location, splat_at, query_at } = self;
        let (shared, location) = (shared.as_bytes(), location.as_ref());
        RedirectHead { shared, location, splat_at: *splat_at, query_at: *query_at }
    }
}

impl<'a> RedirectHead<&'a [u8]> {
    /// The beginning, and the line before the rest of the path, between that and the query, and
    /// after the query.
    #[must_use]
    pub fn parts(&self) -> [&'a [u8]; 4] {
        let Self { shared, location, splat_at, query_at } = self;
        let position = |at: &Option<u32>, default: usize| {
            at.and_then(|at| usize::try_from(at).ok()).unwrap_or(default).min(location.len())
        };
        let splat_at = position(splat_at, 0);
        let query_at = position(query_at, location.len()).max(splat_at);
        let (before, rest) = location.split_at(splat_at);
        let (between, after) = rest.split_at(query_at - splat_at);
        [shared.text, before, between, after]
    }
}

impl<'a> RedirectHead<&'a [u8], u32> {
    /// Reads a head; `None` if its positions are outside of its line or in the wrong order.
    pub(super) fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let shared = fields.u32()?;
        let mut position = || u32::try_from(fields.number()?).ok();
        let (splat_at, query_at) = (position()?, position()?);
        let location = fields.text()?;
        let is_within = |at: u32| usize::try_from(at).is_ok_and(|at| at <= location.len());
        let is_ordered = query_at == 0 || splat_at <= query_at;
        (is_within(splat_at) && is_within(query_at) && is_ordered).then_some(Self {
            shared,
            location,
            splat_at: Some(splat_at).filter(|at| *at != 0),
            query_at: Some(query_at).filter(|at| *at != 0),
        })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.shared.to_le_bytes());
        push_number(to, self.splat_at.unwrap_or(0).into());
        push_number(to, self.query_at.unwrap_or(0).into());
        push_text(to, self.location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_read_as_it_was_written_and_its_positions_are_ordered() {
        let location = &b"abcdef"[..];
        let shared = SharedHead::without_content(301, &b"shared"[..]);
        let rows: &[(Option<u32>, Option<u32>, [&str; 3])] = &[
            (None, None, ["", "abcdef", ""]),
            (None, Some(2), ["", "ab", "cdef"]),
            (Some(2), None, ["ab", "cdef", ""]),
            (Some(2), Some(2), ["ab", "", "cdef"]),
            (Some(2), Some(6), ["ab", "cdef", ""]),
        ];
        for (splat_at, query_at, [before, between, after]) in rows {
            let (splat_at, query_at) = (*splat_at, *query_at);
            let head = RedirectHead { shared: 7, location, splat_at, query_at };
            let parts = ["shared", before, between, after].map(str::as_bytes);
            assert_eq!(head.with_shared(shared).parts(), parts);
            let mut bytes = Vec::new();
            head.write(&mut bytes).unwrap();
            assert_eq!(RedirectHead::read(&mut ByteReader::new(&bytes)), Some(head));
        }
        for (splat_at, query_at) in [(7, 0), (0, 7), (3, 2)] {
            let (splat_at, query_at) = (Some(splat_at), Some(query_at));
            let head = RedirectHead { shared: 7, location, splat_at, query_at };
            let mut bytes = Vec::new();
            head.write(&mut bytes).unwrap();
            assert_eq!(RedirectHead::read(&mut ByteReader::new(&bytes)), None, "{head:?}");
        }
    }
}
