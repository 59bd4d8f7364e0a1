//! Scripts and style sheets by whether a page loads them. The problems of one that no page loads are
//! warnings: source files next to bundles often import in ways that only a bundler resolves, and a
//! theme that is not used loads nothing.

use super::{
    context::LintContext,
    file::{FileReport, is_subresource},
};
use crate::{lints::Severity, parse::reference::LoadedAs};

/// The use of a file that determines which media types browsers accept for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileUse {
    /// A classic script or a module.
    Script,
    /// A style sheet.
    StyleSheet,
}

/// The use of each file. A file that is used as both counts as a script.
pub(crate) fn uses(reports: &[FileReport]) -> Vec<Option<FileUse>> {
    let mut uses = vec![None; reports.len()];
    for (index, loaded_as) in reports.iter().flat_map(|it| &it.loads) {
        uses[*index] = match (loaded_as, uses[*index]) {
            (LoadedAs::Script, _) => Some(FileUse::Script),
            (LoadedAs::StyleSheet, None) => Some(FileUse::StyleSheet),
            (_, known) => known,
        };
    }
    uses
}

/// Turns the errors of scripts and style sheets that no page loads into warnings.
pub(crate) fn relax_unloaded(cx: LintContext<'_>, reports: &mut [FileReport]) {
    let files = &cx.folder.files;
    let mut is_loaded: Vec<bool> = files.iter().map(|file| !is_subresource(file)).collect();
    let mut pending: Vec<usize> = (0..files.len()).filter(|index| is_loaded[*index]).collect();
    while let Some(index) = pending.pop() {
        for (target, _) in &reports[index].loads {
            if !std::mem::replace(&mut is_loaded[*target], true) {
                pending.push(*target);
            }
        }
    }
    for (report, _) in reports.iter_mut().zip(is_loaded).filter(|(_, is_loaded)| !is_loaded) {
        for diagnostic in report.diagnostics.iter_mut().filter(|it| !it.code.is_deny_only()) {
            diagnostic.severity = diagnostic.severity.max(Severity::Warning);
        }
    }
}
