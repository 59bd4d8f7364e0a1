//! A missing home page.

use crate::{diagnostic::Diagnostic, lints::Lint, walk::SiteFolder};

/// Lints the names.
pub(crate) fn lint(folder: &SiteFolder) -> Option<Diagnostic> {
    if folder.files.iter().any(|file| file.path == "index.html") {
        return None;
    }
    let (message, help) = if folder.files.is_empty() {
        let has_others = folder.omitted > 0 || !folder.diagnostics.is_empty();
        let message = if has_others {
            "the folder contains no file that can be served"
        } else {
            "the folder is empty"
        };
        (message, "add an `index.html`, or name another folder")
    } else {
        (
            "the site has no `index.html`, so nothing is served at `/`",
            "name the folder that contains `index.html`, often `dist`, `build` or `public`",
        )
    };
    Some(Diagnostic::of_file(Lint::EmptySite, folder.display("index.html"), message, help))
}
