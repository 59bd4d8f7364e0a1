//! The executable: nothing but the way into `chapbook::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    chapbook::cli::run()
}
