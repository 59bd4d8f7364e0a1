//! The lints: their stable names, default severities, and the levels that the user sets.

use std::{fmt, str::FromStr};

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
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident, $deny_only:literal;)*) => {
        /// A lint. Its name is stable; `--allow` and `--deny` take it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Lint {
            $($(#[$doc])* $variant,)*
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
        }
    };
}

lints! {
    /// A file that cannot be part of the site: a link out of the folder, a device, an unreadable
    /// file.
    UnboundFile = "unbound-file", Error, true;
    /// The folder is a project, and the site is in a folder of it.
    NotASite = "not-a-site", Error, false;
    /// Nothing is served at `/`.
    EmptySite = "empty-site", Error, true;
    /// A line of `_redirects` that is invalid or not supported.
    InvalidRedirect = "invalid-redirect", Error, true;
    /// A redirect to itself, directly or through others.
    RedirectLoop = "redirect-loop", Error, true;
    /// A line of `_headers` that is invalid or sets a field that only the server sets.
    InvalidHeader = "invalid-header", Error, true;
    /// A redirect to a path where nothing is served.
    DeadRedirect = "dead-redirect", Error, false;
    /// A redirect that never applies, because a file or an earlier rule takes precedence.
    ShadowedRule = "shadowed-rule", Error, false;
    /// A reference to a path where nothing is served.
    BrokenLink = "broken-link", Error, false;
    /// A relative reference that has no target at another path that its page is served at.
    MovedReference = "moved-reference", Error, false;
    /// References to a prefix that the site is not served under.
    BuiltForPrefix = "built-for-prefix", Error, false;
    /// A reference that differs from a route only in letter case.
    CaseMismatch = "case-mismatch", Error, false;
    /// A reference that cannot be decoded, or would match a route with another percent-encoding.
    PercentEncoding = "percent-encoding", Error, false;
    /// A `#fragment` that is not the id of an element of the target.
    MissingFragment = "missing-fragment", Error, false;
    /// A resource that a page loads from another host.
    ExternalLoad = "external-load", Error, false;
    /// A script or style sheet with a media type that browsers do not accept for it.
    WrongType = "wrong-type", Error, false;
    /// A page or style sheet in UTF-16 or UTF-32, which cannot be checked.
    UnsupportedEncoding = "unsupported-encoding", Error, false;
    /// Invalid markup.
    InvalidHtml = "invalid-html", Error, false;
    /// A `.json` file or a manifest that is not JSON.
    InvalidJson = "invalid-json", Error, false;
    /// A `.schema.json` file that is not a JSON Schema.
    InvalidSchema = "invalid-schema", Error, false;
    /// JSON that violates its schema.
    SchemaViolation = "schema-violation", Error, false;
    /// JSON whose validation would take too many steps.
    SchemaBudget = "schema-budget", Warning, false;
    /// A URL of a script, style sheet or WebAssembly module on another host, in a script.
    PerhapsExternal = "perhaps-external", Warning, false;
    /// A link to the host that the site calls its own.
    OwnHost = "own-host", Warning, false;
    /// A single-page application without a fallback for deep links.
    NoFallback = "no-fallback", Warning, false;
    /// A private key, or source code for debugging.
    PrivateFile = "private-file", Warning, false;
    /// Two files for one path.
    ShadowedRoute = "shadowed-route", Warning, false;
    /// Names that are the same on case-insensitive file systems.
    CaseClash = "case-clash", Warning, false;
    /// A name that Windows or macOS cannot store, or cannot tell from another one.
    PortableName = "portable-name", Warning, false;
    /// A reference to a folder without its trailing slash.
    MissingSlash = "missing-slash", Warning, false;
    /// An id of two elements of a page.
    DuplicateId = "duplicate-id", Warning, false;
    /// A page without a doctype, which browsers render in quirks mode.
    MissingDoctype = "missing-doctype", Warning, false;
    /// A page that does not declare its character encoding.
    MissingCharset = "missing-charset", Warning, false;
    /// A page that does not declare its language.
    MissingLang = "missing-lang", Warning, false;
    /// A page without a title.
    MissingTitle = "missing-title", Warning, false;
    /// A rule of `_headers` that never applies.
    UnusedRule = "unused-rule", Warning, false;
    /// No icon, which browsers request at `/favicon.ico`.
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
                write!(f, "unknown code `{word}`; `chapbook check` prints the codes in brackets")
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

    #[test]
    fn invalid_levels_are_rejected_with_a_reason() {
        let rows: &[(&[&str], &[&str], Option<&str>)] = &[
            (&["broken-link"], &["missing-slash", "warnings"], None),
            (&["broken-lnk"], &[], Some("unknown code `broken-lnk`; did you mean `broken-link`?")),
            (&[], &["zzz"], Some("unknown code `zzz`; `chapbook check` prints")),
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
