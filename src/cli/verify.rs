//! `chapbook verify`: proves that the site inside is what it was when it was packed or built.

use chapbook_format::digest;
use clap::Args;

use super::{say, warn};
use crate::site::{LoadError, Site};

/// The flags of `verify`: there are none.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

/// What the help shows.
pub(super) const EXAMPLES: &str = "\
Every checksum is computed anew: of the index, of each head and of each content. The root hash is
the one that `pack` printed; it ends with 1 if anything is off.";

/// Looks at everything. Returns whether all is whole; what is not has been said.
pub(super) fn run(_: &Arguments) -> Result<bool, LoadError> {
    let site = Site::load()?;
    let damaged = site.look_at_all();
    for part in &damaged {
        warn(&format_args!("{part} is damaged"));
    }
    if !damaged.is_empty() {
        return Ok(false);
    }
    let root_hash = site.computed_root_hash();
    if root_hash != *site.root_hash() {
        let written = digest::hexadecimal(site.root_hash());
        warn(&format_args!("the root hash should be {written}, and is not"));
        return Ok(false);
    }
    let files = site.files().len();
    let word = if files == 1 { "file is" } else { "files are" };
    say(format_args!("{files} {word} whole\nroot hash {}", digest::hexadecimal(&root_hash)));
    Ok(true)
}
