//! Checks of the path that `pack` is to write to.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{
    app_folder::{AppFolderKind, foreign_file},
    target_error::TargetError,
};

/// Checks the path of a file to write to. Returns its folder.
pub(super) fn check_path(
    path: &Path,
    may_replace: bool,
    site: &Path,
) -> Result<PathBuf, TargetError> {
    let owned = || path.to_owned();
    if path == Path::new("-") {
        return Err(TargetError::IsStdout);
    }
    // Of the file that a link leads to: renaming would replace a link to a device.
    let existing = fs::metadata(path);
    if existing.as_ref().is_ok_and(fs::Metadata::is_dir) {
        return Err(TargetError::IsFolder(owned()));
    }
    let ends_in_separator = path.as_os_str().as_encoded_bytes().last().copied() == Some(b'/');
    if path.file_name().is_none() || ends_in_separator {
        return Err(TargetError::NotAFile(owned()));
    }
    let folder = parent(path)?;
    // `/dev/stdout` may lead to a regular file.
    if existing.is_ok_and(|it| !it.is_file() || folder == Path::new("/dev")) {
        return Err(TargetError::IsSpecial(owned()));
    }
    if is_running(path) {
        return Err(TargetError::IsRunning(owned()));
    }
    check_place(path, &folder, may_replace, site)?;
    Ok(folder)
}

/// Checks the path of a folder to write to. Returns the folder that contains it.
pub(super) fn check_folder(
    path: &Path,
    kind: AppFolderKind,
    may_replace: bool,
    site: &Path,
) -> Result<PathBuf, TargetError> {
    let owned = || path.to_owned();
    let folder = parent(path)?;
    // A link to a folder is not replaced either.
    let existing = fs::symlink_metadata(path);
    if existing.as_ref().is_ok_and(|it| !it.is_dir()) {
        return Err(TargetError::NotAFolder(owned()));
    }
    if is_running(&path.join(kind.executable(path))) {
        return Err(TargetError::IsRunning(owned()));
    }
    check_place(path, &folder, may_replace, site)?;
    if existing.is_ok() {
        let foreign = foreign_file(path, kind);
        let foreign = foreign.map_err(|error| TargetError::Unwritable(owned(), error))?;
        if let Some(file) = foreign {
            return Err(TargetError::ForeignFile(owned(), file));
        }
    }
    Ok(folder)
}

/// The folder that contains an output, which must exist.
fn parent(path: &Path) -> Result<PathBuf, TargetError> {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let folder = fs::canonicalize(parent).ok().filter(|it| it.is_dir());
    let no_folder = || TargetError::NoFolder { path: path.to_owned(), folder: parent.to_owned() };
    folder.ok_or_else(no_folder)
}

/// Checks that an output in `folder` does not exist, or may be replaced, and is not part of the
/// site.
fn check_place(
    path: &Path,
    folder: &Path,
    may_replace: bool,
    site: &Path,
) -> Result<(), TargetError> {
    let owned = || path.to_owned();
    if fs::symlink_metadata(path).is_ok() && !may_replace {
        return Err(TargetError::Exists(owned()));
    }
    if let Ok(canonical) = fs::canonicalize(site) {
        if folder.starts_with(&canonical) {
            return Err(TargetError::InsideSite { path: owned(), site: site.to_owned() });
        }
        if fs::canonicalize(path).is_ok_and(|path| path == canonical) {
            return Err(TargetError::IsSite(owned()));
        }
    }
    Ok(())
}

/// Whether this is the running executable. Replacing it fails on some systems, and elsewhere
/// the new site would be served only after a restart.
fn is_running(path: &Path) -> bool {
    let own = env::current_exe().and_then(fs::canonicalize);
    own.is_ok_and(|own| fs::canonicalize(path).is_ok_and(|path| path == own))
}
