//! Lints. They run in this order: file names, rules, the content of each file (on all cores), and
//! relations between files.

mod address;
mod clash;
mod context;
mod encoding;
mod fallback;
mod favicon;
mod feature_report;
mod features;
mod file;
mod file_use;
mod first_read;
mod followed;
mod fragments;
mod frames;
mod home;
mod links;
mod linted_files;
mod loads;
mod moved;
mod other_hosts;
mod portable;
mod precompressed;
mod prefix;
mod prefix_evidence;
mod private;
mod project;
mod rules;
mod schema;
mod schema_budget;
mod schema_documents;
mod schema_size;
mod script_urls;
mod suggestions;
mod wrong_type;

use std::sync::{Mutex, PoisonError};

use self::{
    context::LintContext, followed::FollowedFiles, linted_files::LintedFiles,
    suggestions::Suggestions,
};
pub(crate) use self::{
    file::FileReport,
    file_use::FileUse,
    first_read::{FirstRead, ReadAhead},
    portable::is_storable_on_windows,
};
use crate::{
    compile_cache::CompileCache,
    diagnostic::Diagnostic,
    diagnostics::{Counts, SiteDiagnostics, SiteLimit},
    lints::{Lint, LintLevels, Severity},
    parallel,
    progress::Step,
    routing::{
        RouteOptions,
        other_paths::OtherPaths,
        plan::Plan,
        routes::{RouteEntry, Routes},
    },
    site_folder::{FileVersion, PARSED_MAX, SiteFolder, SourceFile},
};

/// The result of linting a site.
#[derive(Debug, Default)]
pub(crate) struct LintReport {
    /// The listed diagnostics, by file and position.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The number of all diagnostics, those that are not listed included.
    pub(crate) counts: Counts,
    /// The plan of the responses.
    pub(crate) plan: Plan,
    /// The version of each file that was linted, by index; `None` if it could not be read.
    pub(crate) versions: Vec<Option<FileVersion>>,
    /// The number of routes without the aliases of pages.
    pub(crate) routes: usize,
    /// The number of references to the site itself.
    pub(crate) links: usize,
    /// What each file is used as, by index; `None` if no page loads it as a script or style sheet.
    pub(crate) uses: Vec<Option<FileUse>>,
    /// What was read of each file, by index.
    pub(crate) first_reads: Vec<FirstRead>,
    /// The title of the home page.
    pub(crate) title: Option<String>,
    /// What users call the features of its scripts that need a secure context.
    pub(crate) secure_features: Vec<&'static str>,
}

/// The report about a folder that is a project, unless that is allowed. Nothing else is reported:
/// the files of a project have hundreds of problems that the build solves.
pub(crate) fn lint_project(folder: &SiteFolder, lint_levels: &LintLevels) -> Option<LintReport> {
    let mut diagnostic = project::lint(folder)?;
    diagnostic.severity = lint_levels.severity(diagnostic.code, diagnostic.severity);
    let is_error = diagnostic.severity == Severity::Error;
    is_error.then(|| {
        let mut report = LintReport::default();
        report.add(vec![diagnostic]);
        report
    })
}

/// Lints a folder.
pub(crate) fn lint(
    folder: &SiteFolder,
    options: &RouteOptions,
    lint_levels: &LintLevels,
    cache: Option<&CompileCache>,
    read_ahead: Option<ReadAhead<'_>>,
) -> LintReport {
    let mut diagnostics = SiteDiagnostics::new(lint_levels);
    diagnostics.extend(folder.diagnostics.iter().cloned());
    let of_routes = || Routes::of_files(folder, &options.mount);
    let (of_folder, (mut routes, shadowed)) = parallel::join(|| lint_folder(folder), of_routes);
    diagnostics.extend(of_folder.into_iter().chain(shadowed));
    let (headers, of_redirects) = rules::add(folder, &mut routes, &mut diagnostics);
    diagnostics.extend(routes.add_implied(folder, options).err().map(|it| *it));
    diagnostics.extend(home::lint(folder, &routes));
    let (plan, invalid) = Plan::new(folder, &routes, &headers);
    diagnostics.extend(invalid);
    let (wrong, precompressed) = precompressed::lint(folder, &routes, &headers, &plan, read_ahead);
    diagnostics.extend(wrong);

    let other_paths = OtherPaths::new(folder, &routes);
    let suggestions = Suggestions::new(folder, &routes);
    let followed = FollowedFiles::new(folder.files.len());
    let cx = LintContext {
        folder,
        routes: &routes,
        other_paths: &other_paths,
        plan: &plan,
        suggestions: &suggestions,
        followed: &followed,
        records_followed: cache.is_some(),
        reads_ahead: read_ahead.is_some(),
    };
    let files = lint_files(cx, cache);
    let as_built = routes_as_built(cx, &files, lint_levels, &mut diagnostics);
    // Linted again as if it were served there: what remains is wrong for another reason.
    let followed = FollowedFiles::new(folder.files.len());
    let (cx, mut files) = match &as_built {
        Some(routes) => {
            let cx = LintContext { routes, followed: &followed, ..cx };
            (cx, lint_files(cx, cache))
        }
        None => (cx, files),
    };
    for (index, read) in precompressed {
        files[index].set_precompressed(read);
    }
    let (uses, secure_features) = lint_relations(cx, &mut files, &of_redirects, &mut diagnostics);
    let links = files.iter().map(|it| it.links).sum();
    let title = home_title(&routes, &mut files);
    folder.drop_shared();
    let versions = files.iter().map(|it| it.version).collect();
    let first_reads = files.iter_mut().map(|it| std::mem::take(&mut it.first_read)).collect();
    let (diagnostics, counts) = finish(diagnostics, cx, files);
    LintReport {
        diagnostics,
        counts,
        routes: routes.count() + plan.patterns.len(),
        plan,
        versions,
        links,
        uses,
        first_reads,
        title,
        secure_features,
    }
}

