//! This file owns what is said to the author of a site: where, what, and what to do about it, and
//! its one printed form. It doesn't know who reads it: a terminal, cargo or an editor.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The site cannot be bound as it is.
    Error,
    /// The site can be bound, but the author will want to know.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident, $fixed:literal;)*) => {
        /// The stable name of a kind of diagnostic: what `--allow` and `--deny` take.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// All codes, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name as it is printed and typed, such as `broken-link`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How bad it is unless the author said otherwise.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Whether the severity is fixed, because what is wrong could not be served right.
            #[must_use]
            pub fn is_fixed(self) -> bool {
                match self { $(Self::$variant => $fixed,)* }
            }
        }
    };
}

codes! {
    /// A file that cannot be bound: a link out of the folder, a device, an unreadable file.
    UnboundFile = "unbound-file", Error, true;
    /// The folder has no `index.html` to answer at `/`.
    EmptySite = "empty-site", Error, true;
    /// A reference to a path that is no route.
    BrokenLink = "broken-link", Error, false;
    /// A reference that differs from a route in letter case only.
    CaseMismatch = "case-mismatch", Error, false;
    /// A `#fragment` that no element of the page carries as its id.
    MissingFragment = "missing-fragment", Error, false;
    /// Something that a page would load from another host.
    ExternalLoad = "external-load", Error, false;
    /// Markup that a browser reads as something else than was written.
    InvalidHtml = "invalid-html", Error, false;
    /// A `.json` file that is not JSON.
    InvalidJson = "invalid-json", Error, false;
    /// A `.schema.json` file that is not a JSON Schema.
    InvalidSchema = "invalid-schema", Error, false;
    /// JSON that breaks the schema beside it.
    SchemaViolation = "schema-violation", Error, false;
    /// Two files that claim one route.
    ShadowedRoute = "shadowed-route", Warning, false;
    /// A reference to a folder without its trailing slash.
    MissingSlash = "missing-slash", Warning, false;
}

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

    /// The position of a byte of a text. Bytes that are not UTF-8 count as one character each.
    #[must_use]
    pub fn of_offset(text: &[u8], offset: usize) -> Self {
        let before = &text[..offset.min(text.len())];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let line = before.split(|&byte| byte == b'\n').count();
        let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
        Self { line, column }
    }
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
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Diagnostic {
    /// A diagnostic with the severity that its code has by itself.
    #[must_use]
    pub fn new(
        code: Code,
        file: impl Into<String>,
        position: Position,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            position,
            severity: code.severity(),
            code,
            message: message.into(),
            help: help.into(),
        }
    }

    /// The same diagnostic as a warning, for the milder form of a code.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

/// `site/index.html:12:9: error[broken-link]: ...`, and the help on a line of its own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, position, severity, code, message, help } = self;
        let Position { line, column } = position;
        write!(f, "{file}:{line}:{column}: {severity}[{}]: {message}", code.name())?;
        write!(f, "\n  help: {help}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_lines_and_characters_from_one() {
        let text = "ab\nçd\n".as_bytes();
        let rows = [(0, 1, 1), (2, 1, 3), (3, 2, 1), (5, 2, 2), (6, 2, 3), (7, 3, 1), (99, 3, 1)];
        for (offset, line, column) in rows {
            assert_eq!(Position::of_offset(text, offset), Position { line, column }, "{offset}");
        }
    }

    #[test]
    fn the_printed_form_is_that_of_a_compiler() {
        let diagnostic = Diagnostic::new(
            Code::BrokenLink,
            "site/index.html",
            Position { line: 12, column: 9 },
            "`/bok` is no route",
            "did you mean `/book`?",
        );
        assert_eq!(
            diagnostic.to_string(),
            "site/index.html:12:9: error[broken-link]: `/bok` is no route\n  \
             help: did you mean `/book`?"
        );
    }

    #[test]
    fn every_code_has_a_name_of_its_own() {
        for code in Code::ALL {
            assert_eq!(Code::ALL.iter().filter(|other| other.name() == code.name()).count(), 1);
        }
    }
}
