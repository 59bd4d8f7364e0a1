//! Free space of a disk.

use std::path::Path;

/// The number of bytes that this process may write to the disk of a folder; `None` if unknown.
#[cfg(unix)]
pub(super) fn available(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    // Some blocks are reserved for root.
    let blocks = if rustix::process::geteuid().is_root() { disk.f_bfree } else { disk.f_bavail };
    // File systems without a fixed size report none.
    (disk.f_blocks > 0).then_some(blocks.saturating_mul(disk.f_frsize))
}

/// The number of bytes that this process may write to the disk of a folder; `None` if unknown.
#[cfg(windows)]
pub(super) fn available(folder: &Path) -> Option<u64> {
    let mut available = 0;
    winsafe::GetDiskFreeSpaceEx(folder.to_str(), Some(&mut available), None, None).ok()?;
    Some(available)
}

/// The number of bytes that this process may write to the disk of a folder; `None` if unknown.
#[cfg(not(any(unix, windows)))]
pub(super) fn available(_: &Path) -> Option<u64> {
    None
}
