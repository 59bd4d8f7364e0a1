//! Commands and arguments that need the site compiler (feature `pack`).

mod annotate;
mod app;
mod app_folder;
mod candidates;
mod capacity;
mod check;
mod completions;
mod counts;
mod disk_space;
mod explain;
mod folder;
mod folder_signals;
mod folder_site;
mod folder_snapshot;
mod folder_watch;
mod groups;
mod interrupt;
mod json;
mod lint_levels;
mod live_folder;
mod man;
mod output_name;
mod output_path;
mod pack;
mod palette;
mod progress;
mod report;
mod route_options;
mod size;
mod source;
mod summary;
mod target;
mod target_error;
mod temporary_paths;
mod user_folders;

use clap::Subcommand;

pub(super) use self::folder::{FolderArgument, Preview};
use super::{failure::Failure, help};

/// Examples for the help.
pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook dist                 serve the folder `dist` as it would be packed
  chapbook dist --lan --open    share it with a QR code, and open it here
  chapbook check dist           check it for errors
  chapbook pack dist -o demo    pack it into the executable `demo`";

/// Commands for authors of a site.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum AuthoringCommand {
    /// Check a folder: links, markup, JSON and rules
    #[command(display_order = 1, help_template = help::TEMPLATE)]
    #[command(before_help = check::EXAMPLES, after_help = check::NOTES)]
    Check(check::Arguments),
    /// Pack a folder into an executable that serves it
    #[command(display_order = 2, help_template = help::TEMPLATE)]
    #[command(before_help = pack::EXAMPLES, after_help = pack::NOTES)]
    Pack(pack::Arguments),
    /// Explain a code of `check`, or list all codes
    #[command(display_order = 1, help_template = help::TEMPLATE)]
    #[command(before_help = explain::EXAMPLES, after_help = explain::NOTES)]
    Explain(explain::Arguments),
    /// Print or install a shell completion script
    #[command(display_order = 7, help_template = help::TEMPLATE)]
    #[command(before_help = completions::EXAMPLES, after_help = completions::NOTES)]
    Completions(completions::Arguments),
    /// Print or install the manual
    #[command(display_order = 8, help_template = help::TEMPLATE)]
    #[command(before_help = man::EXAMPLES, after_help = man::NOTES)]
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
            Self::Completions(arguments) => completions::run(arguments, command_line()),
            Self::Man(arguments) => man::run(arguments, command_line()),
        }
    }
}
