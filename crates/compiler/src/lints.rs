//! This file owns the kinds of diagnostics: their stable names, how bad each is by itself, and what
//! an author may make of them. It doesn't know where they come from.

use std::{fmt, str::FromStr};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

macro_rules! lints {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident, $fixed:literal;)*) => {
        /// The stable name of a kind of diagnostic: what `--allow` and `--deny` take.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Lint {
            $($(#[$doc])* $variant,)*
        }

        impl Lint {
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

            /// Whether it stays an error whatever the author says, because what is wrong could not
            /// be served right.
            #[must_use]
            pub fn is_deny_only(self) -> bool {
                match self { $(Self::$variant => $fixed,)* }
            }
        }
    };
}

lints! {
    /// A file that cannot be bound: a link out of the folder, a device, an unreadable file.
    UnboundFile = "unbound-file", Error, true;
    /// The folder has no `index.html` to answer at `/`.
    EmptySite = "empty-site", Error, true;
    /// A line of `_redirects` that breaks the grammar, or asks for what is not supported.
    InvalidRedirect = "invalid-redirect", Error, true;
    /// A redirect that leads back to itself.
    RedirectLoop = "redirect-loop", Error, true;
    /// A line of `_headers` that breaks the grammar, or sets a field that is not the author's.
    InvalidHeader = "invalid-header", Error, true;
    /// A redirect whose target is nothing.
    DeadRedirect = "dead-redirect", Error, false;
    /// A redirect that is never reached, because a file or an earlier rule answers.
    ShadowedRule = "shadowed-rule", Error, false;
    /// A reference to a path that is no route.
    BrokenLink = "broken-link", Error, false;
    /// A reference that differs from a route in letter case only.
    CaseMismatch = "case-mismatch", Error, false;
    /// A reference that would lead to a route if it were percent-encoded rightly.
    PercentEncoding = "percent-encoding", Error, false;
    /// A `#fragment` that no element of the page carries as its id.
    MissingFragment = "missing-fragment", Error, false;
    /// Something that a page would load from another host.
    ExternalLoad = "external-load", Error, false;
    /// Markup that a browser reads as something else than was written.
    InvalidHtml = "invalid-html", Error, false;
    /// A `.json` file or a manifest that is not JSON.
    InvalidJson = "invalid-json", Error, false;
    /// A `.schema.json` file that is not a JSON Schema.
    InvalidSchema = "invalid-schema", Error, false;
    /// JSON that breaks the schema beside it.
    SchemaViolation = "schema-violation", Error, false;
    /// Two files that claim one route.
    ShadowedRoute = "shadowed-route", Warning, false;
    /// Names that are one name on a disk that doesn't tell upper from lower case.
    CaseClash = "case-clash", Warning, false;
    /// A reference to a folder without its trailing slash.
    MissingSlash = "missing-slash", Warning, false;
    /// An id that two elements of a page carry.
    DuplicateId = "duplicate-id", Warning, false;
    /// A page without a doctype, which browsers lay out as those of the nineties did.
    MissingDoctype = "missing-doctype", Warning, false;
    /// A page that doesn't name its character encoding.
    MissingCharset = "missing-charset", Warning, false;
    /// A page that doesn't name its language.
    MissingLang = "missing-lang", Warning, false;
    /// A page without a title.
    MissingTitle = "missing-title", Warning, false;
    /// A rule of `_headers` that applies to nothing.
    UnusedRule = "unused-rule", Warning, false;
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a word says nothing about a code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LintError {
    /// It names no code, but perhaps one is meant that is nearly called so.
    Unknown(String, Option<&'static str>),
    /// What is wrong could not be served right, whatever the author says.
    NotAllowable(Lint),
    /// It is both allowed and denied.
    Contradiction(Lint),
}

impl fmt::Display for LintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(word, Some(nearest)) => {
                write!(f, "`{word}` is no code; did you mean `{nearest}`?")
            }
            Self::Unknown(word, None) => {
                write!(f, "`{word}` is no code; they stand in brackets behind `error` or `warning`")
            }
            Self::NotAllowable(code) => {
                write!(f, "`{code}` can't be allowed: what is wrong could not be served right")
            }
            Self::Contradiction(code) => write!(f, "`{code}` is allowed and denied; say one"),
        }
    }
}

