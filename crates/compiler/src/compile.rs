//! This file owns what the compiler is asked for: to judge a folder, or to bind it as well. How
//! either is done lies in the rooms behind it.

use std::{fmt, io, path::PathBuf};

use chapbook_format::SiteInfo;

use crate::{
    content::SpillFile,
    diagnostic::Diagnostic,
    lint::{LintReport, lint},
    lints::{LintLevels, Severity},
    model::CompiledSite,
    progress::Progress,
    render::{
        RenderContext, RenderError,
        compress::{Compressor, Effort},
        render,
    },
    walk::{self, Source, WalkError},
};

/// What is compiled, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder.
    pub root: PathBuf,
    /// A folder in which coded contents are remembered from one time to the next.
    pub cache: Option<PathBuf>,
    /// When the site was made, in seconds since 1970, for `Last-Modified`. File times are not
    /// used: they differ between two clones of the same site.
    pub last_modified: Option<u64>,
    /// Where contents are set aside once they are coded; they stay in memory if there is none.
    pub aside: Option<SpillFile>,
    /// Who hears how far it is.
    pub progress: Progress,
    /// How hard contents are coded.
    pub effort: Effort,
    /// What the author makes of the kinds of diagnostics.
    pub lint_levels: LintLevels,
}

/// What a folder is like.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Everything that was found, by file and position.
    pub diagnostics: Vec<Diagnostic>,
    /// How much was looked at.
    pub tally: Tally,
    /// Every file and folder whose change changes the outcome.
    pub watched: Vec<PathBuf>,
}

impl Report {
    /// The report without its warnings, but that there are some.
    #[must_use]
    pub fn only_errors(mut self) -> Self {
        self.diagnostics.retain(|it| it.severity == Severity::Error);
        self
    }
}

/// How much of everything there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files that are bound or hold rules.
    pub files: usize,
    /// Paths that have an answer, those that end in `*` included.
    pub routes: usize,
    /// Bytes of the files.
    pub bytes: u64,
    /// References that lead to the site itself and were followed.
    pub links: usize,
    /// Files that were left out: dotfiles and leftovers of desktops.
    pub omitted: usize,
    /// Diagnostics that are errors.
    pub errors: usize,
    /// Diagnostics that are warnings.
    pub warnings: usize,
}

/// What came of compiling a folder.
#[derive(Debug)]
pub struct Compiled {
    /// The site; `None` where a diagnostic is an error.
    pub site: Option<CompiledSite>,
    /// What the folder is like.
    pub report: Report,
}

/// When a site was made, from what `SOURCE_DATE_EPOCH` says (reproducible-builds.org).
///
/// # Errors
///
/// If it is no number of seconds since 1970.
pub fn source_date(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        format!("SOURCE_DATE_EPOCH is `{text}`; it takes a number of seconds since 1970")
    })
}

/// Why a folder could not be compiled at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum CompileError {
    /// It could not be walked.
    Source(WalkError),
    /// Contents could not be set aside.
    SpillFile(io::Error),
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::SpillFile(error) => write!(f, "cannot set contents aside: {error}"),
        }
    }
}

impl std::error::Error for CompileError {}

/// Judges a folder, and finds all of its mistakes, not the first only.
///
/// # Errors
///
/// If the folder cannot be walked; whatever is wrong within it is a diagnostic.
pub fn check(options: &Options) -> Result<Report, WalkError> {
    let source = walk::walk(&options.root)?;
    Ok(report(&source, lint(&source, &options.lint_levels)))
}

/// Judges a folder, and binds it if nothing that was found is an error.
///
/// # Errors
///
/// If the folder cannot be walked, or contents cannot be set aside; whatever is wrong within the
/// folder is a diagnostic.
pub fn compile(options: &Options) -> Result<Compiled, CompileError> {
    let source = walk::walk(&options.root).map_err(CompileError::Source)?;
    let mut judgement = lint(&source, &options.lint_levels);
    let plan = std::mem::take(&mut judgement.plan);
    let context = RenderContext {
        info: SiteInfo { title: judgement.title.take(), last_modified: options.last_modified },
        compressor: Compressor::new(options.effort, options.cache.clone()),
        spill_file: options.aside.clone(),
        progress: options.progress.clone(),
    };
    let mut site = None;
    if judgement.is_sound() {
        match render(&source, plan, &judgement.stamps, &context) {
            Ok(bound) => site = Some(bound),
            Err(RenderError::Changed(diagnostics)) => judgement.diagnostics.extend(diagnostics),
            Err(RenderError::SpillFile(error)) => return Err(CompileError::SpillFile(error)),
        }
    }
    Ok(Compiled { site, report: report(&source, judgement) })
}

fn report(source: &Source, judgement: LintReport) -> Report {
    let mut diagnostics = judgement.diagnostics;
    diagnostics.sort();
    let count = |severity| diagnostics.iter().filter(|it| it.severity == severity).count();
    let tally = Tally {
        files: source.files.len(),
        routes: judgement.routes,
        bytes: judgement.stamps.iter().flatten().map(|stamp| stamp.length).sum(),
        links: judgement.links,
        omitted: source.omitted,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
    };
    Report { diagnostics, tally, watched: source.watched() }
}
