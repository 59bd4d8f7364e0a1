//! Files that are not what they were.

use std::fs;

use super::*;

#[test]
fn a_file_that_is_not_what_it_was_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    fs::write(&path, "ten  bytes").unwrap();
    let (walked, file) = (SiteFolder::at(folder.path()), &SourceFile::at("x"));
    let mut bytes = Vec::new();
    let before = walked.read(file, &mut bytes).unwrap();
    let read_again = || {
        let mut bytes = Vec::new();
        walked.file(file, before).open().ok()?.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    assert_eq!(read_again(), Some(bytes.clone()));
    assert!(walked.read_within(9, file, &mut bytes).is_err());
    fs::write(&path, "longer than before").unwrap();
    assert_eq!(read_again(), None);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(walked.version(file).is_err());
}

/// Files of `/proc` have the length 0, and some never end.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_does_not_know_its_length_is_an_error() {
    let folder = SiteFolder::at(Path::new("/proc/self"));
    let mut bytes = Vec::new();
    let read = folder.read(&SourceFile::at("status"), &mut bytes);
    assert!(read.is_err());
    assert_eq!(bytes.len(), 1);
}