impl std::error::Error for LintError {}

impl FromStr for Lint {
    type Err = LintError;

    fn from_str(word: &str) -> Result<Self, LintError> {
        let found = Self::ALL.iter().copied().find(|code| code.name() == word);
        found.ok_or_else(|| {
            let likeness = |code: &Lint| strsim::jaro_winkler(code.name(), word);
            let nearest = Self::ALL.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let nearest = nearest.filter(|code| likeness(code) > 0.8).map(|code| code.name());
            LintError::Unknown(word.to_owned(), nearest)
        })
    }
}

/// What the author makes of the kinds of diagnostics, as with a compiler's lints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LintLevels {
    /// Errors of these codes are warnings, unless they are fixed.
    pub allow: Vec<Lint>,
    /// Warnings of these codes are errors.
    pub deny: Vec<Lint>,
    /// Every warning is an error, but those that are allowed by name.
    pub deny_warnings: bool,
}

impl LintLevels {
    /// Every error of judgement is a warning: what a look at a site needs that is not done yet.
    #[must_use]
    pub fn lenient() -> Self {
        let allowable = Lint::ALL.iter().copied().filter(|code| !code.is_deny_only());
        Self { allow: allowable.collect(), ..Self::default() }
    }

    /// Reads what an author says: codes, and `warnings` for all of them among those to deny.
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

    /// How bad a diagnostic is that would be of this severity by itself.
    pub(crate) fn severity(&self, code: Lint, severity: Severity) -> Severity {
        if code.is_deny_only() {
            severity
        } else if self.deny.contains(&code) {
            Severity::Error
        } else if self.allow.contains(&code) {
            Severity::Warning
        } else if self.deny_warnings {
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
    fn every_code_has_a_name_of_its_own_and_is_found_by_it() {
        for code in Lint::ALL {
            assert_eq!(Lint::ALL.iter().filter(|other| other.name() == code.name()).count(), 1);
            assert_eq!(code.name().parse(), Ok(*code));
        }
    }

    #[test]
    fn what_an_author_says_is_understood_or_refused_with_a_reason() {
        let rows: &[(&[&str], &[&str], Option<&str>)] = &[
            (&["broken-link"], &["missing-slash", "warnings"], None),
            (&["broken-lnk"], &[], Some("`broken-lnk` is no code; did you mean `broken-link`?")),
            (&[], &["zzz"], Some("`zzz` is no code; they stand in brackets")),
            (&["warnings"], &[], Some("`warnings` is no code")),
            (&["empty-site"], &[], Some("`empty-site` can't be allowed")),
            (&["broken-link"], &["broken-link"], Some("is allowed and denied")),
        ];
        for (allow, deny, expected) in rows {
            let said = LintLevels::parse(*allow, *deny).err().map(|error| error.to_string());
            let is_expected = said
                .as_deref()
                .zip(*expected)
                .is_none_or(|(a, b)| a.starts_with(b) || a.contains(b));
            assert!(is_expected && said.is_some() == expected.is_some(), "{allow:?}: {said:?}");
        }
    }

    #[test]
    fn an_author_may_soften_judgement_and_harden_warnings() {
        use Severity::{Error, Warning};
        let allowing = LintLevels { allow: vec![Lint::BrokenLink], ..LintLevels::default() };
        let fixed = LintLevels { allow: vec![Lint::EmptySite], ..LintLevels::default() };
        let denying = LintLevels { deny: vec![Lint::MissingSlash], ..LintLevels::default() };
        let strict = LintLevels { deny_warnings: true, ..allowing.clone() };
        let rows = [
            (&allowing, Lint::BrokenLink, Error, Warning),
            (&allowing, Lint::CaseMismatch, Error, Error),
            (&fixed, Lint::EmptySite, Error, Error),
            (&denying, Lint::MissingSlash, Warning, Error),
            (&denying, Lint::ShadowedRoute, Warning, Warning),
            (&strict, Lint::MissingSlash, Warning, Error),
            (&strict, Lint::BrokenLink, Error, Warning),
        ];
        for (lint_levels, code, severity, expected) in rows {
            assert_eq!(lint_levels.severity(code, severity), expected, "{code} {lint_levels:?}");
        }
    }
}
