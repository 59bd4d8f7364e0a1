//! The text of a file and the positions in it.

use std::{
    borrow::Cow,
    cell::{Cell, OnceCell},
    ops::Range,
    sync::Arc,
};

use crate::{
    diagnostic::{Diagnostic, Excerpt, Position},
    lints::Lint,
};

/// A range of the bytes of a text.
pub(crate) type Span = Range<usize>;

/// Bytes of a long line that an excerpt shows on each side of the position: bundled files are often
/// a single line.
const EXCERPT_SIDE_MAX: usize = 40;

/// The bytes of a file, with its name for diagnostics.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    /// The path as it would be typed on the command line.
    file: Arc<str>,
    /// The content of the file.
    pub(crate) bytes: &'a [u8],
    /// The offset of each line. Computed for the first diagnostic, since most texts have none.
    line_starts: OnceCell<Vec<usize>>,
    /// The offset of the last position and its column. The next position often follows it on the
    /// same line, which may be the only line of a large file.
    last_column: Cell<(usize, usize)>,
}

/// The optional start of UTF-8 files (U+FEFF), which editors do not show.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes as UTF-8. Each invalid byte is replaced by one `_`, so that offsets stay the same.
pub(crate) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('_', chunk.invalid().len()));
    }
    Cow::Owned(text)
}

/// The span of the character that contains this offset.
pub(crate) fn character(text: &[u8], offset: usize) -> Span {
    let is_inside =
        |at: &usize| text.get(*at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let offset = offset.min(text.len());
    let start = (offset.saturating_sub(3)..=offset).rev().find(|at| !is_inside(at));
    let end = (offset + 1..offset + 4).find(|at| !is_inside(at));
    start.unwrap_or(offset)..end.unwrap_or(offset + 1).min(text.len())
}

impl<'a> Text<'a> {
    /// The content of a file.
    pub(crate) fn new(file: impl Into<Arc<str>>, bytes: &'a [u8]) -> Self {
        Self {
            file: file.into(),
            bytes,
            line_starts: OnceCell::new(),
            last_column: Cell::default(),
        }
    }

    /// The path of the file as it would be typed on the command line.
    pub(crate) fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// A diagnostic about a span of this text.
    pub(crate) fn diagnostic(
        &self,
        code: Lint,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let (position, excerpt) = self.locate(span);
        let of_file = Diagnostic::of_file(code, Arc::clone(&self.file), message, help);
        Diagnostic { position, excerpt: Some(excerpt), ..of_file }
    }

    /// The line number of an offset, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.line_starts().partition_point(|start| *start <= offset)
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let after_ends = memchr::memchr_iter(b'\n', self.bytes).map(|end| end + 1);
            std::iter::once(0).chain(after_ends).collect()
        })
    }

    /// The column of an offset in characters, counted from 1. Invalid UTF-8 counts as the
    /// replacement characters that are displayed for it.
    fn column(&self, line_start: usize, offset: usize) -> usize {
        let mark = line_start == 0 && self.bytes.starts_with(BYTE_ORDER_MARK);
        let first = if mark { BYTE_ORDER_MARK.len().min(offset) } else { line_start };
        let (last, column) = self.last_column.get();
        let is_ahead = last >= first && last <= offset && column > 0;
        let (from, before) = if is_ahead { (last, column) } else { (first, 1) };
        // Nearly all text is valid, which std checks faster than it searches for replacements.
        let skipped = &self.bytes[from..offset];
        let count = match std::str::from_utf8(skipped) {
            Ok(skipped) => skipped.chars().count(),
            Err(_) => String::from_utf8_lossy(skipped).chars().count(),
        };
        let column = before + count;
        self.last_column.set((offset, column));
        column
    }

    /// The position of the start of a span, and the excerpt around it.
    fn locate(&self, span: Span) -> (Position, Excerpt) {
        let starts = self.line_starts();
        let start = span.start.min(self.bytes.len());
        let line = self.line(start);
        let line_start = starts.get(line - 1).copied().unwrap_or_default();
        let line_end = starts.get(line).map_or(self.bytes.len(), |next| next - 1);
        // A CR before the LF is not part of the line.
        let line_end = line_end - usize::from(self.bytes[start..line_end].ends_with(b"\r"));
        let position = Position { line, column: self.column(line_start, start) };
        let end = span.end.clamp(start, line_end);
        let from = self.boundary(line_start.max(start.saturating_sub(EXCERPT_SIDE_MAX))).min(start);
        let to = self.boundary(line_end.min(start + EXCERPT_SIDE_MAX));
        let end = end.min(to);
        // A terminal shows a tab wider than the one column that it counts as.
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

    /// The first offset at or after this one where a character starts.
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
            let diagnostic = text.diagnostic(Lint::BrokenLink, offset..offset, "", "");
            assert_eq!(diagnostic.position, Position { line, column }, "{offset}");
        }
    }

    #[test]
    fn columns_on_one_line_are_counted_in_any_order() {
        let text = Text::new("x".to_owned(), "\u{feff}é<a>ü<b>".as_bytes());
        for (offset, column) in [(3, 1), (5, 2), (10, 6), (5, 2), (0, 1), (13, 9)] {
            let diagnostic = text.diagnostic(Lint::BrokenLink, offset..offset, "", "");
            assert_eq!(diagnostic.position, Position { line: 1, column }, "{offset}");
        }
    }

    #[test]
    fn invalid_utf_8_is_replaced_in_place() {
        for (bytes, expected) in [(&b"caf\xe9 \xc3\xa9"[..], "caf_ é"), (b"ok", "ok")] {
            assert_eq!(readable(bytes), expected);
            assert_eq!(readable(bytes).len(), bytes.len());
        }
    }

    #[test]
    fn an_excerpt_is_the_line_with_the_span_marked() {
        let long = format!("{}<a href=/bok>{}", "é".repeat(200), "ü".repeat(200));
        let rows: &[(&[u8], Span, &str)] = &[
            (b"one\ntwo three\r\nfour", 8..13, "three"),
            (b"one\ntwo", 4..99, "two"),
            (b"one", 3..3, ""),
            (b"", 0..0, ""),
            (b"a\tb", 0..3, "a b"),
            (b"\xff\xfe<p>", 2..5, "<p>"),
            (b"\x80", 0..1, "\u{fffd}"),
            (b"a\n\x80\x80b", 2..3, "\u{fffd}"),
            (b"\xef\xbb\xbf<p>", 3..6, "<p>"),
            (b"one\r\n", 0..5, "one"),
            (b"one\r\n", 4..5, ""),
            (b"one\ntwo", 1..6, "ne"),
            (long.as_bytes(), 408..412, "/bok"),
        ];
        for (bytes, span, expected) in rows {
            let text = Text::new("x".to_owned(), bytes);
            let diagnostic = text.diagnostic(Lint::BrokenLink, span.clone(), "", "");
            let excerpt = diagnostic.excerpt.expect("a span has an excerpt");
            assert_eq!(excerpt.text.get(excerpt.start..excerpt.end), Some(*expected), "{span:?}");
            assert!(excerpt.text.len() <= 3 * EXCERPT_SIDE_MAX, "{}", excerpt.text);
            assert!(!excerpt.text.contains(['\n', '\r', '\t']), "{:?}", excerpt.text);
        }
    }
}
