//! Test harness: processes, servers and clients.
//!
//! - [`run`] runs the executable to its end and gives [`Ran`]: `run(["check", "site"]).stdout`.
//! - [`chapbook`] and [`Program`] are the same in steps: folder, variables, streams, a shell,
//!   another executable; then `run`, `serve` or `spawn`.
//! - [`Server`] is a started server; [`Client`] sends bytes to it and reads responses strictly.

use std::{
    io::{self, Write},
    thread,
};

mod client;
mod folders;
#[cfg(unix)]
mod load;
#[cfg(unix)]
mod nonblocking_client;
#[cfg(target_os = "linux")]
mod process_stats;
mod program;
mod running;
mod server;

pub(crate) use chapbook_oracle::{
    conversation::{at_the_start, talk_to, talk_whole, talk_with},
    response::{self, Response, parse_all},
    rng::Rng,
};

#[cfg(target_os = "linux")]
pub(crate) use self::process_stats::ProcessStats;
pub(crate) use self::{
    client::Client,
    folders::{
        copy_default_site, folder_of, listing, page, repository, site_file, site_folder, write,
    },
    program::{Program, Ran, chapbook, run},
    running::Running,
    server::{Server, listening_on},
};
#[cfg(unix)]
pub(crate) use self::{
    load::{
        connections, downloads, eventually, exclusive, finish_downloads, flood, idle_connections,
        pause, random_bytes, request_shutdown, serve_large_file, starved,
    },
    nonblocking_client::NonblockingClient,
};

/// Reports that the running test, or a part of it, is skipped. `eprintln!` would be captured, so
/// that the skip of a passing test were never seen.
pub(crate) fn skipped(reason: &str) {
    let name = thread::current().name().unwrap_or_default().to_owned();
    let _ = writeln!(io::stderr(), "test {name} skipped: {reason}");
}
