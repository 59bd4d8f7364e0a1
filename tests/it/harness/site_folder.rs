//! Folders with a site in them, made for one test.

use std::{fs, path::Path};

use tempfile::TempDir;

/// A page that is right, and says this.
pub(crate) fn page(text: &str) -> String {
    let head = "<meta charset=utf-8><title>Test</title>";
    format!("<!doctype html><html lang=en>{head}<p>{text}</p>")
}

/// Writes a file with the folders that it needs.
pub(crate) fn write(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let place = folder.join(path);
    let parent = place.parent().expect("a file is in a folder");
    fs::create_dir_all(parent).expect("folders can be made");
    fs::write(place, content).expect("files can be written");
}

/// A folder with `site` in it, of these files.
pub(crate) fn site_folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (path, content) in files {
        write(&folder.path().join("site"), path, content);
    }
    folder
}
