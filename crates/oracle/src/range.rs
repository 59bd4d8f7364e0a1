//! Any value of `Range` (RFC 9110 section 14): what comes is the part that was asked for, or the
//! whole, or the word that there is no such part.

use crate::exchange::{get, page, trim};

/// What a value asks of `length` bytes, as 14.1.2 says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Part(usize, usize),
    Nothing,
    /// It is not for one range of bytes, and may be ignored.
    Else,
}

pub(crate) fn asked(value: &[u8], length: usize) -> Asked {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let Some(set) = text.strip_prefix("bytes=") else { return Asked::Else };
    let Some((first, last)) = set.split_once('-') else { return Asked::Else };
    let is_number = |text: &str| text.chars().all(|it| it.is_ascii_digit());
    if !is_number(first) || !is_number(last) || (first.is_empty() && last.is_empty()) {
        return Asked::Else;
    }
    // A number that is too long to be one lies behind everything, whatever it is.
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    let length = length as u64;
    let (first, last) = match (first, last) {
        ("", suffix) if number(suffix) == 0 => return Asked::Nothing,
        ("", suffix) => (length.saturating_sub(number(suffix)), length - 1),
        (first, "") => (number(first), u64::MAX),
        (first, last) => (number(first), number(last)),
    };
    if last < first {
        return Asked::Else;
    }
    if first >= length {
        return Asked::Nothing;
    }
    let position = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
    Asked::Part(position(first), position(last.min(length - 1)))
}

/// Asks for a part of the page.
pub fn run(value: &[u8]) {
    let Some(answer) = get(&[("Range", value)]) else { return };
    let whole = &page().forms[0].content;
    let content_range = answer.field("content-range");
    match asked(trim(value), whole.len()) {
        Asked::Part(first, last) => {
            let expected = format!("bytes {first}-{last}/{}", whole.len());
            assert_eq!((answer.status, content_range), (206, Some(expected.as_str())));
            assert!(answer.content == whole[first..=last]);
        }
        Asked::Nothing => {
            let expected = format!("bytes */{}", whole.len());
            assert_eq!((answer.status, content_range), (416, Some(expected.as_str())));
        }
        Asked::Else => {
            assert_eq!((answer.status, content_range), (200, None));
            assert!(answer.content == *whole);
        }
    }
}