/// The routes of a site that was built for a prefix, as if it were served there; `None` for others.
fn routes_as_built(
    cx: LintContext<'_>,
    files: &[FileReport],
    lint_levels: &LintLevels,
    diagnostics: &mut SiteDiagnostics<'_>,
) -> Option<Routes> {
    let found = prefix::find(cx, files)?;
    diagnostics.extend([prefix::diagnostic(cx, &found)]);
    let code = Lint::BuiltForPrefix;
    if lint_levels.severity(code, code.severity()) == Severity::Error {
        cx.folder.reads.stop();
    }
    Some(Routes { assumed_prefix: Some(found.prefix), ..cx.routes.clone() })
}

/// The diagnostics of the site and of its files, with advice about missing paths.
fn finish(
    mut diagnostics: SiteDiagnostics<'_>,
    cx: LintContext<'_>,
    files: Vec<FileReport>,
) -> (Vec<Diagnostic>, Counts) {
    for (file, report) in cx.folder.files.iter().zip(files) {
        diagnostics.add(&cx.folder.display(&file.path).into(), report.diagnostics);
    }
    let (mut diagnostics, counts) = diagnostics.finish();
    for diagnostic in &mut diagnostics {
        cx.suggestions.complete(diagnostic);
    }
    (diagnostics, counts)
}

/// The title of the home page.
fn home_title(routes: &Routes, files: &mut [FileReport]) -> Option<String> {
    match routes.exact.get(routes.mount.key())? {
        RouteEntry::File(home) => files[*home].title.take(),
        _ => None,
    }
}

/// Lints the relations between files. Returns the use of each file, and the features that need a
/// secure context.
fn lint_relations(
    cx: LintContext<'_>,
    files: &mut [FileReport],
    of_redirects: &[u8],
    diagnostics: &mut SiteDiagnostics<'_>,
) -> (Vec<Option<FileUse>>, Vec<&'static str>) {
    other_hosts::lint(cx, files);
    frames::remove_metadata_lints(cx, files);
    let uses = loads::lint(cx, files);
    rules::lint_targets(cx, files, of_redirects, diagnostics);
    fragments::lint(cx, files, diagnostics);
    diagnostics.extend(favicon::lint(cx, files));
    diagnostics.extend(fallback::lint(cx, files));
    (uses, features::lint(cx, files))
}

/// Lints what needs neither routes nor the text of files.
fn lint_folder(folder: &SiteFolder) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = project::lint(folder).into_iter().collect();
    diagnostics.extend(clash::lint(folder));
    diagnostics.extend(portable::lint(folder));
    diagnostics.extend(private::lint(folder));
    diagnostics
}

/// Lints each file, on all cores.
fn lint_files(cx: LintContext<'_>, cache: Option<&CompileCache>) -> Vec<FileReport> {
    let files = &cx.folder.files;
    cx.folder.progress.report(Step::ToLint { files: files.len() });
    let limit = Mutex::new(SiteLimit::default());
    let apply_limit = |index: usize, report: &mut FileReport| {
        let is_subresource = file::is_subresource(&files[index]);
        let mut limit = limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.apply(index, is_subresource, &mut report.diagnostics);
    };
    let reused = LintedFiles::new(cx, cache);
    let work = |scratch: &mut file::Scratch, index: usize, _: &SourceFile| {
        let (mut report, kept) = reused.lint(cx, index, scratch);
        apply_limit(index, &mut report);
        cx.folder.progress.report(Step::LintedFile);
        (report, kept)
    };
    let weight = |file: &SourceFile| weight(file.length);
    let done = parallel::map_within(PARSED_BYTES_MAX, files, weight, work);
    let (mut reports, kept): (Vec<_>, Vec<_>) = done.into_iter().unzip();
    reused.keep(cx, kept);
    file::lint_by_use(cx, &mut reports);
    reports.iter_mut().enumerate().for_each(|(index, report)| apply_limit(index, report));
    reports
}

/// Maximum total length of long files that are parsed at a time: each takes several times its
/// length in memory.
const PARSED_BYTES_MAX: u64 = PARSED_MAX;

/// The length of a long file; 0 for others, which are checked in their order, and for those that
/// are not read.
fn weight(length: u64) -> u64 {
    const LONG: u64 = 8 << 20;
    if (LONG..=PARSED_MAX).contains(&length) { length } else { 0 }
}

impl LintReport {
    /// Adds diagnostics that were found after linting.
    pub(crate) fn add(&mut self, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            *self.counts.entry((diagnostic.code, diagnostic.severity)).or_default() += 1;
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether any diagnostic is an error.
    pub(crate) fn has_errors(&self) -> bool {
        self.counts.keys().any(|(_, severity)| *severity == Severity::Error)
    }
}
