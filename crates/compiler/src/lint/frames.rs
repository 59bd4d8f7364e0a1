//! Documents that are only part of another page: shown in a frame, or inserted by a script. They
//! need no title, language and encoding of their own.

use super::{context::LintContext, file::FileReport};
use crate::{lints::Lint, parse::reference::LoadedAs};

/// The lints about metadata that the page around a framed document has. A framed document without a
/// doctype is still rendered in quirks mode.
const OF_FRAMED: [Lint; 3] = [Lint::MissingCharset, Lint::MissingLang, Lint::MissingTitle];
/// The lints about metadata that part of a page cannot have.
const OF_PARTIAL: [Lint; 4] =
    [Lint::MissingDoctype, Lint::MissingCharset, Lint::MissingLang, Lint::MissingTitle];

/// Removes the diagnostics about metadata from documents that are only part of another page.
pub(crate) fn remove_metadata_lints(cx: LintContext<'_>, reports: &mut [FileReport]) {
    let mut is_framed = vec![false; reports.len()];
    let loads = reports.iter().flat_map(|it| &it.loads);
    for (index, _) in loads.filter(|(_, loaded_as)| *loaded_as == LoadedAs::Frame) {
        is_framed[*index] = true;
    }
    for (index, report) in reports.iter_mut().enumerate() {
        if cx.followed.contains(index) || is_entry_page(&cx.folder.files[index].path) {
            continue;
        }
        let inapplicable: &[Lint] = match (report.is_partial, is_framed[index]) {
            (true, _) => &OF_PARTIAL,
            (false, true) => &OF_FRAMED,
            (false, false) => continue,
        };
        report.diagnostics.retain(|it| !inapplicable.contains(&it.code));
    }
}

/// Whether a page is requested without a link to it: the home page, and not-found pages.
fn is_entry_page(path: &str) -> bool {
    path == "index.html" || path.rsplit('/').next() == Some("404.html")
}
