//! `chapbook verify`: verification of the packed site.

use chapbook_format::digest;
use clap::Args;

use super::{
    build::load_site,
    failure::Failure,
    output::{count, print_line, warn},
};

#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook verify    check that the file was copied completely";
pub(super) const NOTES: &str = "\
Recomputes every checksum and prints the root hash, as `pack --verbose` does.
Exits with status 1 if a part is damaged.";

/// Verifies every part of the site and prints the root hash. Fails if a part is damaged.
pub(super) fn run(_: &Arguments) -> Result<(), Failure> {
    let site = load_site()?;
    let damaged = site.verify_all();
    for part in &damaged {
        warn(format_args!("{part} is damaged"));
    }
    if !damaged.is_empty() {
        return Err(Failure::Reported);
    }
    let root_hash = site.computed_root_hash();
    if root_hash != *site.root_hash() {
        let [expected, computed] = [site.root_hash(), &root_hash].map(digest::hexadecimal);
        warn(format_args!("the root hash is {computed}, but should be {expected}"));
        return Err(Failure::Reported);
    }
    let files = site.files().len();
    let verb = if files == 1 { "is" } else { "are" };
    let files = count(files, "file");
    print_line(format_args!(
        "{files} {verb} intact\nroot hash {}",
        digest::hexadecimal(&root_hash)
    ));
    Ok(())
}
