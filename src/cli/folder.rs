//! This file owns the preview of a folder: it is compiled in memory as it will be bound, but fast,
//! and errors of judgement are warnings as long as it is not done.

use std::{fmt, path::Path};

use chapbook_bundle::{Compiled, Effort, Options, SourceError, Verdicts, compile};

use super::report::{self, Form};
use crate::site::Site;

/// Why a folder can't be served.
#[derive(Debug)]
pub(super) enum FolderError {
    Source(SourceError),
    /// So many mistakes are left that could not be served right. They have been shown.
    Wrong(usize),
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
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
        verdicts: Verdicts::lenient(),
        ..Options::default()
    };
    let Compiled { bundle, report } = compile(&options).map_err(FolderError::Source)?;
    if !is_quiet || report.tally.errors > 0 {
        report::print(&report, Form::Text, std::io::stderr());
    }
    match bundle {
        Some(bundle) => Ok(Site::loaded(bundle)),
        None => Err(FolderError::Wrong(report.tally.errors)),
    }
}
