//! This file owns the question which scripts of a site are ever loaded. What is wrong with the
//! others is a warning: sources that lie beside what was built of them import by other rules.

use super::{
    Site,
    file::{Finding, is_script},
};
use crate::lints::Severity;

/// Makes warnings of what is wrong with the scripts that no page leads to.
pub(crate) fn soften_unloaded(site: Site<'_>, findings: &mut [Finding]) {
    let files = &site.source.files;
    let mut is_loaded: Vec<bool> = files.iter().map(|file| !is_script(file)).collect();
    let mut to_follow: Vec<usize> = (0..files.len()).filter(|index| is_loaded[*index]).collect();
    while let Some(index) = to_follow.pop() {
        for script in &findings[index].scripts {
            if !std::mem::replace(&mut is_loaded[*script], true) {
                to_follow.push(*script);
            }
        }
    }
    for (finding, _) in findings.iter_mut().zip(is_loaded).filter(|(_, is_loaded)| !is_loaded) {
        for diagnostic in finding.diagnostics.iter_mut().filter(|it| !it.code.is_deny_only()) {
            diagnostic.severity = Severity::Warning;
        }
    }
}
