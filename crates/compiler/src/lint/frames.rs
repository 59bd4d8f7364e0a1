//! Documents that need no title, language and encoding of their own: those that are shown in a
//! frame or inserted by a script, and those that a script fills.

use super::{context::LintContext, file::FileReport};
use crate::{
    lints::Lint,
    parse::{html::PageKind, reference::LoadedAs},
};

/// The lints about metadata that the page around a framed document has. A framed document without a
/// doctype is still rendered in quirks mode.
const OF_FRAMED: &[Lint] = &[Lint::MissingCharset, Lint::MissingLang, Lint::MissingTitle];
/// The lints about metadata that part of a page cannot have.
const OF_PARTIAL: &[Lint] =
    &[Lint::MissingDoctype, Lint::MissingCharset, Lint::MissingLang, Lint::MissingTitle];
/// The lints about metadata that scripts set.
const OF_SHELL: &[Lint] = &[Lint::MissingTitle];

/// Removes the diagnostics about metadata that a document does not need.
pub(crate) fn remove_metadata_lints(cx: LintContext<'_>, reports: &mut [FileReport]) {
    let mut is_framed = vec![false; reports.len()];
    let loads = reports.iter().flat_map(|it| &it.loads);
    for (index, _) in loads.filter(|(_, loaded_as)| *loaded_as == LoadedAs::Frame) {
        is_framed[*index] = true;
    }
    // A script can choose any document that no link leads to.
    let has_scripted_frame = reports.iter().any(|it| it.has_scripted_frame);
    for (index, report) in reports.iter_mut().enumerate() {
        let file = &cx.folder.files[index];
        let is_home = file.path == "index.html";
        // Pages that are requested without a link to them.
        let is_entry = is_home || file.name() == "404.html";
        let is_visited = is_entry || cx.followed.contains(index);
        let inapplicable = match report.page_kind {
            Some(PageKind::Shell) if is_home || cx.followed.contains(index) => OF_SHELL,
            // The fallback of an application, beside its home page.
            Some(PageKind::Shell) => OF_FRAMED,
            Some(PageKind::Partial) if !is_visited => OF_PARTIAL,
            _ if !is_visited && (is_framed[index] || has_scripted_frame) => OF_FRAMED,
            _ => continue,
        };
        report.diagnostics.remove(inapplicable);
    }
}
