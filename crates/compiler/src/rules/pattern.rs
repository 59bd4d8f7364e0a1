//! Path patterns of rules: one path, or all paths below one.

use std::{borrow::Cow, fmt};

use chapbook_format::path;

/// The paths that a rule applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// The path with this key.
    Exact(String),
    /// Every path whose key begins with this prefix, which ends with a slash: `/old/*`.
    Below(String),
}

impl Pattern {
    /// Parses a pattern; the error is a message.
    pub(crate) fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        if !text.starts_with('/') {
            let message = if text.contains("://") {
                "rules for a single host are not supported: the site is served at every host name"
            } else {
                "a path must begin with `/`"
            };
            return Err(message.into());
        }
        if text.contains(['?', '#']) {
            return Err("the path of a rule cannot have a query or fragment".into());
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
            return Err("`*` is supported only at the end, after a `/`".into());
        }
        let Some(key) = path::text_key(path) else {
            return Err("invalid percent-encoding in the path; write `%` as `%25`".into());
        };
        Ok(if is_prefix { Self::Below(key) } else { Self::Exact(key) })
    }

    /// The key, or the prefix of the keys.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Exact(key) | Self::Below(key) => key,
        }
    }

    /// Whether the pattern matches this key.
    pub(crate) fn matches(&self, key: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == key,
            Self::Below(prefix) => key.starts_with(prefix.as_str()),
        }
    }

    /// Whether the pattern matches every path that the other one matches.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Below(prefix), Self::Exact(key) | Self::Below(key)) => key.starts_with(prefix),
            (Self::Exact(key), Self::Exact(other)) => key == other,
            (Self::Exact(_), Self::Below(_)) => false,
        }
    }
}

/// The pattern as it is written in a rule.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if matches!(self, Self::Below(_)) { "*" } else { "" };
        write!(f, "{}{star}", path::encode(self.key()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern::*, *};

    #[test]
    fn a_pattern_is_a_path_or_a_prefix_of_paths() {
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
        for text in ["/old", "/", "/caf%C3%A9", "/*", "/old/*"] {
            assert_eq!(Pattern::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_pattern_covers_what_it_matches_completely() {
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
