//! Mount: the path that a site is served under, `/` or a folder such as `/repo/`.

use std::{fmt, str::FromStr};

use chapbook_format::path;

use crate::rules::Pattern;

/// The path that a site is served under. It begins and ends with a slash, and is not encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount(String);

/// Why a text is not a mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountError {
    problem: &'static str,
    help: String,
}

impl Mount {
    /// The path as it is written in a URL.
    #[must_use]
    pub fn url_path(&self) -> String {
        path::encode(&self.0).into_owned()
    }

    /// Whether the site is served at `/`.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }

    /// The key of the home page.
    pub(crate) fn key(&self) -> &str {
        &self.0
    }

    /// The key of a path within the site.
    pub(crate) fn key_of(&self, path: &str) -> String {
        [&self.0, path].concat()
    }

    /// The path within the site that has this key; `None` if the key is not below the mount.
    pub(crate) fn path_of<'a>(&self, key: &'a str) -> Option<&'a str> {
        key.strip_prefix(self.0.as_str())
    }

    /// A path that begins at the root, moved below the mount.
    pub(crate) fn prefixed(&self, path: &str) -> String {
        [self.url_path().as_str(), path.trim_start_matches('/')].concat()
    }

    /// A pattern of paths outside of the mount, moved below it; `None` if it is not outside.
    pub(crate) fn moved(&self, pattern: &Pattern) -> Option<Pattern> {
        let key = Some(pattern.key()).filter(|key| !key.starts_with(self.0.as_str()))?;
        let moved = self.key_of(key.trim_start_matches('/'));
        Some(match pattern {
            Pattern::Exact(_) => Pattern::Exact(moved),
            Pattern::Below(_) => Pattern::Below(moved),
        })
    }

    /// The keys of the folders above the mount, with and without their slashes, and the key of the
    /// mount without its slash.
    pub(crate) fn keys_above(&self) -> impl Iterator<Item = &str> {
        let slashes = self.0.match_indices('/').map(|(at, _)| at);
        let keys = slashes.flat_map(|at| [&self.0[..at], &self.0[..=at]]);
        keys.filter(|key| !key.is_empty() && *key != self.0)
    }
}

impl Default for Mount {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

/// The key, for messages.
impl fmt::Display for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for MountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem, self.help)
    }
}

impl std::error::Error for MountError {}

impl FromStr for Mount {
    type Err = MountError;

    /// Parses a path such as `/repo/`. Both outer slashes may be left out.
    fn from_str(text: &str) -> Result<Self, MountError> {
        let text = text.trim();
        let error = |problem| Err(MountError { problem, help: suggestion(text) });
        if is_windows_path(text) {
            const HELP: &str = "some shells on Windows change arguments that begin with `/`; \
                                leave the first slash out, as in `repo/`";
            let problem = "it is a path of this computer";
            return Err(MountError { problem, help: HELP.to_owned() });
        }
        if text.contains("://") || text.starts_with("//") {
            return error("it is a URL, not a path");
        }
        if text.contains(['?', '#']) {
            return error("a query or fragment is not part of a path");
        }
        if text.contains(['\\', '*']) {
            return error("a path cannot contain `\\` or `*`");
        }
        let Some(decoded) = path::text_key(text).filter(|it| !it.contains(char::is_control)) else {
            return error("it is not a percent-encoded path");
        };
        let inner = decoded.strip_prefix('/').unwrap_or(&decoded);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.is_empty() {
            return Ok(Self::default());
        }
        if inner.split('/').any(str::is_empty) {
            return error("a path has one slash between folders");
        }
        if inner.split('/').any(|segment| matches!(segment, "." | "..")) {
            return error("clients remove `.` and `..` from a path");
        }
        Ok(Self(format!("/{inner}/")))
    }
}

/// Whether a text begins with a drive, as in `C:/Program Files/Git/repo/`. Git for Windows passes
/// `/repo/` like this.
fn is_windows_path(text: &str) -> bool {
    matches!(text.as_bytes(), [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic())
}

/// What to write instead: the usable segments of the path.
fn suggestion(text: &str) -> String {
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().replace('\\', "/");
    let segments = path.split('/').filter(|it| !it.is_empty() && !it.starts_with('.'));
    let segments = segments.filter(|it| !it.contains('*') && path::text_key(it).is_some());
    let segments: Vec<&str> = segments.filter(|it| !it.contains(char::is_control)).collect();
    match segments.as_slice() {
        [] => "write a path such as `/repo/`".to_owned(),
        segments => format!("write `/{}/`", segments.join("/")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_a_path_with_or_without_its_outer_slashes() {
        let rows = [
            ("", "/"),
            ("/", "/"),
            ("repo", "/repo/"),
            ("/repo", "/repo/"),
            ("repo/", "/repo/"),
            (" /repo/ ", "/repo/"),
            ("/group/project", "/group/project/"),
            ("/caf%C3%A9/", "/café/"),
            ("/a b/", "/a b/"),
            ("/v1.2/~jo/", "/v1.2/~jo/"),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse::<Mount>().unwrap().key(), expected, "{text}");
        }
        assert_eq!("/é/".parse::<Mount>().unwrap().url_path(), "/%C3%A9/");
    }

    #[test]
    fn other_texts_are_rejected_with_what_to_write() {
        let rows = [
            ("/repo//", "one slash between folders; write `/repo/`"),
            ("//repo/", "it is a URL, not a path; write `/repo/`"),
            ("/a//b/", "one slash between folders; write `/a/b/`"),
            ("/../repo/", "`.` and `..` from a path; write `/repo/`"),
            ("/a/%2e%2e/b", "`.` and `..` from a path"),
            ("..", "write a path such as `/repo/`"),
            ("./repo", "`.` and `..` from a path; write `/repo/`"),
            ("/repo/?x=1", "a query or fragment is not part of a path; write `/repo/`"),
            ("/repo/#top", "a query or fragment is not part of a path; write `/repo/`"),
            ("https://jo.github.io/repo/", "it is a URL, not a path; write `/repo/`"),
            ("https://jo.github.io", "write a path such as `/repo/`"),
            ("/repo/*", "a path cannot contain `\\` or `*`; write `/repo/`"),
            ("\\repo\\", "write `/repo/`"),
            ("/%zz/", "not a percent-encoded path; write a path such as"),
            ("/a%2Fb/", "not a percent-encoded path"),
            ("/a\u{7}b/", "not a percent-encoded path"),
            ("C:/Program Files/Git/repo/", "leave the first slash out"),
        ];
        for (text, expected) in rows {
            let message = text.parse::<Mount>().unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
            assert!(!message.contains(char::is_control), "{message:?}");
        }
    }

    #[test]
    fn the_folders_above_a_mount_have_keys() {
        let rows = [
            ("/", ""),
            ("/repo/", "/ /repo"),
            ("/group/project/", "/ /group /group/ /group/project"),
        ];
        for (text, expected) in rows {
            let mount: Mount = text.parse().unwrap();
            assert_eq!(mount.keys_above().collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }
}
