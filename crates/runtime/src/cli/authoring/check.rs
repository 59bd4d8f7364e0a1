//! `chapbook check`: diagnostics of a folder.

use std::{io, path::PathBuf};

use chapbook_compiler::{Options, check};
use clap::Args;

use super::{
    json, lint_levels::LevelArguments, progress::ProgressDisplay, report,
    route_options::RouteArguments, source::Source,
};
use crate::cli::failure::Failure;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Folder that holds the site, or a .zip or .tar.gz archive of it
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    routes: RouteArguments,
    #[command(flatten)]
    levels: LevelArguments,
    /// Print every diagnostic, instead of each cause once with its places
    #[arg(long)]
    all: bool,
    /// Check the folder even if it has more than 100,000 files or 20 GiB
    #[arg(long)]
    force: bool,
    /// Print JSON lines: one for each diagnostic, one with the totals
    #[arg(long)]
    json: bool,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook check dist                        list all problems of the site
  chapbook check dist --all                  list every place of each problem
  chapbook check dist --mount /repo/         check a site that is served at /repo/
  chapbook check dist --allow broken-link    report broken links as warnings
  chapbook check dist --json                 print JSON for editors and CI
  chapbook explain broken-link               explain a code";
pub(super) const NOTES: &str = "\
Exits with status 1 if there are errors, and with 0 if there are only warnings and notes.";

/// Checks the folder and prints the report. Fails if a diagnostic is an error.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    json::print_failure(check_folder(arguments), arguments.json)
}

fn check_folder(arguments: &Arguments) -> Result<(), Failure> {
    let lint_levels = arguments.levels.lint_levels().map_err(Failure::usage)?;
    let source = Source::open(&arguments.folder)?;
    let display = ProgressDisplay::new();
    let options = Options {
        root: source.folder.clone(),
        name: source.name.clone(),
        progress: display.progress(),
        routes: arguments.routes.options(),
        lint_levels,
        is_unbounded: arguments.force,
        ..Options::default()
    };
    let report = check(&options)?;
    drop(display);
    if arguments.json {
        json::print(&report, io::stdout());
    } else if arguments.all {
        report::print_all(&report, io::stdout());
    } else {
        report::print(&report, io::stdout());
    }
    if report.tally.errors == 0 { Ok(()) } else { Err(Failure::Reported) }
}
