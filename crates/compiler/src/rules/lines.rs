//! Lines and words of a rule file, with their positions.

use crate::parse::Span;

/// A word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// The text of the word.
    pub(super) text: &'a str,
    /// Its position.
    pub(super) span: Span,
}

/// Why a line is invalid.
pub(super) struct RuleError {
    /// The part of the line that is wrong.
    pub(super) span: Span,
    /// What is wrong.
    pub(super) message: String,
    /// How to fix it.
    pub(super) help: &'static str,
}

impl RuleError {
    pub(super) fn new(span: Span, message: impl Into<String>, help: &'static str) -> Self {
        Self { span, message: message.into(), help }
    }

    /// The error for a file that is not UTF-8.
    pub(super) fn not_utf_8(error: std::str::Utf8Error) -> Self {
        let span = error.valid_up_to()..error.valid_up_to() + 1;
        Self::new(span, "this is not UTF-8", "save the file as UTF-8")
    }
}

/// The lines of a text without their line ends, each with its offset. A byte order mark, as editors
/// on Windows write it, is skipped.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let mark = if start == 0 && line.starts_with('\u{feff}') { 3 } else { 0 };
        let at = start + mark;
        start += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        (at, line.strip_suffix('\r').unwrap_or(line).get(mark..).unwrap_or_default())
    })
}

/// The words of a line, up to a `#` comment.
pub(super) fn words(start: usize, line: &str) -> impl Iterator<Item = Word<'_>> {
    let words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    words.take_while(|word| !word.starts_with('#')).map(move |text| {
        // `text` is a part of `line`, so the difference of their addresses is an offset.
        let at = start + (text.as_ptr().addr() - line.as_ptr().addr());
        Word { text, span: at..at + text.len() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_words_have_their_offsets() {
        let text = "\u{feff}/a  /b\t301 # why\r\n\n  X: y\n# /c";
        let found: Vec<(usize, &str)> = lines(text).collect();
        assert_eq!(found, [(3, "/a  /b\t301 # why"), (21, ""), (22, "  X: y"), (29, "# /c")]);
        for (start, line) in found {
            for word in words(start, line) {
                assert_eq!(&text[word.span], word.text);
            }
        }
        let first: Vec<&str> = words(3, "/a  /b\t301 # why").map(|it| it.text).collect();
        assert_eq!(first, ["/a", "/b", "301"]);
    }
}
