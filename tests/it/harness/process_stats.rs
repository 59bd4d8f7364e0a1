//! Counters that Linux keeps for a process.

use std::fs;

/// The counters of the process with this id, from `/proc`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessStats(pub(crate) u32);

impl ProcessStats {
    /// A file of `/proc/PID`.
    pub(crate) fn read(self, name: &str) -> String {
        let path = format!("/proc/{}/{name}", self.0);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The number after a name in a file of `/proc/PID`.
    pub(crate) fn counter(self, file: &str, name: &str) -> u64 {
        let text = self.read(file);
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let line = line.unwrap_or_else(|| panic!("no {name} in {text}"));
        line.trim().trim_end_matches(" kB").parse().expect("a counter is a number")
    }

    /// Resident memory in bytes, counted page by page.
    pub(crate) fn resident_bytes(self) -> u64 {
        1024 * self.counter("smaps_rollup", "Rss:")
    }

    /// Bytes read from files, including those sent with `sendfile`.
    pub(crate) fn read_bytes(self) -> u64 {
        self.counter("io", "rchar:")
    }

    pub(crate) fn open_files(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0)).expect("the process lives").count()
    }
}
