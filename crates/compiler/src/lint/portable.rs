//! Names that the disks of other systems cannot store.

use crate::{diagnostic::Diagnostic, lints::Lint, site_folder::SiteFolder};

/// The diagnostics about the names of files and folders. A folder is reported once, not for each of
/// its files.
pub(super) fn lint(folder: &SiteFolder) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut before = "";
    for file in &folder.files {
        // The files of a folder follow each other, so the folders that this path shares with the
        // path before it have been checked.
        let mut is_checked = true;
        let mut start = 0;
        for segment in file.path.split('/') {
            let path = &file.path[..start + segment.len()];
            let shares = before.as_bytes().get(..=path.len());
            is_checked &= shares.is_some_and(|it| it.strip_suffix(b"/") == Some(path.as_bytes()));
            if !is_checked && let Some(problem) = problem(segment) {
                diagnostics.push(diagnostic(folder, path, problem));
            }
            start = path.len() + 1;
        }
        before = &file.path;
    }
    diagnostics
}

/// Why a name cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    /// A device of Windows has it, whatever the extension.
    Device,
    /// It contains a character that Windows reserves.
    Character(char),
    /// Windows drops the dot or the space that it ends with.
    Ending,
    /// It is longer than the limit of most disks.
    Length,
}

/// Microsoft, "Naming Files, Paths, and Namespaces". A `/` cannot be in a name, and control
/// characters are errors of their own.
const RESERVED: &[char] = &['<', '>', ':', '"', '\\', '|', '?', '*'];
/// The limit in bytes on Linux. Windows and macOS have the same limit in UTF-16 units, of which a
/// name never has more.
const LENGTH_MAX: usize = 255;

/// Whether Windows can store a file or folder with this name.
pub(crate) fn is_storable_on_windows(name: &str) -> bool {
    problem(name).is_none()
}

fn problem(name: &str) -> Option<Problem> {
    if let Some(character) = name.chars().find(|it| RESERVED.contains(it)) {
        Some(Problem::Character(character))
    } else if is_device(name) {
        Some(Problem::Device)
    } else if name.ends_with(['.', ' ']) {
        Some(Problem::Ending)
    } else {
        (name.len() > LENGTH_MAX).then_some(Problem::Length)
    }
}

/// Whether a name is that of a device on Windows: the part before the first dot, without the
/// spaces at its end, in any letter case.
fn is_device(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
    const PORTS: [&str; 2] = ["com", "lpt"];
    // Windows takes superscript digits of Latin-1 for digits.
    let is_digit = |rest: &str| {
        let mut rest = rest.chars();
        let digit = rest.next().filter(|it| it.is_ascii_digit() || "¹²³".contains(*it));
        digit.is_some() && rest.next().is_none()
    };
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ');
    let stem = stem.to_ascii_lowercase();
    let is_port = |port: &&str| stem.strip_prefix(*port).is_some_and(is_digit);
    DEVICES.contains(&stem.as_str()) || PORTS.iter().any(is_port)
}

fn diagnostic(folder: &SiteFolder, path: &str, problem: Problem) -> Diagnostic {
    let file = folder.display(path);
    let message = match problem {
        Problem::Device => format!("Windows cannot store `{file}`: a device has this name"),
        Problem::Character(it) => {
            format!("Windows cannot store `{file}`: the character `{it}` is reserved")
        }
        Problem::Ending => {
            format!("Windows cannot store `{file}`: it drops a dot or a space at the end")
        }
        Problem::Length => {
            format!("most disks cannot store `{file}`: the name has over {LENGTH_MAX} bytes")
        }
    };
    let help = match problem {
        // wget saves `f.js?v=2` like this, and pages refer to it as `f.js%3Fv=2`.
        Problem::Character('?') => {
            "rename it, and the references to it; `wget --restrict-file-names=windows` does both"
        }
        _ => "rename it, and the references to it: the site cannot be copied or extracted there",
    };
    Diagnostic::of_file(Lint::PortableName, file, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_disks_cannot_store_are_found() {
        use Problem::{Character, Device, Ending, Length};
        let (long, limit) = ("ü".repeat(128), "u".repeat(255));
        let rows: &[(&str, Option<Problem>)] = &[
            ("aux", Some(Device)),
            ("AUX.js", Some(Device)),
            ("nul.tar.gz", Some(Device)),
            ("con .txt", Some(Device)),
            ("com1.html", Some(Device)),
            ("COM0", Some(Device)),
            ("lpt9.txt", Some(Device)),
            ("lpt².txt", Some(Device)),
            ("CONIN$", Some(Device)),
            ("conout$.txt", Some(Device)),
            ("f.js?v=2", Some(Character('?'))),
            ("aux:x", Some(Character(':'))),
            ("a\\b", Some(Character('\\'))),
            ("a.", Some(Ending)),
            ("a ", Some(Ending)),
            (&long, Some(Length)),
            (&limit, None),
            ("console.txt", None),
            ("my.aux", None),
            ("com10.txt", None),
            ("com.txt", None),
            ("com٣", None),
            ("lpt⁴.txt", None),
            ("a b.c++", None),
        ];
        for (name, expected) in rows {
            assert_eq!(problem(name), *expected, "{name}");
        }
    }

    #[test]
    fn a_folder_is_reported_once() {
        let rows: &[(&[&str], &[&str])] = &[
            (&["aux/a", "aux/b", "aux/c/d"], &["site/aux"]),
            (&["aux/a", "aux/nul", "b/aux/c"], &["site/aux", "site/aux/nul", "site/b/aux"]),
            (&["aux", "aux.js", "auxiliary/a"], &["site/aux", "site/aux.js"]),
            (
                &["a/com1", "a/con/x", "a/con/y", "b/con/z"],
                &["site/a/com1", "site/a/con", "site/b/con"],
            ),
        ];
        for (paths, expected) in rows {
            let folder = SiteFolder::of_paths(paths);
            let found: Vec<String> =
                lint(&folder).into_iter().map(|it| it.file.to_string()).collect();
            assert_eq!(found, *expected, "{paths:?}");
        }
    }
}
