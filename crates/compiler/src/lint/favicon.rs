//! The icon that browsers request on their own.

use super::{context::LintContext, file::FileReport};
use crate::{diagnostic::Diagnostic, lints::Lint};

/// The note if a page declares no icon and nothing is served where browsers then request one (HTML
/// section 4.6.7.8).
pub(super) fn lint(cx: LintContext<'_>, reports: &[FileReport]) -> Option<Diagnostic> {
    if cx.routes.find("/favicon.ico").is_some() {
        return None;
    }
    let page = reports.iter().position(|report| report.lacks_icon)?;
    let page = cx.folder.display(&cx.folder.files[page].path);
    let icon = cx.folder.display("favicon.ico");
    let message = "nothing is served at `/favicon.ico`, which browsers request for pages that \
                   declare no icon";
    // Below a mount, a file of the site is not what browsers request.
    let file = if cx.routes.mount.is_root() { format!("`{icon}`, or ") } else { String::new() };
    let help = format!(
        "add {file}`<link rel=\"icon\" href=\"data:,\">` to the head of pages such as `{page}`"
    );
    Some(Diagnostic::of_file(Lint::MissingFavicon, cx.folder.name(), message, help))
}
