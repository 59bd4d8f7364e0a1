//! File names of a site: whether a folder can hold all of them.

use std::{
    collections::HashSet,
    fmt, fs, io,
    path::{Component, Path, PathBuf},
    process,
};

use super::failure::Failure;

/// Why the files of a site cannot be written to a folder.
#[derive(Debug)]
pub(super) enum FileNameError {
    /// A path that is invalid on this system or outside of the folder.
    Invalid(String),
    /// A path of a file that other files are below.
    FileAndFolder(String),
    /// A path that is the same as another one on the file system of the folder.
    Same(String),
    /// A path that cannot be created.
    Unwritable(String, io::Error),
}

impl fmt::Display for FileNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(path) => write!(
                f,
                "cannot extract `{path}`: it is not a valid path on this system; nothing was \
                 written; extract on another system"
            ),
            Self::FileAndFolder(path) => write!(
                f,
                "cannot extract `{path}`: the site has a file and a folder with this name; \
                 nothing was written; copy the packed site again"
            ),
            Self::Same(path) => write!(
                f,
                "cannot extract `{path}`: on this file system, it is the same name as another one \
                 of the site; nothing was written; extract to another file system"
            ),
            Self::Unwritable(path, error) => {
                write!(f, "cannot extract `{path}`: {error}; nothing was written")
            }
        }
    }
}

impl std::error::Error for FileNameError {}

/// The paths of files relative to a folder. None leads out of it, and none is the folder of
/// another.
pub(super) fn relative_paths<'a>(
    paths: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<&'a Path>, FileNameError> {
    let relative = |path| {
        let invalid = || FileNameError::Invalid(String::from_utf8_lossy(path).into_owned());
        relative(path).ok_or_else(invalid)
    };
    let all: Vec<&Path> = paths.into_iter().map(relative).collect::<Result<_, _>>()?;
    let files: HashSet<&Path> = all.iter().copied().collect();
    let mut folders = all.iter().flat_map(|path| path.ancestors().skip(1));
    match folders.find(|folder| files.contains(folder)) {
        Some(both) => Err(FileNameError::FileAndFolder(both.display().to_string())),
        None => Ok(all),
    }
}

/// The path of a file relative to the output folder; `None` if the path is outside of the folder or
/// has another meaning on this system.
fn relative(path: &[u8]) -> Option<&Path> {
    let path = Path::new(std::str::from_utf8(path).ok()?);
    let is_plain = |component: Component<'_>| match component {
        // On Windows, `a:b` is an alternate data stream of the file `a`.
        Component::Normal(name) => !cfg!(windows) || !name.to_string_lossy().contains(':'),
        _ => false,
    };
    let is_all_plain = path.components().all(is_plain) && path.components().next().is_some();
    // `components` skips empty parts and `.`.
    let text = path.to_str()?;
    let has_gaps = text.split('/').any(|part| part.is_empty() || part == ".");
    (is_all_plain && !has_gaps && !text.contains('\0')).then_some(path)
}

/// Checks that the file system of a folder, which may not exist yet, can hold all of these paths.
/// They are created without content in a temporary folder: which names are valid, and which are
/// the same, depends on the letter case and the Unicode forms that the file system tells apart.
pub(super) fn check_on_disk(folder: &Path, paths: &[&Path]) -> Result<(), Failure> {
    let existing = folder.ancestors().find(|it| it.is_dir());
    // The last ancestor of a relative path is empty.
    let trial = TrialFolder::new(existing.unwrap_or(Path::new("."))).map_err(|error| {
        Failure::error(format_args!("cannot write to `{}`: {error}", folder.display()))
    })?;
    create_all(paths, |path, kind| {
        let path = trial.0.join(path);
        match kind {
            EntryKind::Folder => fs::create_dir(path),
            EntryKind::File => fs::File::create_new(path).map(|_| ()),
        }
    })?;
    Ok(())
}

#[derive(Debug, Clone, Copy)]
enum EntryKind {
    Folder,
    File,
}

