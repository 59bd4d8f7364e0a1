//! This file owns where lines end, and how long they and a head may be. It doesn't know what they
//! say.

use super::error_response::ErrorResponse;
use crate::limits::{EMPTY_LINES_MAX, FIELD_SECTION_MAX, REQUEST_LINE_MAX};

/// So long a head is within both limits, whatever its lines are.
pub(super) const LENGTH_WITHIN_LIMITS: usize =
    if REQUEST_LINE_MAX < FIELD_SECTION_MAX { REQUEST_LINE_MAX } else { FIELD_SECTION_MAX };

/// Passes empty lines before a request line, as RFC 9112 section 2.2 asks. A part of one is not
/// passed yet.
pub(super) fn empty_lines(input: &[u8]) -> Result<usize, ErrorResponse> {
    let mut passed = 0;
    while input[passed..].starts_with(b"\r\n") {
        passed += 2;
        if passed > EMPTY_LINES_MAX * 2 {
            return Err(ErrorResponse::BadRequest);
        }
    }
    Ok(passed)
}

/// The whole lines at the start of an input, as far as they can belong to one head.
pub(super) struct Lines {
    /// How many bytes they take.
    pub(super) length: usize,
    /// What comes behind them.
    pub(super) ending: Ending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing: the last of them is empty, and the head is whole.
    Whole,
    /// A part of a line, which may become anything.
    Open,
    /// A line that ends in a bare LF, which httparse would take for a line end. RFC 9112 section
    /// 2.2 lets a server do that; it is also how two readers come to see two different heads.
    BareLineFeed,
    RequestLineTooLong,
    FieldsTooLong,
}

impl Lines {
    pub(super) fn of(input: &[u8]) -> Self {
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
                return Self { length, ending: Ending::Whole };
            }
        }
    }
}
