//! The two entry points of the compiler: checking a folder, and compiling it.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use chapbook_format::SiteInfo;

use crate::{
    app::AppFacts,
    compile_cache::CompileCache,
    contents_limit,
    diagnostic::Diagnostic,
    file_reads::FileReads,
    generated_title::is_generated_title,
    home_page::HomePage,
    lint::{LintReport, ReadAhead, lint, lint_project},
    lints::{Lint, LintLevels, Severity},
    model::CompiledSite,
    packed_contents::PackedContents,
    progress::Progress,
    render::{
        RenderContext, RenderError,
        compress::{Compressor, Effort},
        reload, render,
    },
    routing::RouteOptions,
    site_folder::SiteFolder,
    site_name::host_label,
    spill_file::SpillFile,
    walk,
    walk_error::WalkError,
};

/// What to compile, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The site folder.
    pub root: PathBuf,
    /// The name of the folder in messages; by default its path. An archive is in a temporary
    /// folder, whose path says nothing.
    pub name: Option<String>,
    /// The name that the author gives the site; by default it is made of the `id` or `short_name`
    /// of its manifest, or of its title.
    pub site_name: Option<String>,
    /// What the name is made of if the site has none of these.
    pub name_fallback: String,
    /// A folder for compressed contents, which caches them between builds.
    pub cache: Option<PathBuf>,
    /// The date of the site in seconds since 1970, for `Last-Modified`. File times are not used:
    /// they differ between two clones of the same site.
    pub last_modified: Option<u64>,
    /// A file for contents after compression; without it they stay in memory.
    pub spill_file: Option<SpillFile>,
    /// A site that was packed before: contents that it has are not compressed again.
    pub packed: Option<PackedContents>,
    /// Results from when the same folder was compiled before with the same options.
    pub compile_cache: Option<CompileCache>,
    /// The home page, if it was read before, so that it need not be read once more.
    pub home_page: Option<HomePage>,
    /// Receives the progress.
    pub progress: Progress,
    /// How hard to compress.
    pub effort: Effort,
    /// Which lints are errors.
    pub lint_levels: LintLevels,
    /// How paths lead to files.
    pub routes: RouteOptions,
    /// Whether the folder may have any number of files and bytes.
    pub is_unbounded: bool,
    /// Whether pages reload when the site changes, in a preview.
    pub reloads: bool,
    /// Maximum length of all contents in bytes, without those that compression adds.
    pub contents_max: Option<u64>,
}

/// The result of checking a folder.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The diagnostics, by file and position. If there are too many, some are only counted, and a
    /// diagnostic says how many.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of all diagnostics of each lint and severity, those that are not listed
    /// included.
    pub counts: BTreeMap<(Lint, Severity), usize>,
    /// Statistics.
    pub tally: Tally,
    /// Every file and folder that the result depends on.
    pub watched: Vec<PathBuf>,
}

impl Report {
    /// The report without warnings and notes. The tally still counts them.
    #[must_use]
    pub fn only_errors(mut self) -> Self {
        self.diagnostics.retain(|it| it.severity == Severity::Error);
        self.counts.retain(|(_, severity), _| *severity == Severity::Error);
        self
    }
}

/// Statistics of a site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// The number of files, rule files included.
    pub files: usize,
    /// The number of routes, those of rules with `*` included. Redirects from `/about/` to `/about`
    /// and the like are not counted.
    pub routes: usize,
    /// The total size of the files in bytes.
    pub bytes: u64,
    /// The number of references to the site itself, which were checked.
    pub links: usize,
    /// The number of excluded files: dotfiles and desktop metadata.
    pub omitted: usize,
    /// The number of errors.
    pub errors: usize,
    /// The number of warnings.
    pub warnings: usize,
    /// The number of notes.
    pub notes: usize,
}

/// The result of compiling a folder.
#[derive(Debug)]
pub struct Compiled {
    /// The site; `None` if there are errors.
    pub site: Option<CompiledSite>,
    /// What the site says about itself as an app.
    pub app: AppFacts,
    /// The result of checking the folder.
    pub report: Report,
}

