//! `chapbook check`: judges a folder and serves nothing.

use std::{fmt, path::PathBuf};

use chapbook_compiler::{LintError, Options, WalkError, check};
use clap::Args;

use super::{
    lint_levels::LevelArguments,
    report::{self, Form},
};

/// The flags of `check`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder that holds the site
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    levels: LevelArguments,
    /// Print one JSON object for each diagnostic and one for the whole, each on a line
    #[arg(long)]
    json: bool,
}

/// What the help shows.
pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook check dist                        say everything that is wrong with the site
  chapbook check dist --allow broken-link    dead links are warnings
  chapbook check dist --deny warnings        warnings are errors
  chapbook check dist --json                 for editors and CI

It ends with 1 if there is an error, with 0 if there are at most warnings.";

/// Judges the folder and says what was found. Returns whether it can be bound.
pub(super) fn run(arguments: &Arguments) -> Result<bool, CheckError> {
    let lint_levels = arguments.levels.lint_levels().map_err(CheckError::Usage)?;
    let options = Options { root: arguments.folder.clone(), lint_levels, ..Options::default() };
    let report = check(&options).map_err(CheckError::Source)?;
    let form = if arguments.json { Form::Json } else { Form::Text };
    report::print(&report, form, std::io::stdout());
    Ok(report.tally.errors == 0)
}

/// Why there is no verdict.
#[derive(Debug)]
pub(super) enum CheckError {
    Usage(LintError),
    Source(WalkError),
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => error.fmt(f),
            Self::Source(error) => error.fmt(f),
        }
    }
}
