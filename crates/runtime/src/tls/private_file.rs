//! Files and folders that only their user can change, or read.

use std::{
    fs::{File, Metadata, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

/// Maximum length of a file that is read: the path may lead to a device without an end.
const FILE_MAX: u64 = 1 << 20;

/// The number of the user root.
const ROOT: u32 = 0;

/// Why a file or a folder is not private.
#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has these permissions"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Other users have access, with these permissions.
    Mode(u32),
    /// It belongs to another user, with this number.
    Owner(u32),
}

/// Why a private file was not read.
#[derive(Debug)]
pub(super) enum NotRead {
    Failed(io::Error),
    NotPrivate(Access),
}

/// Creates a file that only its user can read.
pub(super) fn create_private_file(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Waits until the content of a file is on the disk. Not every file system can do that.
pub(super) fn sync_file(path: &Path) {
    let _ = OpenOptions::new().write(true).open(path).and_then(|it| it.sync_all());
}

/// Waits until the names in a folder are on the disk. Not every file system can do that, and the
/// files are there in any case.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) {
    let _ = File::open(path).and_then(|it| it.sync_all());
}

/// Windows keeps the names in order by itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) {}

/// Reads a file that belongs to this user, and that others cannot read. The open file is checked,
/// so that another one cannot take its place in between.
pub(super) fn read_private_file(path: &Path) -> Result<Vec<u8>, NotRead> {
    let file = File::open(path).map_err(NotRead::Failed)?;
    let metadata = file.metadata().map_err(NotRead::Failed)?;
    if let Some(access) = access(&metadata, 0o077) {
        return Err(NotRead::NotPrivate(access));
    }
    let mut bytes = Vec::new();
    file.take(FILE_MAX).read_to_end(&mut bytes).map_err(NotRead::Failed)?;
    Ok(bytes)
}

/// How other users can replace the files of a folder, if they can. That it belongs to root does not
/// matter, who can read everything. A folder that cannot be opened is noticed when it is read.
pub(super) fn folder_access(path: &Path) -> Option<Access> {
    let access = access(&std::fs::metadata(path).ok()?, 0o022);
    access.filter(|it| *it != Access::Owner(ROOT))
}

/// What is wrong with the owner or with one of these permissions.
#[cfg(unix)]
fn access(metadata: &Metadata, forbidden: u32) -> Option<Access> {
    use std::os::unix::fs::MetadataExt;

    let mode = metadata.mode() & 0o777;
    if mode & forbidden != 0 {
        return Some(Access::Mode(mode));
    }
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    (!is_ours).then(|| Access::Owner(metadata.uid()))
}

/// Nothing to check: on Windows, the folder of local data is private to its user.
#[cfg(not(unix))]
fn access(_: &Metadata, _: u32) -> Option<Access> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::chown};

    use super::*;

    #[test]
    fn files_and_folders_of_other_users_are_not_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create_private_file(&path, "text").unwrap();
        assert_eq!(read_private_file(&path).unwrap(), b"text");
        assert_eq!(folder_access(folder.path()), None);
        assert_eq!(folder_access(&path.join("gone")), None);
        // Only root can give a file away.
        if [&*path, folder.path()].iter().all(|it| chown(it, Some(1), None).is_ok()) {
            let read = read_private_file(&path);
            assert!(matches!(read, Err(NotRead::NotPrivate(Access::Owner(1)))), "{read:?}");
            assert_eq!(folder_access(folder.path()), Some(Access::Owner(1)));
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(read_private_file(&path), Err(NotRead::Failed(_))));
    }
}
