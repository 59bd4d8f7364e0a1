//! Lints. They run in this order: file names, rules, the content of each file (on all cores), and
//! relations between files.

mod address;
mod context;
mod file;
mod fragments;
mod links;
mod loads;
mod names;
mod rules;
mod schema;
mod suggestions;

pub(crate) use self::loads::FileUse;
use self::{context::LintContext, suggestions::Suggestions};
use crate::{
    diagnostic::Diagnostic,
    lints::{LintLevels, Severity},
    parallel,
    routing::{
        plan::Plan,
        routes::{RouteEntry, Routes},
    },
    walk::{FileVersion, SiteFolder},
};

/// The result of linting a site.
#[derive(Debug)]
pub(crate) struct LintReport {
    /// All diagnostics, by file and position.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The plan of the responses.
    pub(crate) plan: Plan,
    /// The version of each file that was linted, by index; `None` if it could not be read.
    pub(crate) versions: Vec<Option<FileVersion>>,
    /// The number of routes.
    pub(crate) routes: usize,
    /// The number of references to the site itself.
    pub(crate) links: usize,
    /// What each file is used as, by index; `None` if no page loads it as a script or style sheet.
    pub(crate) uses: Vec<Option<FileUse>>,
    /// The title of the page at `/`.
    pub(crate) title: Option<String>,
}

/// Lints a folder.
pub(crate) fn lint(folder: &SiteFolder, lint_levels: &LintLevels) -> LintReport {
    let mut diagnostics = folder.diagnostics.clone();
    diagnostics.extend(names::lint(folder));
    let (mut routes, shadowed) = Routes::of_files(folder);
    diagnostics.extend(shadowed);
    let headers = rules::add(folder, &mut routes, &mut diagnostics);
    let (plan, invalid) = Plan::new(folder, &routes, &headers);
    diagnostics.extend(invalid);

    let suggestions = Suggestions::new(folder, &routes);
    let cx = LintContext { folder, routes: &routes, suggestions: &suggestions };
    let mut files = parallel::map(&folder.files, |scratch: &mut file::Scratch, index, _| {
        file::lint(cx, index, scratch)
    });
    file::lint_by_use(cx, &mut files);
    loads::relax_unloaded(cx, &mut files);
    let uses = loads::uses(&files);
    diagnostics.extend(rules::lint_targets(cx, &files));
    diagnostics.extend(fragments::lint(cx, &files));
    let links = files.iter().map(|it| it.links).sum();
    let title = match routes.exact.get("/") {
        Some(RouteEntry::File(home)) => files[*home].title.take(),
        _ => None,
    };
    let versions = files.iter().map(|it| it.version).collect();
    diagnostics.extend(files.into_iter().flat_map(|it| it.diagnostics));

    for diagnostic in &mut diagnostics {
        diagnostic.severity = lint_levels.severity(diagnostic.code, diagnostic.severity);
    }
    diagnostics.sort();
    diagnostics.dedup();
    let routes = routes.exact.len() + plan.patterns.len();
    LintReport { diagnostics, plan, versions, routes, links, uses, title }
}

impl LintReport {
    /// Whether any diagnostic is an error.
    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|it| it.severity == Severity::Error)
    }
}
