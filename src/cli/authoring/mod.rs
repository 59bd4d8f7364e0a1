//! Commands and arguments that need the site compiler (feature `pack`).

mod annotate;
mod capacity;
mod check;
mod completions;
mod counts;
mod disk_space;
mod explain;
mod folder;
mod groups;
mod interrupt;
mod json;
mod lint_levels;
mod man;
mod pack;
mod palette;
mod progress;
mod report;
mod route_options;
mod size;
mod target;

use clap::Subcommand;

pub(super) use self::folder::FolderArgument;
use super::failure::Failure;

/// Examples for the help, after those of `serve`.
pub(super) const EXAMPLES: &str = "
  chapbook dist                 serve the folder `dist` as it would be packed
  chapbook check dist           check it for errors
  chapbook pack dist -o demo    pack it into the executable `demo`";

/// Commands for authors of a site.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum AuthoringCommand {
    /// Check a folder: links, markup, JSON and rules
    #[command(display_order = 1, after_help = check::EXAMPLES)]
    Check(check::Arguments),
    /// Pack a folder into an executable that serves it
    #[command(display_order = 2, after_help = pack::EXAMPLES)]
    Pack(pack::Arguments),
    /// Explain a code of `check`, or list all codes
    #[command(display_order = 1, after_help = explain::EXAMPLES)]
    Explain(explain::Arguments),
    /// Generate a shell completion script
    #[command(display_order = 6, after_help = completions::EXAMPLES)]
    Completions(completions::Arguments),
    /// Generate the manual page
    #[command(display_order = 7, after_help = man::EXAMPLES)]
    Man(man::Arguments),
}

impl AuthoringCommand {
    /// Runs the command; `command_line` builds the description of the complete command line.
    pub(super) fn run(&self, command_line: fn() -> clap::Command) -> Result<(), Failure> {
        match self {
            Self::Check(arguments) => check::run(arguments),
            Self::Pack(arguments) => pack::run(arguments),
            Self::Explain(arguments) => {
                explain::run(arguments);
                Ok(())
            }
            Self::Completions(arguments) => {
                completions::run(arguments, command_line());
                Ok(())
            }
            Self::Man(arguments) => man::run(arguments, command_line()),
        }
    }
}
