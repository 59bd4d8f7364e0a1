//! Limits to what an archive may contain. Its own numbers are not trusted: a few kilobytes can
//! unpack to petabytes.

use super::error::Problem;

/// Maximum number of files and folders, twice as many as a site may have without `--force`.
const ENTRIES_MAX: u64 = 200_000;
/// Maximum total length of the files in bytes. The downloads of CI systems have less; longer sites
/// are unpacked once and not each time.
const BYTES_MAX: u64 = 4 << 30;
/// Maximum length of a path in bytes. Systems have limits of 1024 bytes and more.
pub(super) const PATH_MAX: usize = 1000;
/// Maximum length of a name in bytes, as on most disks.
pub(super) const NAME_MAX: usize = 255;
/// Maximum number of symbolic links, whose targets are kept in memory.
pub(super) const LINKS_MAX: usize = 10_000;
/// Maximum number of bytes of a tar archive that describe one entry: paths and attributes.
pub(super) const TAR_HEADERS_MAX: u64 = 1 << 20;
/// Maximum number of bytes after the last entry of a tar archive, which fill a block of a tape.
pub(super) const TAR_PADDING_MAX: u64 = 16 << 20;

/// What may still be unpacked: the archive and the one inside of it have one budget.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    entries: u64,
    bytes: u64,
    /// The number of bytes that fit on the disk; `None` if unknown.
    available: Option<u64>,
}

impl Budget {
    pub(super) fn new(available: Option<u64>) -> Self {
        Self { entries: ENTRIES_MAX, bytes: BYTES_MAX, available }
    }

    /// Fails if this number of files and folders is too large.
    pub(super) fn check_entries(&self, count: u64) -> Result<(), Problem> {
        if count > self.entries { Err(Problem::TooLarge("200,000 files")) } else { Ok(()) }
    }

    /// Fails if this number of bytes is too large.
    pub(super) fn check_bytes(&self, length: u64) -> Result<(), Problem> {
        if length > self.bytes {
            return Err(Problem::TooLarge("4 GiB"));
        }
        match self.available {
            Some(available) if length > available => Err(Problem::NoSpace { length, available }),
            _ => Ok(()),
        }
    }

    /// Takes one file or folder from the budget.
    pub(super) fn take_entry(&mut self) -> Result<(), Problem> {
        self.check_entries(1)?;
        self.entries -= 1;
        Ok(())
    }

    /// Takes bytes from the budget.
    pub(super) fn take_bytes(&mut self, length: u64) -> Result<(), Problem> {
        self.check_bytes(length)?;
        self.bytes -= length;
        self.available = self.available.map(|it| it - length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_used_up() {
        let mut budget = Budget::new(None);
        assert!(budget.take_bytes(BYTES_MAX - 1).is_ok());
        assert!(budget.take_bytes(1).is_ok());
        assert!(matches!(budget.take_bytes(1), Err(Problem::TooLarge("4 GiB"))));
        assert!(budget.check_entries(ENTRIES_MAX).is_ok());
        assert!(budget.take_entry().is_ok());
        assert!(matches!(budget.check_entries(ENTRIES_MAX), Err(Problem::TooLarge(_))));
        let mut budget = Budget::new(Some(10));
        assert!(budget.take_bytes(4).is_ok());
        let error = budget.take_bytes(7);
        assert!(matches!(error, Err(Problem::NoSpace { length: 7, available: 6 })), "{error:?}");
    }
}
