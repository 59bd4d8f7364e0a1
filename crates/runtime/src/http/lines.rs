//! Lines of a request head: their ends, and the limits of their length.

use super::error_response::ErrorResponse;
use crate::limits::{EMPTY_LINES_MAX, FIELD_SECTION_MAX, REQUEST_LINE_MAX};

/// Any head of at most this many bytes is within both limits.
pub(super) const LENGTH_WITHIN_LIMITS: usize =
    if REQUEST_LINE_MAX < FIELD_SECTION_MAX { REQUEST_LINE_MAX } else { FIELD_SECTION_MAX };

/// The length in bytes of the empty lines before a request line, which a server ignores (RFC 9112
/// section 2.2). A CR without its LF does not count.
pub(super) fn empty_lines(input: &[u8]) -> Result<usize, ErrorResponse> {
    let mut length = 0;
    while input[length..].starts_with(b"\r\n") {
        length += 2;
        if length > EMPTY_LINES_MAX * 2 {
            return Err(ErrorResponse::BadRequest);
        }
    }
    Ok(length)
}

/// The complete lines at the start of an input that can belong to one head.
pub(super) struct Lines {
    /// Their length in bytes.
    pub(super) length: usize,
    /// Why the lines end there.
    pub(super) ending: Ending,
}

/// What follows the complete lines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The end of the head: the last line is empty.
    Complete,
    /// A part of a line, which may still become valid.
    Open,
    /// A line that ends in a bare LF. RFC 9112 section 2.2 allows a server to accept it, and
    /// httparse does, but two parsers may then see two different heads.
    BareLineFeed,
    RequestLineTooLong,
    FieldsTooLong,
}

impl Lines {
    pub(super) fn scan(input: &[u8]) -> Self {
        let mut length = 0;
        let mut end_max = REQUEST_LINE_MAX + 2;
        let mut too_long = Ending::RequestLineTooLong;
        loop {
            let window = &input[length..input.len().min(end_max)];
            let Some(at) = window.iter().position(|&byte| byte == b'\n') else {
                let ending = if input.len() >= end_max { too_long } else { Ending::Open };
                return Self { length, ending };
            };
            if at == 0 || window[at - 1] != b'\r' {
                return Self { length, ending: Ending::BareLineFeed };
            }
            if length == 0 {
                end_max = at + 1 + FIELD_SECTION_MAX + 2;
                too_long = Ending::FieldsTooLong;
            }
            length += at + 1;
            if at == 1 {
                return Self { length, ending: Ending::Complete };
            }
        }
    }
}