/// Parses the date of a site from the value of `SOURCE_DATE_EPOCH` (reproducible-builds.org).
///
/// # Errors
///
/// If the value is not a number of seconds.
pub fn source_date(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        format!("cannot use SOURCE_DATE_EPOCH: `{text}` is not a number of seconds since 1970")
    })
}

/// Why a folder could not be compiled at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum CompileError {
    /// The folder could not be walked.
    Walk(WalkError),
    /// The spill file could not be written.
    SpillFile(io::Error),
    /// The site serves the path of the script that reloads pages, or of its events.
    ReservedPath(String),
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Walk(error) => error.fmt(f),
            Self::SpillFile(error) => write!(f, "cannot write the temporary file: {error}"),
            Self::ReservedPath(path) => write!(
                f,
                "cannot reload pages: the site serves `{path}` itself; remove the file or rule"
            ),
        }
    }
}

impl std::error::Error for CompileError {}

/// Checks a folder and reports all problems, not only the first.
///
/// # Errors
///
/// If the folder cannot be walked. Problems of the site are diagnostics.
pub fn check(options: &Options) -> Result<Report, WalkError> {
    let (folder, of_project) = walk_folder(options, None)?;
    let linted = of_project.unwrap_or_else(|| lint_folder(&folder, options, None));
    Ok(report(&folder, linted))
}

/// Walks a folder. That of a project is not walked, because its packages may be a hundred thousand
/// files, and has a report already.
fn walk_folder(
    options: &Options,
    read_ahead: Option<ReadAhead<'_>>,
) -> Result<(SiteFolder, Option<LintReport>), WalkError> {
    let unwalked = match &options.name {
        None => SiteFolder::at(&options.root),
        Some(name) => SiteFolder::named(&options.root, name),
    };
    if let Some(linted) = lint_project(&unwalked, &options.lint_levels) {
        return Ok((unwalked, Some(linted)));
    }
    let mut folder = walk::walk(unwalked, options.is_unbounded)?;
    folder.progress = options.progress.clone();
    if let Some(ReadAhead { spill_file }) = read_ahead {
        folder.reads = FileReads::new(folder.files.len(), spill_file.cloned());
    }
    if let Some(home_page) = &options.home_page {
        home_page.add_to(&folder);
    }
    if let Some(max) = options.contents_max {
        contents_limit::check(&folder, max).map_err(WalkError::ContentsTooLong)?;
    }
    Ok((folder, None))
}

fn lint_folder(
    folder: &SiteFolder,
    options: &Options,
    read_ahead: Option<ReadAhead<'_>>,
) -> LintReport {
    let cache = options.compile_cache.as_ref();
    lint(folder, &options.routes, &options.lint_levels, cache, read_ahead)
}

/// Checks a folder, and compiles it unless there are errors.
///
/// # Errors
///
/// If the folder cannot be walked, or the spill file cannot be written. Problems of the site are
/// diagnostics.
pub fn compile(options: &Options) -> Result<Compiled, CompileError> {
    LintedSite::new(options)?.render()
}

/// A site that was walked and linted, and can be rendered.
#[derive(Debug)]
pub struct LintedSite<'o> {
    options: &'o Options,
    folder: SiteFolder,
    app: AppFacts,
    linted: LintReport,
}

impl<'o> LintedSite<'o> {
    /// Walks and lints a folder.
    ///
    /// # Errors
    ///
    /// If the folder cannot be walked.
    pub fn new(options: &'o Options) -> Result<Self, CompileError> {
        // A preview reads little of long files.
        let is_preview = options.effort == Effort::Preview;
        let read_ahead = ReadAhead { spill_file: options.spill_file.as_ref() };
        let read_ahead = (!is_preview).then_some(read_ahead);
        let (folder, of_project) = walk_folder(options, read_ahead).map_err(CompileError::Walk)?;
        // Before the lints, which take the texts that this reads from memory.
        let app = AppFacts::read(&folder, &options.routes.mount);
        let linted = of_project.unwrap_or_else(|| lint_folder(&folder, options, read_ahead));
        Ok(Self { options, folder, app, linted })
    }

