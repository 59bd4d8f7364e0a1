//! Positions of contents. A content that the system may send from a file begins at a page, because
//! it is sent page by page: from another position it takes one page, and perhaps one packet, more.
//! Between contents there are zeros.

use std::{iter, ops::Range};

/// The length of a page in bytes. Contents start at a multiple of it from the start of the payload,
/// and packing puts the payload at a multiple of it in the file.
pub const PAGE: u64 = 4096;

/// The minimum length in bytes of a content that begins at a page. Shorter ones are copied when
/// they are sent.
pub const ALIGNED_MIN: u64 = 32 * 1024;

/// The offset of a content of this length after one that ends at `end`; `None` if it overflows.
#[must_use]
pub fn content_offset(end: u64, length: u64) -> Option<u64> {
    if length < ALIGNED_MIN { Some(end) } else { end.checked_next_multiple_of(PAGE) }
}

/// The ranges of bytes up to `end` that are outside of all contents, in order.
#[must_use]
pub fn gaps(mut contents: Vec<Range<u64>>, end: u64) -> Vec<Range<u64>> {
    contents.sort_unstable_by_key(|content| (content.start, content.end));
    let mut gaps = Vec::new();
    let mut covered = 0;
    for content in contents.into_iter().chain(iter::once(end..end)) {
        if covered < content.start.min(end) {
            gaps.push(covered..content.start.min(end));
        }
        covered = covered.max(content.end);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_contents_begin_at_a_page() {
        let rows = [
            (0, 1, Some(0)),
            (5, 1, Some(5)),
            (5, ALIGNED_MIN - 1, Some(5)),
            (5, ALIGNED_MIN, Some(4096)),
            (4096, ALIGNED_MIN, Some(4096)),
            (u64::MAX, ALIGNED_MIN, None),
        ];
        for (end, length, expected) in rows {
            assert_eq!(content_offset(end, length), expected, "{end}, {length}");
        }
    }

    #[test]
    fn gaps_are_between_contents_and_after_them() {
        type Pairs = &'static [(u64, u64)];
        let rows: [(Pairs, u64, Pairs); 6] = [
            (&[], 0, &[]),
            (&[], 5, &[(0, 5)]),
            (&[(4, 6), (0, 2)], 8, &[(2, 4), (6, 8)]),
            (&[(0, 4), (1, 2), (4, 8)], 8, &[]),
            (&[(3, 20)], 8, &[(0, 3)]),
            (&[(10, 20)], 8, &[(0, 8)]),
        ];
        for (contents, end, expected) in rows {
            let found = gaps(contents.iter().map(|(start, end)| *start..*end).collect(), end);
            let found: Vec<_> = found.into_iter().map(|gap| (gap.start, gap.end)).collect();
            assert_eq!(found, expected, "{contents:?}");
        }
    }
}
