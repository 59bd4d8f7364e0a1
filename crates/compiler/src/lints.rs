//! The lints: their stable names, default severities, explanations, and the levels that the user
//! sets.

use std::{fmt, str::FromStr};

use crate::explanation::Explanation;

/// Whether a diagnostic prevents compiling the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The site is not compiled.
    Error,
    /// The site is compiled nevertheless.
    Warning,
    /// Advice that `--deny warnings` does not turn into an error.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

macro_rules! lints {
    ($($variant:ident = $name:literal, $severity:ident, $deny_only:literal;)*) => {
        /// A lint. Its name is stable; `--allow` and `--deny` take it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Lint {
            $(#[doc = include_str!(concat!("lints/", $name, ".md"))] $variant,)*
        }

        impl Lint {
            /// All lints, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name, such as `broken-link`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The default severity.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Whether it cannot be allowed, because such a site cannot be served correctly.
            #[must_use]
            pub fn is_deny_only(self) -> bool {
                match self { $(Self::$variant => $deny_only,)* }
            }

            /// The text about it.
            #[must_use]
            pub fn explanation(self) -> Explanation {
                Explanation::parse(match self {
                    $(Self::$variant => include_str!(concat!("lints/", $name, ".md")),)*
                })
            }
        }
    };
}

// The text about each lint is in `lints/NAME.md`. The last column is whether it is deny-only.
lints! {
    UnboundFile = "unbound-file", Error, true;
    NotASite = "not-a-site", Error, false;
    EmptySite = "empty-site", Error, true;
    InvalidRedirect = "invalid-redirect", Error, true;
    RedirectLoop = "redirect-loop", Error, true;
    InvalidHeader = "invalid-header", Error, true;
    DeadRedirect = "dead-redirect", Error, false;
    ShadowedRule = "shadowed-rule", Error, false;
    BrokenLink = "broken-link", Error, false;
    MovedReference = "moved-reference", Error, false;
    BuiltForPrefix = "built-for-prefix", Error, false;
    CaseMismatch = "case-mismatch", Error, false;
    PercentEncoding = "percent-encoding", Error, false;
    MissingFragment = "missing-fragment", Error, false;
    ExternalLoad = "external-load", Error, false;
    WrongType = "wrong-type", Error, false;
    UnsupportedEncoding = "unsupported-encoding", Error, false;
    InvalidHtml = "invalid-html", Error, false;
    InvalidJson = "invalid-json", Error, false;
    InvalidSchema = "invalid-schema", Error, false;
    SchemaViolation = "schema-violation", Error, false;
    SchemaBudget = "schema-budget", Warning, false;
    UncheckedFile = "unchecked-file", Warning, false;
    PerhapsExternal = "perhaps-external", Warning, false;
    OwnHost = "own-host", Warning, false;
    NeedsSecureContext = "needs-secure-context", Warning, false;
    NeedsIsolation = "needs-isolation", Warning, false;
    NoFallback = "no-fallback", Warning, false;
    PrivateFile = "private-file", Warning, false;
    ShadowedRoute = "shadowed-route", Warning, false;
    CaseClash = "case-clash", Warning, false;
    PortableName = "portable-name", Warning, false;
    MissingSlash = "missing-slash", Warning, false;
    DuplicateId = "duplicate-id", Warning, false;
    MissingDoctype = "missing-doctype", Warning, false;
    MissingCharset = "missing-charset", Warning, false;
    MissingLang = "missing-lang", Warning, false;
    MissingTitle = "missing-title", Warning, false;
    UnusedRule = "unused-rule", Warning, false;
    MissingFavicon = "missing-favicon", Note, false;
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why lint levels are invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LintError {
    /// There is no such lint; the most similar name, if any.
    Unknown(String, Option<&'static str>),
    /// The lint cannot be allowed.
    NotAllowable(Lint),
    /// The lint is both allowed and denied.
    Contradiction(Lint),
}

impl fmt::Display for LintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(word, Some(nearest)) => {
                write!(f, "unknown code `{word}`; did you mean `{nearest}`?")
            }
            Self::Unknown(word, None) => {
                write!(f, "unknown code `{word}`; `chapbook explain` lists them")
            }
            Self::NotAllowable(code) => {
                write!(f, "cannot allow `{code}`: such a site cannot be served correctly")
            }
            Self::Contradiction(code) => {
                write!(f, "cannot both allow and deny `{code}`; choose one")
            }
        }
    }
}

impl std::error::Error for LintError {}

impl FromStr for Lint {
    type Err = LintError;

    fn from_str(word: &str) -> Result<Self, LintError> {
        let found = Self::ALL.iter().copied().find(|code| code.name() == word);
        found.ok_or_else(|| {
            let similarity = |code: &Lint| strsim::jaro_winkler(code.name(), word);
            let nearest = Self::ALL.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
            let nearest = nearest.filter(|code| similarity(code) > 0.8).map(|code| code.name());
            LintError::Unknown(word.to_owned(), nearest)
        })
    }
}

/// The severities that the user sets, as for the lints of a compiler.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LintLevels {
    /// Lints whose errors are reported as warnings.
    pub allow: Vec<Lint>,
    /// Lints whose warnings are reported as errors.
    pub deny: Vec<Lint>,
    /// Whether all warnings are errors, except those that are allowed by name.
    pub deny_warnings: bool,
}

