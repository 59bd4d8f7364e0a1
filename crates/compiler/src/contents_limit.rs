//! A limit of the length of all contents, checked right after the walk: parsing and compressing a
//! site that is too long could take minutes.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

use chapbook_format::digest;

use crate::{
    render::sample::SHORT_MAX,
    site_folder::{SiteFolder, SourceFile},
};

/// A site whose contents are too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsTooLong {
    /// The minimum length of the contents in bytes.
    pub length: u64,
    /// The limit in bytes.
    pub max: u64,
    /// The paths and lengths of the largest files.
    pub largest: Vec<(String, u64)>,
}

/// Maximum number of files that are named.
const NAMED_MAX: usize = 3;

/// Files of one length with the same first bytes may be equal, and equal contents are stored once.
const SAMPLE: u64 = 4096;

/// Maximum number of long files whose first bytes are compared, and kept in memory until the files
/// are packed. Further ones count as equal.
const SAMPLED_MAX: usize = 4096;

impl fmt::Display for ContentsTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { length, max, .. } = self;
        write!(f, "the site has {length} bytes or more, and the maximum is {max} bytes")
    }
}

impl std::error::Error for ContentsTooLong {}

/// Fails if the contents of a walked folder are certainly longer than `max` bytes.
pub(crate) fn check(folder: &SiteFolder, max: u64) -> Result<(), ContentsTooLong> {
    let total = folder.files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.length));
    if total <= max {
        return Ok(());
    }
    let length = length_min(folder);
    if length <= max {
        return Ok(());
    }
    let mut files: Vec<&SourceFile> = folder.files.iter().collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.length));
    let named = files.iter().take(NAMED_MAX).map(|file| (folder.display(&file.path), file.length));
    Err(ContentsTooLong { length, max, largest: named.collect() })
}

/// The length of the files that certainly differ from each other.
fn length_min(folder: &SiteFolder) -> u64 {
    let mut by_length: BTreeMap<u64, Vec<&SourceFile>> = BTreeMap::new();
    for file in &folder.files {
        by_length.entry(file.length).or_default().push(file);
    }
    let mut may_sample = SAMPLED_MAX;
    // The longest ones count most.
    let lengths = by_length.into_iter().rev().map(|(length, mut files)| {
        if length > SHORT_MAX {
            files.truncate(may_sample.max(1));
            may_sample = may_sample.saturating_sub(files.len());
        }
        let different = if files.len() == 1 { 1 } else { different_starts(folder, &files) };
        length.saturating_mul(different)
    });
    lengths.fold(0, u64::saturating_add)
}

/// The number of different first bytes of files. One that cannot be read is an error later.
fn different_starts(folder: &SiteFolder, files: &[&SourceFile]) -> u64 {
    let start =
        |file: &&SourceFile| folder.start(file, SAMPLE).map_or([0; 32], |it| digest::of(&it));
    let starts: HashSet<_> = files.iter().map(start).collect();
    starts.len() as u64
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::walk::walk;

    #[test]
    fn only_contents_that_certainly_differ_count() {
        // For each file, its byte and its length.
        let rows: &[(&[(u8, usize)], u64)] = &[
            (&[(1, 1000)], 1000),
            (&[(1, 1000), (2, 1000)], 2000),
            (&[(1, 1000), (1, 1000), (1, 1000)], 1000),
            (&[(1, 1000), (1, 1001)], 2001),
        ];
        for (files, expected) in rows {
            let folder = tempfile::tempdir().unwrap();
            for (number, (byte, length)) in files.iter().enumerate() {
                fs::write(folder.path().join(number.to_string()), vec![*byte; *length]).unwrap();
            }
            let walked = walk(SiteFolder::at(folder.path()), false).unwrap();
            assert_eq!(check(&walked, *expected), Ok(()), "{files:?}");
            let error = check(&walked, expected - 1).unwrap_err();
            assert_eq!((error.length, error.max), (*expected, expected - 1), "{files:?}");
        }
    }

    #[test]
    fn the_largest_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for (name, length) in [("a", 10), ("b", 40), ("c", 30), ("d", 20)] {
            fs::write(folder.path().join(name), vec![0; length]).unwrap();
        }
        let error = check(&walk(SiteFolder::at(folder.path()), false).unwrap(), 99).unwrap_err();
        let lengths: Vec<_> = error.largest.iter().map(|(_, length)| *length).collect();
        assert_eq!(lengths, [40, 30, 20]);
        assert!(error.largest[0].0.ends_with("/b"), "{error:?}");
    }
}
