//! Any value of `Range` (RFC 9110 section 14): the response has the requested range, the complete
//! content, or status 416.

use crate::exchange::{get, page, trim};

/// The bytes that a value selects (section 14.1.2).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The first and the last byte.
    Part(usize, usize),
    /// No byte of the content.
    Unsatisfiable,
    /// The value is not a single range of bytes, so it is ignored.
    Ignored,
}

/// The selection from `length` bytes.
pub(crate) fn selected(value: &[u8], length: usize) -> Selection {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let Some(set) = text.strip_prefix("bytes=") else { return Selection::Ignored };
    // A list: `[ element ] *( OWS "," OWS [ element ] )` (section 5.6.1.2).
    let is_blank = |it: char| matches!(it, ' ' | '\t');
    let elements: Vec<&str> = set.split(',').collect();
    if elements[0].starts_with(is_blank) && !elements[0].trim_matches(is_blank).is_empty() {
        return Selection::Ignored;
    }
    let trimmed = elements.iter().map(|it| it.trim_matches(is_blank));
    let filled: Vec<&str> = trimmed.filter(|it| !it.is_empty()).collect();
    let [set] = filled[..] else { return Selection::Ignored };
    let Some((first, last)) = set.split_once('-') else { return Selection::Ignored };
    let is_number = |text: &str| text.chars().all(|it| it.is_ascii_digit());
    if !is_number(first) || !is_number(last) || (first.is_empty() && last.is_empty()) {
        return Selection::Ignored;
    }
    // A number that overflows is after the end in any case.
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    let length = length as u64;
    let (first, last) = match (first, last) {
        ("", suffix) if number(suffix) == 0 => return Selection::Unsatisfiable,
        ("", suffix) => (length.saturating_sub(number(suffix)), length - 1),
        (first, "") => (number(first), u64::MAX),
        (first, last) => (number(first), number(last)),
    };
    if last < first {
        return Selection::Ignored;
    }
    if first >= length {
        return Selection::Unsatisfiable;
    }
    let position = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
    Selection::Part(position(first), position(last.min(length - 1)))
}

/// Requests a range of the page.
pub fn run(value: &[u8]) {
    let Some(response) = get(&[("Range", value)]) else { return };
    let complete = &page().representations[0].content;
    let content_range = response.field("content-range");
    match selected(trim(value), complete.len()) {
        Selection::Part(first, last) => {
            let expected = format!("bytes {first}-{last}/{}", complete.len());
            assert_eq!((response.status, content_range), (206, Some(expected.as_str())));
            assert!(response.content == complete[first..=last]);
        }
        Selection::Unsatisfiable => {
            let expected = format!("bytes */{}", complete.len());
            assert_eq!((response.status, content_range), (416, Some(expected.as_str())));
        }
        Selection::Ignored => {
            assert_eq!((response.status, content_range), (200, None));
            assert!(response.content == *complete);
        }
    }
}
