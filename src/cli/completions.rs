//! `chapbook completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{CommandLine, print};

/// The flags of `completions`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Shell that is to complete the command line
    shell: Shell,
}

/// What the help shows.
pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook completions bash > ~/.local/share/bash-completion/completions/chapbook
  chapbook completions zsh > ~/.zfunc/_chapbook
  chapbook completions fish > ~/.config/fish/completions/chapbook.fish";

/// Prints the script.
pub(super) fn run(arguments: &Arguments) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "chapbook", &mut script);
    print(&script);
}