    /// Whether there are errors, so that it is not rendered.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.linted.has_errors()
    }

    /// What the site says about itself as an app.
    #[must_use]
    pub fn app(&self) -> &AppFacts {
        &self.app
    }

    /// The folder of the site.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.folder.root()
    }

    /// The length of a file of the site in bytes; `None` if there is no such file.
    #[must_use]
    pub fn file_length(&self, path: &str) -> Option<u64> {
        self.folder.find(path).map(|file| file.length)
    }

    /// The bytes of a file of the site, which should be short. A file that is read again is
    /// stored, so that the site is rendered from the same bytes.
    ///
    /// # Errors
    ///
    /// If there is no such file, or it cannot be read.
    pub fn read_file(&self, path: &str) -> io::Result<Vec<u8>> {
        let file = self.folder.find(path).ok_or(io::ErrorKind::NotFound)?;
        let mut bytes = Vec::new();
        self.folder.read(file, &mut bytes)?;
        Ok(bytes)
    }

    /// Renders the site unless it has errors.
    ///
    /// # Errors
    ///
    /// If the spill file cannot be written, or a file of the site has the path that reloading
    /// needs.
    pub fn render(self) -> Result<Compiled, CompileError> {
        let Self { options, folder, app, mut linted } = self;
        let plan = std::mem::take(&mut linted.plan);
        let title = linted.title.take();
        let secure_features = linted.secure_features.join(", ");
        let context = RenderContext {
            info: SiteInfo {
                name: site_name(options, &app, title.as_deref()),
                title,
                last_modified: options.last_modified,
                secure_features: Some(secure_features).filter(|it| !it.is_empty()),
                mount: (!options.routes.mount.is_root()).then(|| options.routes.mount.url_path()),
            },
            compressor: Compressor::new(options.effort, options.cache.clone()),
            packed: options.packed.clone(),
            compile_cache: options.compile_cache.clone(),
            reload_element: options.reloads.then(|| reload::element(&options.routes.mount)),
            spill_file: options.spill_file.clone(),
            progress: options.progress.clone(),
        };
        let mut site = None;
        if !linted.has_errors() {
            let LintReport { versions, uses, first_reads, .. } = &linted;
            match render(&folder, plan, versions, uses, first_reads, &context) {
                Ok(rendered) => site = Some(rendered),
                Err(RenderError::Changed(diagnostics)) => linted.add(diagnostics),
                Err(RenderError::SpillFile(error)) => return Err(CompileError::SpillFile(error)),
            }
        }
        if let Some(site) = site.as_mut().filter(|_| options.reloads) {
            reload::add(site, &options.routes.mount).map_err(CompileError::ReservedPath)?;
        }
        Ok(Compiled { site, app, report: report(&folder, linted) })
    }
}

/// The name of the site: a host label, made of the first text that has a letter or a digit. A text
/// that a generator wrote is not used: unrelated sites would share an origin.
fn site_name(options: &Options, app: &AppFacts, title: Option<&str>) -> Option<String> {
    let own = app.names().chain(title).filter(|it| !is_generated_title(it));
    let texts = options.site_name.as_deref().into_iter().chain(own);
    texts.chain([options.name_fallback.as_str()]).find_map(host_label)
}

fn report(folder: &SiteFolder, linted: LintReport) -> Report {
    let LintReport { mut diagnostics, counts, .. } = linted;
    diagnostics.sort();
    let count = |severity| {
        let counts = counts.iter().filter(|((_, of), _)| *of == severity);
        counts.map(|(_, count)| count).sum()
    };
    let tally = Tally {
        files: folder.files.len(),
        routes: linted.routes,
        bytes: linted.versions.iter().flatten().map(|version| version.length).sum(),
        links: linted.links,
        omitted: folder.omitted,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
    };
    Report { diagnostics, counts, tally, watched: folder.watched() }
}

#[cfg(test)]
mod tests;
