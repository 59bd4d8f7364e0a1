//! The book: a file with a payload beside an executable without a packed site.
//!
//! `demo` and `demo.exe` have the book `demo.book`.

use std::{
    env, fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::mapped_file::MappedFile;

/// Executables whose names begin with this serve the default site if they have no book.
const OWN_NAME: &str = "chapbook";

/// The book of this process.
static BOOK: OnceLock<MappedFile> = OnceLock::new();

/// The path of the book of an executable.
#[must_use]
pub fn book_path(executable: &Path) -> PathBuf {
    let is_exe = executable.extension().is_some_and(|it| it.eq_ignore_ascii_case("exe"));
    let stem = if is_exe { executable.file_stem() } else { executable.file_name() };
    let mut name = stem.unwrap_or_default().to_owned();
    name.push(".book");
    executable.with_file_name(name)
}

/// Why there is no book.
#[derive(Debug)]
pub(super) enum BookError {
    /// The name of the executable requires one.
    Missing(PathBuf),
    Unreadable(PathBuf, io::Error),
}

/// The path of the book of this executable and the payload in it; `None` if the embedded site is to
/// be served. Only the default one makes the name of the executable require a book.
pub(super) fn open(has_default_site: bool) -> Result<Option<(PathBuf, &'static [u8])>, BookError> {
    let (executable, is_path) = executable();
    let path = book_path(&executable);
    let opened = if is_path { MappedFile::open(&path) } else { Err(ErrorKind::NotFound.into()) };
    match opened {
        Ok(mapped) => Ok(Some((path, BOOK.get_or_init(|| mapped).bytes))),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(BookError::Unreadable(path, error))
        }
        Err(_) if has_default_site && !is_own_name(&executable) => Err(BookError::Missing(path)),
        Err(_) => Ok(None),
    }
}

/// The file of this executable, and whether that is a path and not only a name. A link is followed,
/// so the book is beside the file that it leads to. Without `/proc`, it is the first argument.
fn executable() -> (PathBuf, bool) {
    let argument = || PathBuf::from(env::args_os().next().unwrap_or_default());
    let path = env::current_exe().unwrap_or_else(|_| argument());
    // The current folder may be anywhere, and a book in it may be from anyone.
    if path.components().count() < 2 {
        return (path, false);
    }
    let is_link = fs::symlink_metadata(&path).is_ok_and(|it| it.is_symlink());
    // Only of a link, because canonical paths of Windows are hard to read.
    let target = is_link.then(|| fs::canonicalize(&path).ok()).flatten();
    (target.unwrap_or(path), true)
}

fn is_own_name(executable: &Path) -> bool {
    let name = executable.file_name().unwrap_or_default().to_string_lossy();
    name.to_ascii_lowercase().starts_with(OWN_NAME)
}

/// The file of the book and the position of these bytes in it; `None` if they are not mapped from
/// it.
#[cfg(target_os = "linux")]
pub(crate) fn locate(bytes: &[u8]) -> Option<(&'static fs::File, u64)> {
    let book = BOOK.get()?;
    Some((&book.file, book.position_of(bytes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_has_the_name_of_its_executable_without_exe() {
        let rows = [
            ("demo", "demo.book"),
            ("demo.exe", "demo.book"),
            ("DEMO.EXE", "DEMO.book"),
            ("demo-1.2", "demo-1.2.book"),
            ("a.exe/demo", "a.exe/demo.book"),
            ("/bin/demo.run", "/bin/demo.run.book"),
        ];
        for (executable, expected) in rows {
            assert_eq!(book_path(Path::new(executable)), Path::new(expected), "{executable}");
        }
    }

    #[test]
    fn only_executables_of_another_name_require_a_book() {
        for name in ["chapbook", "Chapbook.exe", "chapbook-x86_64", "/usr/bin/chapbook2"] {
            assert!(is_own_name(Path::new(name)), "{name}");
        }
        for name in ["demo", "my-chapbook", "chapbook/demo"] {
            assert!(!is_own_name(Path::new(name)), "{name}");
        }
    }
}
