//! This file owns what is said to the author of a site: where, what, and what to do about it, and
//! its plain printed form. It doesn't know who reads it: a terminal, cargo or an editor.

use std::fmt;

use crate::lints::{Lint, Severity};

/// A place in a file, both counted from 1. The column counts characters, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

impl Position {
    /// The start of a file, which stands for the file as a whole.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// One thing that is wrong with a site, or that its author will want to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, as its path would be typed by the author: the site's folder, then the path in it.
    pub file: String,
    /// Where in the file.
    pub position: Position,
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: Lint,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// What is written there; `None` where it is about the file as a whole.
    pub excerpt: Option<Excerpt>,
}

/// The line that a diagnostic is about, or the part of a long one around the spot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Excerpt {
    /// The text, without a line end.
    pub text: String,
    /// The byte of the text where the spot begins.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

impl Diagnostic {
    /// A diagnostic about a file as a whole, with the severity that its code has by itself.
    #[must_use]
    pub fn of_file(
        code: Lint,
        file: impl Into<String>,
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
        }
    }

    /// The same diagnostic as a warning, for the milder form of a code.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// `site/index.html:12:9: error[broken-link]: ...`, the line that it begins with.
    #[must_use]
    pub fn headline(&self) -> String {
        let Self { file, position: Position { line, column }, severity, code, message, .. } = self;
        format!("{file}:{line}:{column}: {severity}[{code}]: {message}")
    }
}

/// Text of a site as it may be shown: a terminal would follow its control characters, and a line
/// end would begin a line that nobody wrote.
fn printable(text: String) -> String {
    /// A URL may hold a whole picture.
    const LENGTH_MAX: usize = 600;
    let is_short = text.len() <= LENGTH_MAX;
    if is_short && !text.contains(char::is_control) {
        return text;
    }
    let mut shown = String::with_capacity(text.len().min(2 * LENGTH_MAX));
    for (at, character) in text.char_indices() {
        if at > LENGTH_MAX / 2 && at + LENGTH_MAX / 2 < text.len() {
            if !shown.ends_with('…') {
                shown.push('…');
            }
        } else if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The headline, and the help on a line of its own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  help: {}", self.headline(), self.help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_form_is_that_of_a_compiler() {
        let mut diagnostic = Diagnostic::of_file(
            Lint::BrokenLink,
            "site/index.html",
            "`/bok` is no route",
            "did you mean `/book`?",
        );
        diagnostic.position = Position { line: 12, column: 9 };
        assert_eq!(
            diagnostic.to_string(),
            "site/index.html:12:9: error[broken-link]: `/bok` is no route\n  \
             help: did you mean `/book`?"
        );
    }

    #[test]
    fn what_a_site_says_cannot_command_a_terminal_or_fill_it() {
        let said = |message: &str| Diagnostic::of_file(Lint::BrokenLink, "x", message, "").message;
        assert_eq!(said("a\nb\u{1b}[2J é"), "a\\nb\\u{1b}[2J é");
        let long = said(&"é".repeat(5000));
        assert!(long.len() < 700 && long.contains('…'), "{long}");
    }
}
