//! The executable: nothing but the way into `chapbook::cli`, and who gives out memory.

use std::process::ExitCode;

/// That of musl takes twice as long to judge a site.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    chapbook::cli::run()
}
