//! `chapbook man`: the manual page, for a folder that `man` looks in.

use std::io;

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::{CommandLine, print};

/// The flags of `man`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Command to describe instead of the whole
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// What the help shows.
pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook man > ~/.local/share/man/man1/chapbook.1
  chapbook man pack > ~/.local/share/man/man1/chapbook-pack.1
  chapbook man | man -l -";

/// Prints the page in roff. Returns false where there is no such command.
pub(super) fn run(arguments: &Arguments) -> io::Result<bool> {
    // Each command's page has a name of its own, as git's have: `chapbook-pack`.
    let mut whole = CommandLine::command();
    whole.build();
    let described = match &arguments.command {
        None => Some(whole),
        Some(name) => whole.find_subcommand(name).cloned(),
    };
    let Some(described) = described else { return Ok(false) };
    let mut page = Vec::new();
    Man::new(described).render(&mut page)?;
    print(&page);
    Ok(true)
}
