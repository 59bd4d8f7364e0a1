//! Wake-ups and CPU time of a process over a time span.

use std::{fs, time::Duration};

use crate::harness::{ProcessStats, pause};

/// The activity of a process over a time span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Activity {
    /// Voluntary context switches of all threads: each is a wait, and so a wake-up.
    pub(crate) wake_ups: u64,
    /// CPU time in hundredths of a second, which is the unit of `/proc` on every machine.
    pub(crate) cpu_ticks: u64,
}

/// Measures processes over the same time span.
pub(crate) fn over<const N: usize>(time: Duration, processes: [ProcessStats; N]) -> [Activity; N] {
    let before = processes.map(since_start);
    pause(time);
    std::array::from_fn(|at| {
        let now = since_start(processes[at]);
        Activity {
            wake_ups: now.wake_ups - before[at].wake_ups,
            cpu_ticks: now.cpu_ticks - before[at].cpu_ticks,
        }
    })
}

fn since_start(process: ProcessStats) -> Activity {
    let stat = process.read("stat");
    // The process name may contain spaces; the state and then numbers follow it.
    let fields = stat.rsplit(") ").next().expect("the name is in parentheses");
    let times = fields.split(' ').skip(11).take(2);
    let cpu_ticks = times.map(|time| time.parse::<u64>().expect("a time is a number")).sum();
    let of_thread = |thread: fs::DirEntry| {
        let status = format!("task/{}/status", thread.file_name().display());
        process.counter(&status, "voluntary_ctxt_switches:")
    };
    let threads = fs::read_dir(format!("/proc/{}/task", process.0)).expect("the process lives");
    let threads = threads.map(|thread| of_thread(thread.expect("a folder can be listed")));
    Activity { wake_ups: threads.sum(), cpu_ticks }
}
