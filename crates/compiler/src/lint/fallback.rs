//! Single-page applications without a fallback: reloading a page that only a script knows is
//! answered with 404.

use super::{
    context::LintContext,
    file::{FileReport, SCRIPTED_TEXT_MAX},
};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{history::HistoryUse, html::PageKind, reference::LoadedAs},
    routing::routes::RouteEntry,
    rules::{Pattern, redirects::RuleStatus},
};

/// The warning if the site is one page that a script fills and that has other paths.
pub(super) fn lint(cx: LintContext<'_>, reports: &[FileReport]) -> Option<Diagnostic> {
    let Some(RouteEntry::File(home)) = cx.routes.exact.get(cx.routes.mount.key()).copied() else {
        return None;
    };
    if !is_only_page(cx, reports, home) || reports[home].text_length > SCRIPTED_TEXT_MAX {
        return None;
    }
    let scripts = loaded_scripts(reports, home);
    let mut used = HistoryUse::default();
    for index in &scripts {
        used.add(reports[*index].history_use);
    }
    if !used.pushes_entries || used.uses_fragment || is_answered(cx, reports, &scripts) {
        return None;
    }
    let mount = &cx.routes.mount;
    let page = cx.folder.display(&cx.folder.files[home].path);
    let message = "nothing is served at the paths that only the script of this application knows: \
                   reloading one is answered with 404";
    let help = format!(
        "use `--spa`, or add the rule `{}* {} 200` to `{}`",
        mount.url_path(),
        mount.prefixed("index.html"),
        cx.folder.display("_redirects")
    );
    Some(Diagnostic::of_file(Lint::NoFallback, page, message, help))
}

/// Whether a file is the only page, besides not-found pages and parts of pages.
fn is_only_page(cx: LintContext<'_>, reports: &[FileReport], home: usize) -> bool {
    let pages = cx.folder.files.iter().zip(reports).enumerate().filter(|(_, (file, report))| {
        let is_picture = file.extension() == "svg";
        let is_page = matches!(report.page_kind, Some(PageKind::Complete | PageKind::Shell));
        is_page && !is_picture && file.name() != "404.html"
    });
    pages.map(|(index, _)| index).eq([home])
}

/// The page, and the scripts that it loads, directly or through others.
fn loaded_scripts(reports: &[FileReport], page: usize) -> Vec<usize> {
    let mut is_loaded = vec![false; reports.len()];
    is_loaded[page] = true;
    let mut loaded = vec![page];
    let mut at = 0;
    while let Some(index) = loaded.get(at).copied() {
        for (target, loaded_as) in &reports[index].loads {
            let is_script = *loaded_as == LoadedAs::Script;
            if is_script && !std::mem::replace(&mut is_loaded[*target], true) {
                loaded.push(*target);
            }
        }
        at += 1;
    }
    loaded
}

/// Whether anything answers at paths that no file has: a rule, or a not-found page that starts the
/// application or forwards to it.
fn is_answered(cx: LintContext<'_>, reports: &[FileReport], scripts: &[usize]) -> bool {
    let everything = Pattern::Below(cx.routes.mount.key().to_owned());
    let mut rules = cx.routes.patterns.iter().map(|rule| &cx.routes.redirects[*rule]);
    if rules.any(|it| it.status == RuleStatus::Rewrite || it.from.covers(&everything)) {
        return true;
    }
    let not_found = cx.folder.files.iter().position(|file| file.path == "404.html");
    not_found.is_some_and(|index| {
        let report = &reports[index];
        let shares_script = report.loads.iter().any(|(target, _)| scripts.contains(target));
        shares_script || report.forward.is_some() || report.is_scripted
    })
}
