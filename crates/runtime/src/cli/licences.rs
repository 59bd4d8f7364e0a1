//! `chapbook licences`: the licences of the software in the executable.

use clap::Args;

use super::{build, failure::Failure, output::print_bytes};

#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook licences           print the licences
  chapbook licences | less    read them page by page";
pub(super) const NOTES: &str = "\
The list is for Chapbook and what it is made of, not for a packed site.";

/// Prints the licences.
pub(super) fn run() -> Result<(), Failure> {
    let notices = miniz_oxide::inflate::decompress_to_vec(build::notices())
        .map_err(|error| Failure::error(format_args!("cannot read the licences: {error}")))?;
    print_bytes(&notices);
    Ok(())
}
