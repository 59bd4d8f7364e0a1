//! This file owns the preview of a folder: it is compiled in memory as it will be bound, but fast,
//! and errors of judgement are warnings as long as it is not done.

use std::{fmt, io, path::Path};

use chapbook_compiler::{
    CompileError, Compiled, CompiledSite, Effort, LintLevels, Options, Payload, compile,
};

use super::{
    progress::Bar,
    report::{self, Form},
};
use crate::site::Site;

/// Why a folder can't be served.
#[derive(Debug)]
pub(super) enum FolderError {
    Compile(CompileError),
    /// So many mistakes are left that could not be served right. They have been shown.
    Wrong(usize),
    Load(io::Error),
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compile(error) => error.fmt(f),
            Self::Load(error) => write!(f, "cannot serve the folder: {error}"),
            Self::Wrong(1) => f.write_str("nothing is served before this error is mended"),
            Self::Wrong(count) => {
                write!(f, "nothing is served before these {count} errors are mended")
            }
        }
    }
}

/// Compiles a folder and says on stderr what is wrong with it; only errors if it is to be quiet.
pub(super) fn load(folder: &Path, is_quiet: bool) -> Result<Site, FolderError> {
    let options = Options {
        root: folder.to_owned(),
        effort: Effort::Fast,
        lint_levels: LintLevels::lenient(),
        ..Options::default()
    };
    let compiled = compile(&options).map_err(FolderError::Compile)?;
    site(compiled, is_quiet)
}

/// Compiles a folder with all the effort that it is packed with, so that it is as large as it will
/// be, and says on stderr only what keeps it from being served.
pub(super) fn compile_as_packed(folder: &Path) -> Result<Site, FolderError> {
    let bar = Bar::new();
    let options = Options {
        root: folder.to_owned(),
        progress: bar.progress(),
        lint_levels: LintLevels::lenient(),
        ..Options::default()
    };
    let compiled = compile(&options).map_err(FolderError::Compile)?;
    drop(bar);
    site(compiled, true)
}

fn site(compiled: Compiled, is_quiet: bool) -> Result<Site, FolderError> {
    let Compiled { site, report } = compiled;
    if !is_quiet || report.tally.errors > 0 {
        report::print(&report, Form::Text, io::stderr());
    }
    match site {
        Some(site) => serve_from_memory(&site).map_err(FolderError::Load),
        None => Err(FolderError::Wrong(report.tally.errors)),
    }
}

/// The site as it would be packed. It is served until the process ends, so its memory is never
/// freed.
fn serve_from_memory(site: &CompiledSite) -> io::Result<Site> {
    let payload = Payload::new(site).map_err(io::Error::other)?;
    Site::of_payload(payload.to_bytes()?.leak()).map_err(io::Error::other)
}
