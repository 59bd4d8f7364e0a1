//! Scripts that no page loads. Their problems are warnings: source files next to bundles often
//! import in ways that only a bundler resolves.

use super::{
    context::LintContext,
    file::{FileReport, is_script},
};
use crate::lints::Severity;

/// Turns the errors of scripts that no page loads into warnings.
pub(crate) fn relax_unloaded(cx: LintContext<'_>, reports: &mut [FileReport]) {
    let files = &cx.folder.files;
    let mut is_loaded: Vec<bool> = files.iter().map(|file| !is_script(file)).collect();
    let mut pending: Vec<usize> = (0..files.len()).filter(|index| is_loaded[*index]).collect();
    while let Some(index) = pending.pop() {
        for script in &reports[index].scripts {
            if !std::mem::replace(&mut is_loaded[*script], true) {
                pending.push(*script);
            }
        }
    }
    for (report, _) in reports.iter_mut().zip(is_loaded).filter(|(_, is_loaded)| !is_loaded) {
        for diagnostic in report.diagnostics.iter_mut().filter(|it| !it.code.is_deny_only()) {
            diagnostic.severity = Severity::Warning;
        }
    }
}
