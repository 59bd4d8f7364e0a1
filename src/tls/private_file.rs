//! Files that only their user can read.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Creates a file that only its user can read.
pub(super) fn create_private_file(path: &Path, text: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

/// The permissions of a file that has one of these, which it must not have. What is missing is
/// noticed when it is read.
#[cfg(unix)]
pub(super) fn other_access(path: &Path, forbidden: u32) -> Option<u32> {
    let metadata = std::fs::metadata(path).ok()?;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    (mode & forbidden != 0).then_some(mode)
}

/// Nothing to check: on Windows, the folder of local data is private to its user.
#[cfg(not(unix))]
pub(super) fn other_access(_: &Path, _: u32) -> Option<u32> {
    None
}
