//! `chapbook verify`: checksums of the packed site.

use chapbook_format::digest;
use clap::Args;

use super::{
    failure::Failure,
    output::{say, warn},
};
use crate::site::Site;

#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) const EXAMPLES: &str = "\
Every checksum is computed anew: of the index, of each head and of each content. The root hash is
the one that `pack` printed; it ends with 1 if anything is off.";

/// Verifies every part of the site and prints the root hash. Fails if a part is damaged.
pub(super) fn run(_: &Arguments) -> Result<(), Failure> {
    let site = Site::load()?;
    let damaged = site.look_at_all();
    for part in &damaged {
        warn(format_args!("{part} is damaged"));
    }
    if !damaged.is_empty() {
        return Err(Failure::Reported);
    }
    let root_hash = site.computed_root_hash();
    if root_hash != *site.root_hash() {
        let written = digest::hexadecimal(site.root_hash());
        warn(format_args!("the root hash should be {written}, and is not"));
        return Err(Failure::Reported);
    }
    let files = site.files().len();
    let word = if files == 1 { "file is" } else { "files are" };
    say(format_args!("{files} {word} whole\nroot hash {}", digest::hexadecimal(&root_hash)));
    Ok(())
}
