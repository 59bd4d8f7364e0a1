//! Diagnostics: position, message and help of a problem, and their text form.

use std::{fmt, sync::Arc};

use crate::lints::{Lint, Severity};

/// A position in a file, counted from 1. Columns are characters, as in editors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The start of a file; the position of diagnostics about the entire file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A problem of a site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The path of the file as it would be typed on the command line: the site folder, then the
    /// path within the site. For a diagnostic about the site it is the site folder. The diagnostics
    /// of a file share it.
    pub file: Arc<str>,
    /// The position in the file.
    pub position: Position,
    /// Whether it is an error or a warning.
    pub severity: Severity,
    /// The lint that reports it.
    pub code: Lint,
    /// What is wrong.
    pub message: String,
    /// How to fix it.
    pub help: String,
    /// The source at the position; `None` if the diagnostic is about the entire file.
    pub excerpt: Option<Excerpt>,
    /// The missing path, if the help is to name a similar one. Similar paths are searched for
    /// listed diagnostics only, since a search takes many comparisons.
    pub(crate) similar_to: Option<Box<str>>,
}

/// The line with the span of a diagnostic, or the part of a long line around the span.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Excerpt {
    /// The text without a line end.
    pub text: String,
    /// The start of the span in the text.
    pub start: usize,
    /// The end of the span in the text.
    pub end: usize,
}

impl Diagnostic {
    /// A diagnostic about an entire file, with the default severity of the lint.
    #[must_use]
    pub fn of_file(
        code: Lint,
        file: impl Into<Arc<str>>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            position: Position::START,
            severity: code.severity(),
            code,
            message: printable(message.into()),
            help: printable(help.into()),
            excerpt: None,
            similar_to: None,
        }
    }

    /// The same diagnostic, whose help will name a path that is similar to this missing one, if
    /// there is any.
    pub(crate) fn with_suggestion(mut self, missing: &str) -> Self {
        self.similar_to = Some(missing.into());
        self
    }

    /// The same diagnostic as a warning, for a less severe case of a lint.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The first line, such as `site/index.html:12:9: error[broken-link]: ...`.
    #[must_use]
    pub fn headline(&self) -> String {
        let Self { severity, code, message, .. } = self;
        format!("{}: {severity}[{code}]: {message}", self.location())
    }

    /// The file and the position, such as `site/index.html:12:9`; without the position if the
    /// diagnostic is about an entire file, a folder or the site.
    #[must_use]
    pub fn location(&self) -> String {
        let Self { file, position, excerpt, .. } = self;
        if excerpt.is_none() && *position == Position::START {
            return file.to_string();
        }
        format!("{file}:{}:{}", position.line, position.column)
    }
}

/// Makes text of a site safe for terminals: control characters are escaped, and long text is
/// shortened.
fn printable(text: String) -> String {
    /// A `data:` URL can contain an entire image.
    const LENGTH_MAX: usize = 600;
    let is_short = text.len() <= LENGTH_MAX;
    if is_short && !text.contains(char::is_control) {
        return text;
    }
    let mut shown = String::with_capacity(text.len().min(2 * LENGTH_MAX));
    let mut push = |part: &str| {
        for character in part.chars() {
            if character.is_control() {
                shown.extend(character.escape_default());
            } else {
                shown.push(character);
            }
        }
    };
    if is_short {
        push(&text);
    } else {
        let boundary =
            |at: usize| (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(at);
        push(&text[..boundary(LENGTH_MAX / 2)]);
        push("…");
        push(&text[boundary(text.len() - LENGTH_MAX / 2)..]);
    }
    shown
}

/// The headline, and the help on the next line.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  help: {}", self.headline(), self.help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_is_printed_like_those_of_compilers() {
        let mut diagnostic = Diagnostic::of_file(
            Lint::BrokenLink,
            "site/index.html",
            "broken link: nothing is served at `/bok`",
            "did you mean `/book`?",
        );
        diagnostic.position = Position { line: 12, column: 9 };
        assert_eq!(
            diagnostic.to_string(),
            "site/index.html:12:9: error[broken-link]: broken link: nothing is served at `/bok`\n  \
             help: did you mean `/book`?"
        );
    }

    #[test]
    fn a_diagnostic_about_an_entire_file_has_no_position() {
        let excerpt = || Some(Excerpt { text: "x".to_owned(), start: 0, end: 1 });
        let rows = [
            (Position::START, None, "site/a.html"),
            (Position::START, excerpt(), "site/a.html:1:1"),
            (Position { line: 2, column: 1 }, None, "site/a.html:2:1"),
        ];
        for (position, excerpt, expected) in rows {
            let of_file = Diagnostic::of_file(Lint::BrokenLink, "site/a.html", "", "");
            let diagnostic = Diagnostic { position, excerpt, ..of_file };
            assert_eq!(diagnostic.location(), expected);
        }
    }

    #[test]
    fn control_characters_are_escaped_and_long_messages_are_shortened() {
        let shown = |message: &str| Diagnostic::of_file(Lint::BrokenLink, "x", message, "").message;
        assert_eq!(shown("a\nb\u{1b}[2J é"), "a\\nb\\u{1b}[2J é");
        let long = shown(&"é".repeat(5000));
        assert!(long.len() < 700 && long.contains('…'), "{long}");
    }
}
