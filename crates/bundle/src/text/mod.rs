//! What the files of a site say, one file per language. This file owns a text and the places in it.
//! Nothing here knows which routes there are.

pub(crate) mod fault;
pub(crate) mod json;
pub(crate) mod manifest;
mod markup;
pub(crate) mod page;
pub(crate) mod reference;
pub(crate) mod script;
pub(crate) mod stylesheet;

use std::{cell::OnceCell, ops::Range};

use crate::{
    code::Code,
    diagnostic::{Diagnostic, Excerpt, Position},
};

/// A range of the bytes of a text.
pub(crate) type Span = Range<usize>;

/// How much of a long line is shown on each side of the spot, in bytes: bundled files are often
/// one line.
const EXCERPT_SIDE_MAX: usize = 40;

/// A file's bytes, to say something about them.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    /// The file as its author would type it.
    file: String,
    /// What is in it.
    pub(crate) bytes: &'a [u8],
    /// Where each line starts: found when the first place is asked for, since most texts are fine.
    line_starts: OnceCell<Vec<usize>>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(file: String, bytes: &'a [u8]) -> Self {
        Self { file, bytes, line_starts: OnceCell::new() }
    }

    /// The file as its author would type it.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// A diagnostic about a place of this text.
    pub(crate) fn diagnostic(
        &self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let (position, excerpt) = self.place(span);
        let whole = Diagnostic::of_file(code, self.file.as_str(), message, help);
        Diagnostic { position, excerpt: Some(excerpt), ..whole }
    }

    /// The number of the line that a byte is in, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.line_starts().partition_point(|start| *start <= offset)
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let behind_ends = memchr::memchr_iter(b'\n', self.bytes).map(|end| end + 1);
            std::iter::once(0).chain(behind_ends).collect()
        })
    }

    /// The position of the start of a span, and what is written there. Bytes that are not UTF-8
    /// count as one character each.
    fn place(&self, span: Span) -> (Position, Excerpt) {
        let starts = self.line_starts();
        let start = span.start.min(self.bytes.len());
        let line = self.line(start);
        let line_start = starts.get(line - 1).copied().unwrap_or_default();
        let line_end = starts.get(line).map_or(self.bytes.len(), |next| next - 1);
        // A CR before the line end is no character of the line.
        let line_end = line_end - usize::from(self.bytes[start..line_end].ends_with(b"\r"));
        let before = String::from_utf8_lossy(&self.bytes[line_start..start]);
        let position = Position { line, column: before.chars().count() + 1 };
        let end = span.end.clamp(start, line_end);
        let from = self.boundary(line_start.max(start.saturating_sub(EXCERPT_SIDE_MAX)));
        let to = self.boundary(line_end.min(start + EXCERPT_SIDE_MAX));
        let end = end.min(to);
        // A tab would be shown wider than it is counted.
        let shown = |range: Span| {
            String::from_utf8_lossy(&self.bytes[range]).replace(|it: char| it.is_control(), " ")
        };
        let mut text = String::from(if from > line_start { "…" } else { "" });
        text += &shown(from..start);
        let excerpt_start = text.len();
        text += &shown(start..end);
        let excerpt_end = text.len();
        text += &shown(end..to.max(end));
        text += if to < line_end { "…" } else { "" };
        (position, Excerpt { text, start: excerpt_start, end: excerpt_end })
    }

    /// The nearest byte from here on where a character starts.
    fn boundary(&self, offset: usize) -> usize {
        let is_inside = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
        offset + self.bytes[offset..].iter().take(3).take_while(is_inside).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_lines_and_characters_from_one() {
        let text = Text::new("x".to_owned(), "ab\nçd\n".as_bytes());
        let rows = [(0, 1, 1), (2, 1, 3), (3, 2, 1), (5, 2, 2), (6, 2, 3), (7, 3, 1), (99, 3, 1)];
        for (offset, line, column) in rows {
            let diagnostic = text.diagnostic(Code::BrokenLink, offset..offset, "", "");
            assert_eq!(diagnostic.position, Position { line, column }, "{offset}");
        }
    }

    #[test]
    fn an_excerpt_is_the_line_with_the_spot_marked() {
        let long = format!("{}<a href=/bok>{}", "é".repeat(200), "ü".repeat(200));
        let rows: &[(&[u8], Span, &str)] = &[
            (b"one\ntwo three\r\nfour", 8..13, "three"),
            (b"one\ntwo", 4..99, "two"),
            (b"one", 3..3, ""),
            (b"", 0..0, ""),
            (b"a\tb", 0..3, "a b"),
            (b"\xff\xfe<p>", 2..5, "<p>"),
            (b"one\r\n", 0..5, "one"),
            (b"one\r\n", 4..5, ""),
            (b"one\ntwo", 1..6, "ne"),
            (long.as_bytes(), 408..412, "/bok"),
        ];
        for (bytes, span, expected) in rows {
            let text = Text::new("x".to_owned(), bytes);
            let diagnostic = text.diagnostic(Code::BrokenLink, span.clone(), "", "");
            let excerpt = diagnostic.excerpt.expect("a place has an excerpt");
            assert_eq!(excerpt.text.get(excerpt.start..excerpt.end), Some(*expected), "{span:?}");
            assert!(excerpt.text.len() <= 3 * EXCERPT_SIDE_MAX, "{}", excerpt.text);
            assert!(!excerpt.text.contains(['\n', '\r', '\t']), "{:?}", excerpt.text);
        }
    }
}
