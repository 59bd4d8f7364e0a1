//! Snapshot of a folder: a hash of the names, lengths and times of its files, to find out whether
//! it has changed without reading them.

use std::{
    collections::hash_map::DefaultHasher,
    fs::{self, Metadata},
    hash::{Hash, Hasher},
    path::Path,
    time::{Duration, SystemTime},
};

/// A folder at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FolderSnapshot {
    hash: u64,
    /// Whether a later change of a file must give it another time.
    is_settled: bool,
}

/// File times advance in steps: of 4 or 10 ms in most systems, of 2 s if no time has a fraction of
/// a second, as in FAT.
const STEP: Duration = Duration::from_millis(50);
const COARSE_STEP: Duration = Duration::from_secs(3);
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
        let step = if scan.has_fraction { STEP } else { COARSE_STEP };
        let is_old = |newest| now.duration_since(newest).is_ok_and(|age| age > step);
        let is_settled = scan.newest.is_none_or(is_old);
        Self { hash: scan.hasher.finish(), is_settled }
    }

    /// Whether nothing can have changed between the two.
    pub(super) fn is_same_as(self, later: Self) -> bool {
        self.is_settled && self.hash == later.hash
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
            let is_dotfile = name.as_encoded_bytes().starts_with(b".") && name != ".well-known";
            // Of a link itself: it counts only if it leads to another file of the folder.
            let Ok(metadata) = entry.metadata() else { continue };
            if is_dotfile {
                continue;
            }
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
            let since = modified.duration_since(SystemTime::UNIX_EPOCH);
            self.has_fraction |= since.is_ok_and(|since| since.subsec_nanos() > 0);
        }
    }
}

#[cfg(test)]
mod tests {
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
