//! Folders made for one test, and the files of the repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A page without a mistake, with this text.
pub(crate) fn page(text: &str) -> String {
    let head = "<meta charset=utf-8><title>Test</title><link rel=icon href=data:,>";
    format!("<!doctype html><html lang=en>{head}<p>{text}</p>")
}

/// Writes a file and the folders above it.
pub(crate) fn write(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let file_path = folder.join(path);
    let parent = file_path.parent().expect("a file is in a folder");
    fs::create_dir_all(parent).expect("folders can be made");
    fs::write(file_path, content).expect("files can be written");
}

/// Puts a file into the place of another one at once, as careful tools do.
pub(crate) fn replace(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let (partial, path) = (folder.join(".partial"), folder.join(path));
    fs::write(&partial, content).expect("it can be written");
    fs::rename(partial, path).expect("it can be renamed");
}

/// A folder of these files.
pub(crate) fn folder_of(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("the disk has room");
    for (path, content) in files {
        write(folder.path(), path, content);
    }
    folder
}

/// A folder with these files in its folder `site`.
pub(crate) fn site_folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("the disk has room");
    for (path, content) in files {
        write(&folder.path().join("site"), path, content);
    }
    folder
}

/// A path in the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file of the default site.
pub(crate) fn site_file(path: &str) -> Vec<u8> {
    let file_path = repository("site").join(path);
    fs::read(&file_path).unwrap_or_else(|error| panic!("{}: {error}", file_path.display()))
}

/// Copies the default site, which has no folders.
pub(crate) fn copy_default_site(to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    for entry in fs::read_dir(repository("site")).expect("the default site can be listed") {
        let entry = entry.expect("the default site can be listed");
        copy_content(&entry.path(), &to.join(entry.file_name()));
    }
}

/// Copies a file of the repository, which may be read-only, to one that can be written.
pub(crate) fn copy_content(from: &Path, to: &Path) {
    let content = fs::read(from).expect("the file can be read");
    fs::write(to, content).expect("files can be written");
}

/// The sorted paths of all that is below a folder.
pub(crate) fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be listed") {
            let entry = entry.expect("a folder can be listed");
            if entry.file_type().expect("an entry has a type").is_dir() {
                folders.push(entry.path());
            }
            found.push(entry.path());
        }
    }
    found.sort();
    found
}
