//! The `Range` field (RFC 9110 section 14).

use super::fields::{Fields, Name, number};

/// The requested part of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: no range, an invalid one, or more than one. A server may ignore any (section
    /// 14.2), and multipart ranges are an amplification risk and never needed.
    Whole,
    /// The bytes from the first to the last, both within the content.
    Part { first: u64, last: u64 },
    /// No byte of it.
    Unsatisfiable,
}

/// The part of `length` bytes that a request wants.
pub(super) fn wanted(fields: &Fields<'_>, length: u64) -> Wanted {
    if !fields.has(Name::Range) {
        return Wanted::Whole;
    }
    fields.only(Name::Range).and_then(|value| parse(value, length)).unwrap_or(Wanted::Whole)
}

/// `bytes=first-last`, `bytes=first-` or `bytes=-suffix`; `None` for anything else. Numbers beyond
/// 64 bits count as the largest one, which is beyond any content.
fn parse(value: &[u8], length: u64) -> Option<Wanted> {
    let (unit, range) = value.split_at_checked("bytes=".len())?;
    if !unit.eq_ignore_ascii_case(b"bytes=") {
        return None;
    }
    let dash = range.iter().position(|&byte| byte == b'-')?;
    let (first, last) = (&range[..dash], &range[dash + 1..]);
    if first.is_empty() {
        return Some(suffix(number(last)?, length));
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    if last < first {
        return None;
    }
    if first >= length {
        return Some(Wanted::Unsatisfiable);
    }
    Some(Wanted::Part { first, last: last.min(length - 1) })
}

fn suffix(suffix: u64, length: u64) -> Wanted {
    match (suffix, length) {
        (0, _) => Wanted::Unsatisfiable,
        // Satisfiable, but not expressible as a Content-Range.
        (_, 0) => Wanted::Whole,
        _ => Wanted::Part { first: length.saturating_sub(suffix), last: length - 1 },
    }
}

#[cfg(test)]
mod tests {
    use httparse::Header;

    use super::{Wanted::*, *};

    #[test]
    fn a_range_is_a_part_everything_or_unsatisfiable() {
        let part = |first, last| Part { first, last };
        let rows: &[(&str, Wanted)] = &[
            ("bytes=0-0", part(0, 0)),
            ("bytes=10-20", part(10, 20)),
            ("bytes=5-", part(5, 99)),
            ("bytes=-5", part(95, 99)),
            ("bytes=-999", part(0, 99)),
            ("bytes=10-999", part(10, 99)),
            ("bytes=99-", part(99, 99)),
            ("BYTES=0-4", part(0, 4)),
            ("bytes=0-18446744073709551615", part(0, 99)),
            ("bytes=0-99999999999999999999999", part(0, 99)),
            ("bytes=100-", Unsatisfiable),
            ("bytes=-0", Unsatisfiable),
            ("bytes=18446744073709551616-", Unsatisfiable),
            ("bytes=9223372036854775807-9223372036854775808", Unsatisfiable),
            ("bytes=20-10", Whole),
            ("bytes=0-0,-1", Whole),
            ("bytes=,0-0", Whole),
            ("bytes=-600,-9223372036854774591", Whole),
            ("bytes", Whole),
            ("bytes=", Whole),
            ("bytes=-", Whole),
            ("bytes=a-b", Whole),
            ("bytes=0x0-0x1", Whole),
            ("bytes=--1", Whole),
            ("bytes=1--2", Whole),
            ("bytes=0-1-2", Whole),
            ("bytes 0-1", Whole),
            ("bytes=0-1;", Whole),
            ("bytes= 0-4", Whole),
            ("bytes=0 - 4", Whole),
            ("items=0-4", Whole),
            ("=0-1", Whole),
        ];
        for (value, expected) in rows {
            let all = [Header { name: "Range", value: value.as_bytes() }];
            assert_eq!(wanted(&Fields::new(&all), 100), *expected, "{value}");
        }
    }

    #[test]
    fn without_a_single_field_everything_is_sent_and_empty_content_has_no_part() {
        assert_eq!(wanted(&Fields::new(&[]), 100), Whole);
        let header = |value: &'static str| Header { name: "Range", value: value.as_bytes() };
        assert_eq!(wanted(&Fields::new(&[header("bytes=0-0"), header("bytes=1-1")]), 100), Whole);
        assert_eq!(wanted(&Fields::new(&[header("bytes=0-0")]), 0), Unsatisfiable);
        assert_eq!(wanted(&Fields::new(&[header("bytes=-1")]), 0), Whole);
    }
}