/// Creates each file after the folders above it, and each folder once.
fn create_all(
    paths: &[&Path],
    mut create: impl FnMut(&Path, EntryKind) -> io::Result<()>,
) -> Result<(), FileNameError> {
    let mut create = |path: &Path, kind| {
        create(path, kind).map_err(|error| {
            let path = path.display().to_string();
            match error.kind() {
                io::ErrorKind::AlreadyExists => FileNameError::Same(path),
                _ => FileNameError::Unwritable(path, error),
            }
        })
    };
    let mut folders = HashSet::from([Path::new("")]);
    for path in paths {
        let above: Vec<&Path> = path.ancestors().skip(1).collect();
        for folder in above.into_iter().rev() {
            if folders.insert(folder) {
                create(folder, EntryKind::Folder)?;
            }
        }
        create(path, EntryKind::File)?;
    }
    Ok(())
}

/// A new folder that is removed again.
struct TrialFolder(PathBuf);

impl TrialFolder {
    fn new(parent: &Path) -> io::Result<Self> {
        /// A folder can be left from a process with the same number that was killed.
        const ATTEMPTS_MAX: u32 = 100;
        let mut outcome = Err(io::Error::from(io::ErrorKind::AlreadyExists));
        for number in 0..ATTEMPTS_MAX {
            let path = parent.join(format!(".chapbook-{}-{number}", process::id()));
            outcome = fs::create_dir(&path).map(|()| Self(path));
            if !matches!(&outcome, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
                break;
            }
        }
        outcome
    }
}

impl Drop for TrialFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_out_of_the_folder() {
        let rows: &[(&str, bool)] = &[
            ("index.html", true),
            ("a/b c/é.html", true),
            ("..a/b", true),
            ("", false),
            ("/etc/passwd", false),
            ("../x", false),
            ("a/../../x", false),
            ("a//b", false),
            ("a/./b", false),
            ("./a", false),
            ("a/", false),
            ("a\0b", false),
        ];
        for (path, expected) in rows {
            assert_eq!(relative(path.as_bytes()).is_some(), *expected, "{path:?}");
        }
        assert_eq!(relative(b"\xFF"), None);
    }

    #[test]
    fn no_file_is_the_folder_of_another() {
        let rows: &[(&[&str], Option<&str>)] = &[
            (&["a", "b/a", "ab/c"], None),
            (&["a/b", "a"], Some("a")),
            (&["a/b/c/d", "x", "a/b"], Some("a/b")),
        ];
        for (paths, expected) in rows {
            let found = match relative_paths(paths.iter().map(|it| it.as_bytes())) {
                Ok(_) => None,
                Err(FileNameError::FileAndFolder(path)) => Some(path),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found.as_deref(), *expected, "{paths:?}");
        }
    }

    #[test]
    fn names_that_a_file_system_does_not_tell_apart_are_found() {
        let rows: &[(&[&str], Option<&str>)] = &[
            (&["a", "b", "c/a", "c/b", "d/a"], None),
            (&["a.txt", "A.txt"], Some("A.txt")),
            (&["docs/a", "Docs/b"], Some("Docs")),
            (&["x/a", "X"], Some("X")),
            (&["x", "X/a"], Some("X")),
            (&["a/É", "a/é"], Some("a/é")),
        ];
        for (paths, expected) in rows {
            let paths: Vec<&Path> = paths.iter().map(Path::new).collect();
            let mut existing = HashSet::new();
            let outcome = create_all(&paths, |path, _| {
                let is_new = existing.insert(path.to_string_lossy().to_lowercase());
                if is_new { Ok(()) } else { Err(io::ErrorKind::AlreadyExists.into()) }
            });
            let found = match outcome {
                Ok(()) => None,
                Err(FileNameError::Same(path)) => Some(path),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found.as_deref(), *expected, "{paths:?}");
        }
        let full = create_all(&[Path::new("a")], |_, _| Err(io::ErrorKind::StorageFull.into()));
        assert!(matches!(full, Err(FileNameError::Unwritable(path, _)) if path == "a"));
    }
}