impl LintLevels {
    /// Reports everything that can be allowed as a warning, for a preview of an unfinished site.
    #[must_use]
    pub fn lenient() -> Self {
        let allowable = Lint::ALL.iter().copied().filter(|code| !code.is_deny_only());
        Self { allow: allowable.collect(), ..Self::default() }
    }

    /// Parses the values of `--allow` and `--deny`: codes, and `warnings` for all warnings in
    /// `deny`.
    ///
    /// # Errors
    ///
    /// See [`LintError`].
    pub fn parse(
        allow: impl IntoIterator<Item = impl AsRef<str>>,
        deny: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, LintError> {
        let mut lint_levels = Self::default();
        for word in allow {
            let code: Lint = word.as_ref().parse()?;
            if code.is_deny_only() {
                return Err(LintError::NotAllowable(code));
            }
            lint_levels.allow.push(code);
        }
        for word in deny {
            match word.as_ref() {
                "warnings" => lint_levels.deny_warnings = true,
                word => lint_levels.deny.push(word.parse()?),
            }
        }
        match lint_levels.allow.iter().find(|code| lint_levels.deny.contains(code)) {
            Some(code) => Err(LintError::Contradiction(*code)),
            None => Ok(lint_levels),
        }
    }

    /// The severity of a diagnostic, given its default severity.
    pub(crate) fn severity(&self, code: Lint, severity: Severity) -> Severity {
        if code.is_deny_only() {
            severity
        } else if self.deny.contains(&code) {
            Severity::Error
        } else if self.allow.contains(&code) {
            severity.max(Severity::Warning)
        } else if self.deny_warnings && severity == Severity::Warning {
            Severity::Error
        } else {
            severity
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lint_has_a_unique_name_that_parses() {
        for code in Lint::ALL {
            assert_eq!(Lint::ALL.iter().filter(|other| other.name() == code.name()).count(), 1);
            assert_eq!(code.name().parse(), Ok(*code));
        }
    }

    /// A list with codes and severities before the meanings fits into 80 columns, and so does an
    /// indented text.
    #[test]
    fn every_lint_has_an_explanation_of_all_parts_in_short_lines() {
        const MEANING_CHARACTERS_MAX: usize = 50;
        const COLUMNS_MAX: usize = 78;
        for code in Lint::ALL {
            let Explanation { meaning, why, example, fix } = code.explanation();
            assert!(meaning.chars().count() <= MEANING_CHARACTERS_MAX, "{code}: {meaning}");
            assert!(meaning.starts_with(char::is_uppercase), "{code}: {meaning}");
            for text in [meaning, why, fix] {
                assert!(text.ends_with('.'), "{code}: {text}");
            }
            assert!(
                example.starts_with("```") && example.matches("```").count() % 2 == 0,
                "{code}"
            );
            for line in [why, example, fix].into_iter().flat_map(str::lines) {
                assert!(line.chars().count() <= COLUMNS_MAX, "{code}: {line}");
                assert!(!line.starts_with('#') && line.trim_end() == line, "{code}: {line}");
            }
        }
    }

    #[test]
    fn invalid_levels_are_rejected_with_a_reason() {
        let rows: &[(&[&str], &[&str], Option<&str>)] = &[
            (&["broken-link"], &["missing-slash", "warnings"], None),
            (&["broken-lnk"], &[], Some("unknown code `broken-lnk`; did you mean `broken-link`?")),
            (&[], &["zzz"], Some("unknown code `zzz`; `chapbook explain` lists them")),
            (&["warnings"], &[], Some("unknown code `warnings`")),
            (&["empty-site"], &[], Some("cannot allow `empty-site`")),
            (&["broken-link"], &["broken-link"], Some("cannot both allow and deny `broken-link`")),
        ];
        for (allow, deny, expected) in rows {
            let message = LintLevels::parse(*allow, *deny).err().map(|error| error.to_string());
            let is_expected = match (&message, expected) {
                (Some(message), Some(expected)) => message.starts_with(expected),
                (message, expected) => message.is_none() && expected.is_none(),
            };
            assert!(is_expected, "{allow:?}: {message:?}");
        }
    }

    #[test]
    fn levels_change_severities() {
        use Severity::{Error, Note, Warning};
        let allowing = LintLevels { allow: vec![Lint::BrokenLink], ..LintLevels::default() };
        let deny_only = LintLevels { allow: vec![Lint::EmptySite], ..LintLevels::default() };
        let denying = LintLevels { deny: vec![Lint::MissingSlash], ..LintLevels::default() };
        let strict = LintLevels { deny_warnings: true, ..allowing.clone() };
        let rows = [
            (&allowing, Lint::BrokenLink, Error, Warning),
            (&allowing, Lint::CaseMismatch, Error, Error),
            (&deny_only, Lint::EmptySite, Error, Error),
            (&denying, Lint::MissingSlash, Warning, Error),
            (&denying, Lint::ShadowedRoute, Warning, Warning),
            (&strict, Lint::MissingSlash, Warning, Error),
            (&strict, Lint::BrokenLink, Error, Warning),
            (&strict, Lint::MissingFavicon, Note, Note),
        ];
        for (lint_levels, code, severity, expected) in rows {
            assert_eq!(lint_levels.severity(code, severity), expected, "{code} {lint_levels:?}");
        }
    }
}
