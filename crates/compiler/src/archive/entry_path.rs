//! Path of an entry in an archive, which cannot lead out of the folder that it is unpacked to.

use super::{
    error::{EntryProblem, PathProblem, Problem},
    limits::{NAME_MAX, PATH_MAX},
};
use crate::lint::is_storable_on_windows;

/// A path of plain names, separated by `/`. The empty path is the root.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct EntryPath(String);

impl EntryPath {
    /// The path that these bytes of an archive stand for.
    pub(super) fn new(bytes: &[u8]) -> Result<Self, Problem> {
        let shown = || String::from_utf8_lossy(bytes).into_owned();
        Self::parse(bytes).map_err(|problem| Problem::Entry(shown(), EntryProblem::Path(problem)))
    }

    fn parse(bytes: &[u8]) -> Result<Self, PathProblem> {
        let text = std::str::from_utf8(bytes).map_err(|_| PathProblem::NotUtf8)?;
        if text.contains(char::is_control) {
            return Err(PathProblem::Control);
        }
        if text.contains('\\') {
            return Err(PathProblem::Backslash);
        }
        if text.starts_with('/') || has_drive(text) {
            return Err(PathProblem::Absolute);
        }
        let mut path = String::new();
        for name in text.split('/') {
            match name {
                "" | "." => continue,
                ".." => return Err(PathProblem::Parent),
                _ if name.len() > NAME_MAX => return Err(PathProblem::TooLong),
                _ if cfg!(windows) && !is_storable_on_windows(name) => {
                    return Err(PathProblem::NotStorable);
                }
                _ => {}
            }
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(name);
        }
        if path.len() > PATH_MAX { Err(PathProblem::TooLong) } else { Ok(Self(path)) }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is metadata that the archive program of macOS adds beside the files.
    pub(super) fn is_metadata(&self) -> bool {
        self.0.split('/').next() == Some("__MACOSX")
    }

    /// The path of each folder that contains it, the outermost first.
    pub(super) fn parents(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// The error about this entry.
    pub(super) fn problem(&self, problem: EntryProblem) -> Problem {
        Problem::Entry(self.0.clone(), problem)
    }
}

/// Whether a path begins with a drive of Windows, such as `C:`.
fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_folder() {
        use PathProblem::{Absolute, Backslash, Control, NotStorable, NotUtf8, Parent, TooLong};
        // Windows stores no name that ends with a dot.
        let dotted = |path| if cfg!(windows) { Err(NotStorable) } else { Ok(path) };
        let name = "n".repeat(NAME_MAX);
        let long = "abcd/".repeat(PATH_MAX / 5);
        let (long_name, too_long) = (format!("{name}n"), format!("{long}/efghi"));
        let rows: &[(&[u8], Result<&str, PathProblem>)] = &[
            (b"a", Ok("a")),
            (b"a/b.html", Ok("a/b.html")),
            (b"./a//b/.", Ok("a/b")),
            (b"a/", Ok("a")),
            (b"", Ok("")),
            (b"./", Ok("")),
            (b"..a/.b", Ok("..a/.b")),
            (b"..a/b..", dotted("..a/b..")),
            (b".../x", dotted(".../x")),
            (name.as_bytes(), Ok(&name)),
            (long.as_bytes(), Ok(long.trim_end_matches('/'))),
            (b"../a", Err(Parent)),
            (b"a/../b", Err(Parent)),
            (b"a/..", Err(Parent)),
            (b"/a", Err(Absolute)),
            (b"//host/a", Err(Absolute)),
            (b"C:/a", Err(Absolute)),
            (b"c:a", Err(Absolute)),
            (b"a\\b", Err(Backslash)),
            (b"..\\a", Err(Backslash)),
            (b"a\0b", Err(Control)),
            (b"a\x1b[2Jb", Err(Control)),
            (b"a\xff", Err(NotUtf8)),
            (long_name.as_bytes(), Err(TooLong)),
            (too_long.as_bytes(), Err(TooLong)),
        ];
        for (bytes, expected) in rows {
            let path = EntryPath::parse(bytes);
            let path = path.as_ref().map(EntryPath::as_str).map_err(|it| *it);
            assert_eq!(path, *expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn the_folders_of_a_path_are_found() {
        let path = EntryPath::new(b"a/b/c").unwrap();
        assert_eq!(path.parents().collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(EntryPath::new(b"a").unwrap().parents().count(), 0);
    }
}
