//! What Linux says about a process.

use std::fs;

/// A process that is looked at from outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    fn read(self, name: &str) -> String {
        let place = format!("/proc/{}/{name}", self.0);
        fs::read_to_string(&place).unwrap_or_else(|error| panic!("{place}: {error}"))
    }

    /// Resident memory in bytes, counted page by page.
    pub(crate) fn resident(self) -> u64 {
        1024 * value(&self.read("smaps_rollup"), "Rss:")
    }

    /// How many bytes it read from files, or had the system send from them.
    pub(crate) fn read_bytes(self) -> u64 {
        value(&self.read("io"), "rchar:")
    }

    /// How many descriptors are open.
    pub(crate) fn descriptors(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0)).expect("the process lives").count()
    }

    /// CPU time in hundredths of a second, as Linux counts it for programs on every machine.
    pub(crate) fn cpu_ticks(self) -> u64 {
        let stat = self.read("stat");
        // The name may hold blanks; behind it come the state and then numbers.
        let behind = stat.rsplit(") ").next().expect("there is a name");
        let numbers = behind.split(' ').skip(11).take(2);
        numbers.map(|it| it.parse::<u64>().expect("a number")).sum()
    }

    /// How often any of its threads gave up its CPU to wait for something: each wait is one
    /// wake-up.
    pub(crate) fn waits(self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).expect("the process lives");
        let of_task = |task: fs::DirEntry| {
            let status = self.read(&format!("task/{}/status", task.file_name().display()));
            value(&status, "voluntary_ctxt_switches:")
        };
        tasks.map(|task| of_task(task.expect("it can be listed"))).sum()
    }
}

fn value(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("it is told");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
