//! `chapbook man`: the manual page, in roff.

use clap::Args;
use clap_mangen::Man;

use crate::cli::{failure::Failure, output::print_bytes};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Command to describe [default: all of chapbook]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook man --install    install the manual in your home
  chapbook man | man -l -   read the page about all of chapbook
  chapbook man pack         print the page about a command";
pub(super) const NOTES: &str = "\
With --install, the pages are written to a folder in your home where man(1) looks for them.";

/// Prints the page of a command, or of the complete command line.
pub(super) fn run(arguments: &Arguments, mut command_line: clap::Command) -> Result<(), Failure> {
    // Gives the page of each command a name like that of git's commands: `chapbook-pack`.
    command_line.build();
    let described = match &arguments.command {
        None => command_line,
        Some(name) => command_line.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::usage(format_args!(
                "unknown command `{name}`; `chapbook --help` lists the commands"
            ))
        })?,
    };
    let mut page = Vec::new();
    Man::new(described).render(&mut page)?;
    print_bytes(&page);
    Ok(())
}
