//! Scripts and style sheets by whether a page loads them. The problems of one that no page loads
//! are warnings: source files next to bundles often import in ways that only a bundler resolves,
//! and a theme that is not used loads nothing.

use std::cmp::Reverse;

use super::{
    address::BaseUrl,
    context::LintContext,
    file::{FileReport, is_subresource},
    file_use::FileUse,
    script_urls,
};
use crate::lints::Lint;

/// Lints that are about what browsers do when they load a file.
const LOADED_ONLY: [Lint; 2] = [Lint::PerhapsExternal, Lint::WrongType];

/// Relaxes or removes the diagnostics of scripts and style sheets that no page loads. Returns the
/// use of each file; one that is used as both counts as a script.
pub(crate) fn lint(cx: LintContext<'_>, reports: &mut [FileReport]) -> Vec<Option<FileUse>> {
    let is_loaded = loaded(cx, reports);
    for (report, _) in reports.iter_mut().zip(&is_loaded).filter(|(_, is_loaded)| !**is_loaded) {
        report.diagnostics.remove(&LOADED_ONLY);
        report.diagnostics.relax();
    }
    let mut uses = vec![None; reports.len()];
    let loaded = reports.iter().zip(is_loaded).filter(|(_, is_loaded)| *is_loaded);
    for (index, loaded_as) in loaded.flat_map(|(report, _)| &report.loads) {
        uses[*index] = match (FileUse::of(*loaded_as), uses[*index]) {
            (Some(FileUse::Script), _) => Some(FileUse::Script),
            (found, None) => found,
            (_, known) => known,
        };
    }
    uses
}

/// Whether each file is loaded: by a page, or because it is no script or style sheet. Adds what
/// scripts load relative to their page. A script of several pages usually is in all of them because
/// of a template, so the page that is closest to the root of the site counts.
fn loaded(cx: LintContext<'_>, reports: &mut [FileReport]) -> Vec<bool> {
    let files = &cx.folder.files;
    let mut is_loaded: Vec<bool> = files.iter().map(|file| !is_subresource(file)).collect();
    let roots = (0..files.len()).filter(|index| is_loaded[*index]);
    let mut pending: Vec<(usize, usize)> = roots.map(|index| (index, index)).collect();
    let depth = |index: usize| files[index].path.matches('/').count();
    pending.sort_by_key(|(index, _)| Reverse(depth(*index)));
    while let Some((index, root)) = pending.pop() {
        let page_urls = std::mem::take(&mut reports[index].page_urls);
        if !page_urls.is_empty() {
            let base = BaseUrl::new(cx.routes.key_of(&files[root]), None);
            let target = |url: &str| script_urls::target(cx, &base, url);
            let found = page_urls.iter().filter_map(|(url, it)| Some((target(url)?, *it)));
            reports[index].loads.extend(found);
        }
        for (target, _) in &reports[index].loads {
            if !std::mem::replace(&mut is_loaded[*target], true) {
                pending.push((*target, root));
            }
        }
    }
    is_loaded
}
