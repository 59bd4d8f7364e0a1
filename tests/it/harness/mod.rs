//! Test harness: processes, servers and clients.
//!
//! - [`run`] runs the executable until it exits and returns an [`Outcome`]:
//!   `run(["check", "site"]).stdout`.
//! - [`chapbook`] and [`Program`] first set the folder, variables, streams, a shell, or another
//!   executable; then `run`, `serve` or `spawn`.
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
#[cfg(target_os = "linux")]
mod screen;
mod server;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(feature = "tls")]
mod tls_client;

pub(crate) use chapbook_oracle::{
    conversation::{talk, talk_in_pieces, talk_to_site},
    response::{self, Response, parse_all},
    rng::Rng,
};

#[cfg(feature = "tls")]
pub(crate) use self::tls_client::{Split, TestCertificate, TlsClient};
pub(crate) use self::{
    client::Client,
    folders::{
        copy_content, copy_default_site, folder_of, listing, page, replace, repository, site_file,
        site_folder, write,
    },
    program::{Outcome, Program, chapbook, executable, run},
    running::Running,
    server::{Server, listening_on},
};
#[cfg(unix)]
pub(crate) use self::{
    load::{
        connections, downloads, eventually, exclusive, finish_downloads, flood, idle_connections,
        pause, random_bytes, request_shutdown, serve_large_file, serve_with_few_descriptors,
    },
    nonblocking_client::NonblockingClient,
};
#[cfg(target_os = "linux")]
pub(crate) use self::{process_stats::ProcessStats, terminal::Terminal};

/// Reports that the running test, or a part of it, is skipped. The output of `eprintln!` is
/// captured and not shown for a test that passes.
pub(crate) fn skipped(reason: &str) {
    let name = thread::current().name().unwrap_or_default().to_owned();
    let _ = writeln!(io::stderr(), "test {name} skipped: {reason}");
}
