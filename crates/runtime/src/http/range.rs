//! The `Range` field (RFC 9110 section 14).

use super::fields::{Fields, Name, parse_number, trim};

/// The part of the content that a request gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestedRange {
    /// All of it: there is no range, an invalid one, or more than one. A server may ignore any
    /// range (section 14.2); multipart ranges are an amplification risk and never needed.
    Complete,
    /// The bytes from `first` to `last`, inclusive; both are within the content.
    Part { first: u64, last: u64 },
    /// Nothing: the range contains no byte of the content.
    Unsatisfiable,
}

/// The range that a request has for content of `length` bytes.
pub(super) fn requested(fields: &Fields<'_>, length: u64) -> RequestedRange {
    if !fields.has(Name::Range) {
        return RequestedRange::Complete;
    }
    fields
        .only(Name::Range)
        .and_then(|value| parse(value, length))
        .unwrap_or(RequestedRange::Complete)
}

/// Parses one range of bytes; `None` for anything else.
fn parse(value: &[u8], length: u64) -> Option<RequestedRange> {
    let (unit, set) = value.split_at_checked("bytes=".len())?;
    if !unit.eq_ignore_ascii_case(b"bytes=") {
        return None;
    }
    // Fast path: nearly all sets are one range without a comma.
    parse_range(set, length).or_else(|| parse_range(only_element(set)?, length))
}

/// The element of a list with exactly one; empty elements are ignored (RFC 9110 section 5.6.1.2).
fn only_element(list: &[u8]) -> Option<&[u8]> {
    // White space is allowed around commas only.
    if matches!(list, [b' ' | b'\t', ..]) && !trim(list).starts_with(b",") {
        return None;
    }
    let mut elements = list.split(|&byte| byte == b',').map(trim).filter(|it| !it.is_empty());
    let only = elements.next()?;
    elements.next().is_none().then_some(only)
}

/// Parses `first-last`, `first-` or `-suffix`. Numbers of more than 64 bits become the largest one,
/// which is beyond any content.
fn parse_range(range: &[u8], length: u64) -> Option<RequestedRange> {
    let dash = range.iter().position(|&byte| byte == b'-')?;
    let (first, last) = (&range[..dash], &range[dash + 1..]);
    if first.is_empty() {
        return Some(suffix(parse_number(last)?, length));
    }
    let first = parse_number(first)?;
    let last = if last.is_empty() { u64::MAX } else { parse_number(last)? };
    if last < first {
        return None;
    }
    if first >= length {
        return Some(RequestedRange::Unsatisfiable);
    }
    Some(RequestedRange::Part { first, last: last.min(length - 1) })
}

/// The last `suffix` bytes.
fn suffix(suffix: u64, length: u64) -> RequestedRange {
    match (suffix, length) {
        (0, _) => RequestedRange::Unsatisfiable,
        // Satisfiable, but not expressible as a Content-Range.
        (_, 0) => RequestedRange::Complete,
        _ => RequestedRange::Part { first: length.saturating_sub(suffix), last: length - 1 },
    }
}

#[cfg(test)]
mod tests {
    use httparse::Header;

    use super::{RequestedRange::*, *};

    #[test]
    fn a_range_is_a_part_complete_or_unsatisfiable() {
        let part = |first, last| Part { first, last };
        let rows: &[(&str, RequestedRange)] = &[
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
            ("bytes=20-10", Complete),
            ("bytes=0-0,-1", Complete),
            ("bytes=0-1,", part(0, 1)),
            ("bytes=,0-0", part(0, 0)),
            ("bytes= ,\t0-0 ,, ,", part(0, 0)),
            ("bytes=,-5", part(95, 99)),
            ("bytes=100-,", Unsatisfiable),
            ("bytes=20-10,", Complete),
            ("bytes=,", Complete),
            ("bytes=,,", Complete),
            ("bytes=,0-0,-1", Complete),
            ("bytes= 0-0,", Complete),
            ("bytes=0-,-1", Complete),
            ("bytes=-600,-9223372036854774591", Complete),
            ("bytes", Complete),
            ("bytes=", Complete),
            ("bytes=-", Complete),
            ("bytes=a-b", Complete),
            ("bytes=0x0-0x1", Complete),
            ("bytes=--1", Complete),
            ("bytes=1--2", Complete),
            ("bytes=0-1-2", Complete),
            ("bytes 0-1", Complete),
            ("bytes=0-1;", Complete),
            ("bytes= 0-4", Complete),
            ("bytes=0 - 4", Complete),
            ("items=0-4", Complete),
            ("=0-1", Complete),
        ];
        for (value, expected) in rows {
            let all = [Header { name: "Range", value: value.as_bytes() }];
            assert_eq!(requested(&Fields::new(&all), 100), *expected, "{value}");
        }
    }

    #[test]
    fn without_exactly_one_range_the_content_is_complete_and_empty_content_has_no_part() {
        assert_eq!(requested(&Fields::new(&[]), 100), Complete);
        let header = |value: &'static str| Header { name: "Range", value: value.as_bytes() };
        assert_eq!(
            requested(&Fields::new(&[header("bytes=0-0"), header("bytes=1-1")]), 100),
            Complete
        );
        assert_eq!(requested(&Fields::new(&[header("bytes=0-0")]), 0), Unsatisfiable);
        assert_eq!(requested(&Fields::new(&[header("bytes=-1")]), 0), Complete);
    }
}
