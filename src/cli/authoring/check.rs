//! `chapbook check`: diagnostics of a folder.

use std::{io, path::PathBuf};

use chapbook_compiler::{Options, check};
use clap::Args;

use super::{
    lint_levels::LevelArguments,
    report::{self, Format},
};
use crate::cli::failure::Failure;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Folder that holds the site
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    levels: LevelArguments,
    /// Print one JSON object for each diagnostic and one for the whole, each on a line
    #[arg(long)]
    json: bool,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook check dist                        say everything that is wrong with the site
  chapbook check dist --allow broken-link    dead links are warnings
  chapbook check dist --deny warnings        warnings are errors
  chapbook check dist --json                 for editors and CI

It ends with 1 if there is an error, with 0 if there are at most warnings.";

/// Checks the folder and prints the report. Fails if a diagnostic is an error.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let lint_levels = arguments.levels.lint_levels().map_err(Failure::usage)?;
    let options = Options { root: arguments.folder.clone(), lint_levels, ..Options::default() };
    let report = check(&options)?;
    let format = if arguments.json { Format::Json } else { Format::Text };
    report::print(&report, format, io::stdout());
    if report.tally.errors == 0 { Ok(()) } else { Err(Failure::Reported) }
}
