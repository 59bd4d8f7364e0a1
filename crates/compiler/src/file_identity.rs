//! Identity of a file: what shows that its content is the one from before.

use std::{
    fs::Metadata,
    time::{Duration, SystemTime},
};

use crate::folder_file::FileVersion;

/// What a file has at a time. On Unix it has also its number and the time of the last change of its
/// attributes, which no tool sets back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    pub(crate) version: FileVersion,
    number: (u64, u64),
    changed: Option<SystemTime>,
}

/// Whether a change after `now` gives a file another time than `newest`. Times of files advance in
/// steps: of 4 or 10 ms in most file systems, of 2 s in those, such as FAT, that store no fractions
/// of a second.
#[must_use]
pub fn is_settled(newest: SystemTime, has_fractions: bool, now: SystemTime) -> bool {
    let step = Duration::from_millis(if has_fractions { 50 } else { 3000 });
    now.duration_since(newest).is_ok_and(|age| age > step)
}

/// Whether a file time has a fraction of a second.
#[must_use]
pub fn has_fraction(time: SystemTime) -> bool {
    time.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.subsec_nanos() > 0)
}

impl FileIdentity {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        let seconds = u64::try_from(metadata.ctime()).map(Duration::from_secs);
        let nanoseconds = u64::try_from(metadata.ctime_nsec()).map(Duration::from_nanos);
        let since = seconds.ok().zip(nanoseconds.ok()).map(|(a, b)| a + b);
        let changed = since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
        let number = (metadata.dev(), metadata.ino());
        Self { version: FileVersion::of(metadata), number, changed }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let changed = metadata.created().ok();
        Self { version: FileVersion::of(metadata), number: (0, 0), changed }
    }

    /// Whether a change after this time gives the file another identity.
    pub(crate) fn is_settled_at(&self, now: SystemTime) -> bool {
        let Some(newest) = self.version.modified.max(self.changed) else { return false };
        is_settled(newest, has_fraction(newest), now)
    }
}
