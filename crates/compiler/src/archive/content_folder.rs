//! The folder of an unpacked archive that holds the site. Many archives have one folder at the top,
//! such as `playwright-report` or `public`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::walk::is_omitted;

/// What the innermost folder contains, after those that contain nothing but another folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A site, which begins at this folder.
    Site(PathBuf),
    /// One file and nothing else.
    File(PathBuf),
}

/// Maximum number of folders to enter.
const DEPTH_MAX: usize = 100;

/// Enters each folder that contains one folder and no file, since nothing would be served at `/`.
/// Hidden files are not counted.
pub(super) fn enter(folder: &Path) -> io::Result<Content> {
    let mut entered = folder.to_owned();
    for _ in 0..DEPTH_MAX {
        let Some(entry) = only_entry(&entered)? else { break };
        let kind = entry.file_type()?;
        if kind.is_file() {
            return Ok(Content::File(entry.path()));
        }
        if !kind.is_dir() {
            break;
        }
        entered = entry.path();
    }
    Ok(Content::Site(entered))
}

/// The entry of a folder that has only one.
fn only_entry(folder: &Path) -> io::Result<Option<fs::DirEntry>> {
    let mut only = None;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_omitted(&entry.file_name().to_string_lossy()) {
            continue;
        }
        if only.is_some() {
            return Ok(None);
        }
        only = Some(entry);
    }
    Ok(only)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_without_files_are_entered() {
        let rows: &[(&[&str], Content)] = &[
            (&["index.html", "a/b"], Content::Site("".into())),
            (&["public/index.html", "public/a"], Content::Site("public".into())),
            (&["a/b/index.html", "a/b/c"], Content::Site("a/b".into())),
            (&[".DS_Store", "a/index.html", "a/b"], Content::Site("a".into())),
            (&["a/index.html", "b/index.html"], Content::Site("".into())),
            (&["a/index.html", ".well-known/x"], Content::Site("".into())),
            (&["index.html"], Content::File("index.html".into())),
            (&["a/artifact.tar"], Content::File("a/artifact.tar".into())),
            (&[], Content::Site("".into())),
        ];
        for (files, expected) in rows {
            let folder = tempfile::tempdir().unwrap();
            for file in *files {
                let path = folder.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            let relative = |path: PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
            let content = match enter(folder.path()).unwrap() {
                Content::Site(path) => Content::Site(relative(path)),
                Content::File(path) => Content::File(relative(path)),
            };
            assert_eq!(content, *expected, "{files:?}");
        }
    }
}
