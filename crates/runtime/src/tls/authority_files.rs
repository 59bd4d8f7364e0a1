//! Files of the local CA: their names, and their removal.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

use super::authority_error::AuthorityError;

/// The folder, in that of the state of the program.
pub(super) const FOLDER: &str = "ca";
/// A copy of the certificate, for other programs.
pub(super) const CERTIFICATE: &str = "ca.pem";
/// All of the CA: its facts in a line of JSON, which RFC 7468 allows before PEM, its key and its
/// certificate. One file takes one wait for the disk.
pub(super) const KEY: &str = "key.pem";
/// How the name of the folder begins while it is made.
pub(super) const TEMPORARY: &str = ".ca-";
/// Age of a temporary folder that no process can be working on: making a CA takes milliseconds.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// Whether there is no such file, or no folder where it would be.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Removes a CA, also one that the path links to, since it is used through the link, too. Returns
/// whether there was one.
pub(super) fn remove(path: &Path) -> Result<bool, AuthorityError> {
    let not_removed = |error| AuthorityError::NotRemoved(path.to_owned(), error);
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if is_missing(&error) => return Ok(false),
        result => result.map_err(not_removed)?,
    };
    let is_link = metadata.is_symlink();
    match fs::canonicalize(path) {
        Ok(folder) if folder.is_dir() => remove_folder(&folder)?,
        Ok(_) if is_link => {}
        Ok(file) => remove_file(&file)?,
        // The link leads nowhere.
        Err(error) if is_link && is_missing(&error) => {}
        Err(error) => return Err(not_removed(error)),
    }
    if is_link {
        // On Windows, a link to a folder is removed like a folder.
        fs::remove_file(path).or_else(|_| fs::remove_dir(path)).map_err(not_removed)?;
    }
    Ok(true)
}

fn remove_folder(folder: &Path) -> Result<(), AuthorityError> {
    // The key comes first: without it, nothing can be issued whatever happens then.
    for name in [KEY, CERTIFICATE] {
        let path = folder.join(name);
        if let Ok(target) = fs::canonicalize(&path) {
            remove_file(&target)?;
        }
        // If it was a link, it is left.
        remove_file(&path)?;
    }
    match fs::remove_dir(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {
            Err(AuthorityError::OtherFiles(folder.to_owned()))
        }
        Err(error) => Err(AuthorityError::NotRemoved(folder.to_owned(), error)),
    }
}

/// Removes a file, which may not exist.
fn remove_file(path: &Path) -> Result<(), AuthorityError> {
    match fs::remove_file(path) {
        Err(error) if is_missing(&error) => Ok(()),
        result => result.map_err(|it| AuthorityError::NotRemoved(path.to_owned(), it)),
    }
}

/// Removes what a process left that was killed while it made a CA: a folder with a key. Returns
/// whether there was any.
pub(super) fn remove_temporary(parent: &Path) -> Result<bool, AuthorityError> {
    let folders = temporary(parent);
    folders.iter().try_for_each(|it| remove_folder(it))?;
    Ok(!folders.is_empty())
}

/// The same for folders that no process can be working on. What cannot be removed is left.
pub(super) fn remove_abandoned(parent: &Path) {
    let age = |folder: &Path| fs::metadata(folder).ok()?.modified().ok()?.elapsed().ok();
    let folders = temporary(parent).into_iter();
    for folder in folders.filter(|it| age(it).is_some_and(|age| age > ABANDONED)) {
        let _ = remove_folder(&folder);
    }
}

fn temporary(parent: &Path) -> Vec<PathBuf> {
    let is_temporary = |it: &fs::DirEntry| {
        it.file_name().to_string_lossy().starts_with(TEMPORARY)
            && it.file_type().is_ok_and(|it| it.is_dir())
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries.filter(is_temporary).map(|it| it.path()).collect()
}

/// The names in a folder, sorted.
#[cfg(test)]
pub(super) fn names(path: &Path) -> Vec<String> {
    let names = fs::read_dir(path).unwrap();
    let mut names: Vec<String> =
        names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// Makes a folder with the files of a CA, and others.
    fn make(folder: &Path, others: &[&str]) {
        fs::create_dir_all(folder).unwrap();
        for name in [KEY, CERTIFICATE].iter().chain(others) {
            fs::write(folder.join(name), "x").unwrap();
        }
    }

    #[test]
    fn other_files_are_not_removed() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join(FOLDER);
        make(&path, &["mine"]);
        let error = remove(&path).unwrap_err();
        assert!(matches!(error, AuthorityError::OtherFiles(_)), "{error}");
        assert_eq!(names(&path), ["mine"]);
        fs::remove_dir_all(&path).unwrap();
        fs::write(&path, "a file").unwrap();
        assert!(remove(&path).unwrap());
        assert!(!remove(&path).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn what_links_lead_to_is_removed() {
        use std::os::unix::fs::symlink;

        let parent = tempfile::tempdir().unwrap();
        let [path, target, key] = [FOLDER, "target", "key"].map(|it| parent.path().join(it));
        make(&target, &[]);
        symlink(&target, &path).unwrap();
        fs::rename(target.join(KEY), &key).unwrap();
        symlink(&key, target.join(KEY)).unwrap();
        assert!(remove(&path).unwrap());
        assert!(names(parent.path()).is_empty());
        symlink("nowhere", &path).unwrap();
        assert!(remove(&path).unwrap());
        fs::write(&target, "a file").unwrap();
        symlink(&target, &path).unwrap();
        assert!(remove(&path).unwrap());
        assert_eq!(names(parent.path()), ["target"]);
    }

    #[test]
    fn temporary_folders_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let [old, new, other] = [".ca-old", ".ca-new", "other"].map(|it| parent.path().join(it));
        for folder in [&old, &new, &other] {
            make(folder, &[]);
        }
        assert!(!remove_temporary(&other).unwrap());
        let is_dated = set_modified(&old, SystemTime::now() - 2 * ABANDONED);
        remove_abandoned(parent.path());
        assert_eq!((old.exists(), new.exists()), (!is_dated, true));
        assert!(remove_temporary(parent.path()).unwrap());
        assert_eq!(names(parent.path()), ["other"]);
    }

    /// Sets the time of the last change, and returns whether the system can do that to a folder.
    fn set_modified(folder: &Path, time: SystemTime) -> bool {
        fs::File::open(folder).is_ok_and(|it| it.set_modified(time).is_ok())
    }
}
