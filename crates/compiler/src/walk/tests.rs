//! Folders above limits, and links.

use super::*;

/// A folder with these files, each of as many bytes.
fn folder(files: &[(&str, usize)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, length) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, vec![b'x'; *length]).unwrap();
    }
    folder
}

#[test]
fn a_folder_above_a_limit_is_an_error_with_its_largest_folder() {
    let files = [("index.html", 1), ("a/b", 5), ("c/d/e", 5), ("c/d/f", 5), ("c/.git", 5)];
    let folder = folder(&files);
    // Five files, and three folders.
    let rows = [
        (8, 21, None),
        (7, u64::MAX, Some("100,000 files; 4 of the first 8 files are in `c`; name the")),
        (usize::MAX, 15, Some("20 GiB; 4 of the first 8 files are in `c`; name the")),
        (0, 0, Some("100,000 files; name the folder that contains the site")),
    ];
    for (entries, bytes, expected) in rows {
        let walked = walk_within(SiteFolder::at(folder.path()), Limits { entries, bytes });
        let message = walked.err().map(|error| error.to_string());
        let is_expected = match (&message, expected) {
            (Some(message), Some(expected)) => message.contains(expected),
            (message, expected) => message.is_none() && expected.is_none(),
        };
        assert!(is_expected, "{entries} {bytes}: {message:?}");
    }
    let walked = walk(SiteFolder::at(folder.path()), true).unwrap();
    let lengths: Vec<u64> = walked.files.iter().map(|it| it.length).collect();
    assert_eq!((walked.files.len(), lengths), (4, vec![5, 5, 5, 1]));
}

#[test]
fn folders_are_walked_to_a_limited_depth() {
    let deep = |depth: usize| "a/".repeat(depth) + "x";
    let (within, above) = (deep(DEPTH_MAX), deep(DEPTH_MAX + 1));
    for (path, expected) in [(within, 0), (above, 1)] {
        let walked = walk(SiteFolder::at(folder(&[(&path, 1)]).path()), false).unwrap();
        assert_eq!(walked.diagnostics.len(), expected, "{path}");
        assert_eq!(walked.files.len(), 1 - expected);
    }
}

/// Links that the walk follows are followed when the files are read, and no others.
#[cfg(unix)]
#[test]
fn a_link_that_the_walk_did_not_see_is_not_followed() {
    use std::os::unix::fs::symlink;

    let temporary = folder(&[("site/a/file", 6), ("site/b", 6), ("outside/file", 7)]);
    let (site, outside) = (temporary.path().join("site"), temporary.path().join("outside"));
    symlink("a", site.join("folder")).unwrap();
    symlink("b", site.join("link")).unwrap();
    let lengths = |walked: &SiteFolder| {
        let mut bytes = Vec::new();
        let files = walked.files.iter();
        let length = |file: &SourceFile| {
            (file.path.clone(), walked.read(file, &mut bytes).ok().map(|_| bytes.len()))
        };
        files.map(length).collect::<Vec<_>>()
    };
    let walked = walk(SiteFolder::at(&site), false).unwrap();
    let row = |path: &str, length| (path.to_owned(), length);
    let expected = ["a/file", "b", "folder/file", "link"].map(|path| row(path, Some(6)));
    assert_eq!(lengths(&walked), expected);
    fs::rename(site.join("a"), site.join("moved")).unwrap();
    symlink(&outside, site.join("a")).unwrap();
    fs::remove_file(site.join("link")).unwrap();
    symlink(outside.join("file"), site.join("link")).unwrap();
    // The link that was seen led to `b`, which has not changed.
    let expected = [("a/file", None), ("b", Some(6)), ("folder/file", None), ("link", Some(6))];
    assert_eq!(lengths(&walked), expected.map(|(path, length)| row(path, length)));
}
