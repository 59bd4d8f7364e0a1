//! Snapshot of a folder: a hash of the names, lengths and times of its files, to find out whether
//! it has changed without reading them.

use std::{
    collections::hash_map::DefaultHasher,
    fs::{self, Metadata},
    hash::{Hash, Hasher},
    path::Path,
    time::SystemTime,
};

use chapbook_compiler::{has_fraction, is_omitted, is_settled};

/// A folder at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FolderSnapshot {
    hash: u64,
    /// Whether a later change of a file must give it another time.
    is_settled: bool,
}

/// Deeper folders are not part of a site either.
const DEPTH_MAX: usize = 100;

impl FolderSnapshot {
    /// The current snapshot. Files that cannot be read are left out.
    pub(super) fn take(folder: &Path) -> Self {
        let mut scan = Scan::default();
        let now = SystemTime::now();
        if let Ok(metadata) = fs::metadata(folder) {
            scan.add(&metadata);
            scan.folder(folder, 0);
        }
        let is_settled = scan.newest.is_none_or(|it| is_settled(it, scan.has_fraction, now));
        Self { hash: scan.hasher.finish(), is_settled }
    }

    /// Whether nothing can have changed between the two.
    pub(super) fn is_same_as(self, later: Self) -> bool {
        self.is_settled && self.has_files_of(later)
    }

    /// Whether names, lengths and times of both are the same.
    pub(super) fn has_files_of(self, other: Self) -> bool {
        self.hash == other.hash
    }
}

#[derive(Debug, Default)]
struct Scan {
    hasher: DefaultHasher,
    newest: Option<SystemTime>,
    has_fraction: bool,
}

impl Scan {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_cached_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            if is_omitted(&name.to_string_lossy()) {
                continue;
            }
            // Of a link itself: it counts only if it leads to another file of the folder.
            let Ok(metadata) = entry.metadata() else { continue };
            name.hash(&mut self.hasher);
            self.add(&metadata);
            if metadata.is_dir() && depth < DEPTH_MAX {
                self.folder(&entry.path(), depth + 1);
                // Without it, a file could move to another folder unnoticed.
                self.hasher.write_u8(0);
            }
        }
    }

    fn add(&mut self, metadata: &Metadata) {
        metadata.is_dir().hash(&mut self.hasher);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;

            (metadata.dev(), metadata.ino(), metadata.mode()).hash(&mut self.hasher);
        }
        // The entries of a folder say more than its own time.
        if metadata.is_dir() {
            return;
        }
        metadata.len().hash(&mut self.hasher);
        if let Ok(modified) = metadata.modified() {
            modified.hash(&mut self.hasher);
            self.newest = self.newest.max(Some(modified));
            self.has_fraction |= has_fraction(modified);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_snapshot_differs_after_any_change_and_is_the_same_without_one() {
        type Change = fn(&Path);
        let rows: [(&str, Change, bool); 7] = [
            ("nothing", |_| {}, true),
            ("a dotfile", |it| fs::write(it.join(".x"), "").unwrap(), true),
            ("a length", |it| fs::write(it.join("a.html"), "longer").unwrap(), false),
            ("a new file", |it| fs::write(it.join("b/c.html"), "").unwrap(), false),
            ("a removed file", |it| fs::remove_file(it.join("a.html")).unwrap(), false),
            ("a renamed file", |it| fs::rename(it.join("a.html"), it.join("d")).unwrap(), false),
            ("a gone folder", |it| fs::remove_dir_all(it).unwrap(), false),
        ];
        let long_ago = SystemTime::now() - Duration::from_secs(100);
        for (name, change, is_same) in rows {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path().join("site");
            fs::create_dir_all(folder.join("b")).unwrap();
            for path in ["a.html", "b/x.html"] {
                fs::write(folder.join(path), "text").unwrap();
                let file = fs::File::options().append(true).open(folder.join(path)).unwrap();
                file.set_modified(long_ago).unwrap();
            }
            let before = FolderSnapshot::take(&folder);
            change(&folder);
            assert_eq!(before.is_same_as(FolderSnapshot::take(&folder)), is_same, "{name}");
        }
    }

    #[test]
    fn a_snapshot_of_a_file_that_was_just_written_proves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.html"), "text").unwrap();
        let snapshot = FolderSnapshot::take(folder.path());
        assert!(!snapshot.is_same_as(FolderSnapshot::take(folder.path())));
    }
}
