//! `chapbook completions`: a completion script for a shell.

use clap::Args;
use clap_complete::Shell;

use crate::cli::output::print_bytes;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Shell that will run the script
    shell: Shell,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook completions --install       install the script for your shell
  chapbook completions zsh --install   install the script for zsh
  chapbook completions bash            print the script";
pub(super) const NOTES: &str = "\
With --install, the script is written to the folder in your home where the shell looks for it.";

/// Prints the script.
pub(super) fn run(arguments: &Arguments, mut command_line: clap::Command) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command_line, "chapbook", &mut script);
    print_bytes(&script);
}
