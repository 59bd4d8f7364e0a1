//! This file owns the paths that a rule is for: one path, or every path that begins with one.

use std::borrow::Cow;

use chapbook_format::path;

/// Which paths a rule is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// The path with this key.
    Exact(String),
    /// Every path whose key begins with this, which ends with a slash: `/old/*`.
    Below(String),
}

impl Pattern {
    /// Reads what a line says, or why it can't be followed.
    pub(crate) fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        if !text.starts_with('/') {
            let why = if text.contains("://") {
                "a rule for one host is not supported: the book answers at every name"
            } else {
                "a path begins with `/`"
            };
            return Err(why.into());
        }
        if text.contains(['?', '#']) {
            return Err("a rule is for a path, without a query or fragment".into());
        }
        if text.split('/').any(|segment| segment.starts_with(':')) {
            return Err(
                "placeholders such as `:name` are not supported, only `*` at the end".into()
            );
        }
        let (path, is_prefix) = match text.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (text, false),
        };
        if path.contains('*') || (is_prefix && !path.ends_with('/')) {
            return Err("`*` is supported at the end and behind a `/` only".into());
        }
        let Some(key) = path::text_key(path) else {
            return Err("the path is percent-encoded wrongly; write `%` as `%25`".into());
        };
        Ok(if is_prefix { Self::Below(key) } else { Self::Exact(key) })
    }

    /// The key, or what it begins with.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Exact(key) | Self::Below(key) => key,
        }
    }

    /// Whether the rule is for this path.
    pub(crate) fn matches(&self, key: &str) -> bool {
        match self {
            Self::Exact(own) => own == key,
            Self::Below(prefix) => key.starts_with(prefix.as_str()),
        }
    }

    /// Whether the rule is for every path that the other is for.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Below(prefix), Self::Exact(key) | Self::Below(key)) => key.starts_with(prefix),
            (Self::Exact(own), Self::Exact(other)) => own == other,
            (Self::Exact(_), Self::Below(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern::*, *};

    #[test]
    fn a_pattern_is_a_path_or_everything_below_one() {
        let exact = |it: &str| Some(Exact(it.to_owned()));
        let below = |it: &str| Some(Below(it.to_owned()));
        let rows = [
            ("/old", exact("/old")),
            ("/", exact("/")),
            ("/caf%C3%A9", exact("/café")),
            ("/café", exact("/café")),
            ("/*", below("/")),
            ("/old/*", below("/old/")),
            ("/a:b", exact("/a:b")),
            ("old", None),
            ("https://example.com/old", None),
            ("/old?id=1", None),
            ("/:id", None),
            ("/old/:id/*", None),
            ("/old*", None),
            ("/*/old", None),
            ("/*/*", None),
            ("/%zz", None),
            ("/a%2Fb", None),
            ("/%ff", None),
        ];
        for (text, expected) in rows {
            assert_eq!(Pattern::parse(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_pattern_covers_what_it_always_matches() {
        let rows = [
            ("/*", "/a", true),
            ("/*", "/a/*", true),
            ("/a/*", "/*", false),
            ("/a/*", "/a", false),
            ("/a", "/a", true),
            ("/a", "/a/*", false),
        ];
        for (one, other, expected) in rows {
            let [one, other] = [one, other].map(|it| Pattern::parse(it).unwrap());
            assert_eq!(one.covers(&other), expected, "{one:?} {other:?}");
        }
        assert!(Below("/a/".to_owned()).matches("/a/") && !Below("/a/".to_owned()).matches("/a"));
    }
}
