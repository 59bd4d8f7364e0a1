//! The verdict over a site, one file per question. This file owns the order of the questions, and
//! what is known when each is asked: names first, then rules, then what each file says, on all
//! cores, and last what only all files together can tell.

mod address;
mod file;
mod fragments;
mod links;
mod names;
mod nearest;
mod rules;
mod schema;
mod scripts;

use crate::{
    diagnostic::Diagnostic,
    lints::{LintLevels, Severity},
    parallel,
    routing::{
        plan::Plan,
        routes::{RouteEntry, Routes},
    },
    walk::{Source, Stamp},
};

/// What there is to know about a site.
#[derive(Debug)]
pub(crate) struct LintReport {
    /// Everything that was found, by file and position.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What answers where.
    pub(crate) plan: Plan,
    /// The stamp of each file, by its index; `None` for one that could not be read.
    pub(crate) stamps: Vec<Option<Stamp>>,
    /// How many paths have an answer.
    pub(crate) routes: usize,
    /// How many references were followed.
    pub(crate) links: usize,
    /// The title of the page at `/`, if there is one that has one.
    pub(crate) title: Option<String>,
}

/// What every question may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) source: &'a Source,
    pub(crate) routes: &'a Routes,
    pub(crate) names: &'a nearest::Names<'a>,
}

/// Judges a folder.
pub(crate) fn lint(source: &Source, lint_levels: &LintLevels) -> LintReport {
    let mut diagnostics = source.diagnostics.clone();
    diagnostics.extend(names::judge(source));
    let (mut routes, shadowed) = Routes::of_files(source);
    diagnostics.extend(shadowed);
    let headers = rules::add(source, &mut routes, &mut diagnostics);
    let (plan, unfit) = Plan::new(source, &routes, &headers);
    diagnostics.extend(unfit);

    let names = nearest::Names::new(source, &routes);
    let site = Site { source, routes: &routes, names: &names };
    let mut findings = parallel::map(&source.files, |bench: &mut file::Bench, index, _| {
        file::judge(site, index, bench)
    });
    file::judge_linked_manifests(site, &mut findings);
    scripts::soften_unloaded(site, &mut findings);
    diagnostics.extend(rules::judge_targets(site, &findings));
    diagnostics.extend(fragments::judge(site, &findings));
    let links = findings.iter().map(|it| it.links).sum();
    let title = match routes.exact.get("/") {
        Some(RouteEntry::File(home)) => findings[*home].title.take(),
        _ => None,
    };
    let stamps = findings.iter().map(|it| it.stamp).collect();
    diagnostics.extend(findings.into_iter().flat_map(|it| it.diagnostics));

    for diagnostic in &mut diagnostics {
        diagnostic.severity = lint_levels.severity(diagnostic.code, diagnostic.severity);
    }
    diagnostics.sort();
    diagnostics.dedup();
    let routes = routes.exact.len() + plan.patterns.len();
    LintReport { diagnostics, plan, stamps, routes, links, title }
}

impl LintReport {
    /// Whether nothing that was found is an error.
    pub(crate) fn is_sound(&self) -> bool {
        self.diagnostics.iter().all(|it| it.severity != Severity::Error)
    }
}
