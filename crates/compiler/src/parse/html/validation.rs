//! Validation of the input stream of the HTML tokenizer.

use std::{cell::Cell, convert::Infallible};

use html5gum::Reader;

use super::chunk::chunk_length;

/// The offsets of control characters, which are parse errors anywhere (HTML section 13.2.3.5). The
/// tokenizer itself reports NUL.
pub(super) fn control_characters(text: &[u8]) -> impl Iterator<Item = usize> {
    /// Chunks without control characters, which nearly all are, are skipped at once.
    const CHUNK: usize = 1024;
    let chunks = text.chunks(CHUNK).zip((0..).step_by(CHUNK));
    chunks.filter(|(chunk, _)| has_control(chunk)).flat_map(|(chunk, start)| {
        (start..).zip(chunk).filter(|(_, byte)| is_control(**byte)).map(|(at, _)| at)
    })
}

// Without short circuits the loop is vectorized.
fn has_control(chunk: &[u8]) -> bool {
    chunk.iter().fold(false, |found, &byte| found | is_control(byte))
}

#[expect(clippy::needless_bitwise_bool, reason = "without short circuits it can be vectorized")]
fn is_control(byte: u8) -> bool {
    let is_blank = (byte == b'\t') | (byte == b'\n') | (byte == 0x0c) | (byte == b'\r');
    (byte == 0x7f) | ((byte < 0x20) & (byte != 0) & !is_blank)
}

/// A reader whose input the tokenizer does not validate.
///
/// html5gum validates each chunk that it reads byte by byte, which would take a quarter of the time
/// of linting a site; [`control_characters`] takes a hundredth of that. html5gum has one switch for
/// validation and for parse errors, `Emitter::should_emit_errors`. It calls that once after each
/// chunk, before validating it, and again before each parse error. So the first call after a chunk
/// returns `false`, and all others return `true`.
///
/// This depends on the order of calls in one version of html5gum, which is therefore pinned. The
/// tests of `tokens.rs` fail if the order changes.
pub(super) struct Unvalidated<'a> {
    text: &'a [u8],
    /// Whether the next call of `should_emit_errors` is about validating a chunk.
    skips_validation: &'a Cell<bool>,
}

impl<'a> Unvalidated<'a> {
    /// A reader of this text for an emitter that shares the flag.
    pub(super) fn new(text: &'a [u8], skips_validation: &'a Cell<bool>) -> Self {
        Self { text, skips_validation }
    }
}

#[expect(clippy::inline_always, reason = "the stops are constants only where this is inlined")]
impl Reader for Unvalidated<'_> {
    type Error = Infallible;

    #[inline(always)]
    fn read_byte(&mut self) -> Result<Option<u8>, Infallible> {
        let first = self.text.split_first();
        self.skips_validation.set(first.is_some());
        Ok(first.map(|(byte, rest)| {
            self.text = rest;
            *byte
        }))
    }

    #[inline(always)]
    fn try_read_string(&mut self, text: &[u8], case_sensitive: bool) -> Result<bool, Infallible> {
        let Some((start, rest)) = self.text.split_at_checked(text.len()) else { return Ok(false) };
        let is_equal =
            if case_sensitive { start == text } else { start.eq_ignore_ascii_case(text) };
        if is_equal {
            self.text = rest;
        }
        Ok(is_equal)
    }

    #[inline(always)]
    fn read_until<'b>(
        &'b mut self,
        stops: &[u8],
        _: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, Infallible> {
        self.skips_validation.set(!self.text.is_empty());
        if self.text.is_empty() {
            return Ok(None);
        }
        let (chunk, rest) = self.text.split_at(chunk_length(stops, self.text));
        self.text = rest;
        Ok(Some(chunk))
    }
}
