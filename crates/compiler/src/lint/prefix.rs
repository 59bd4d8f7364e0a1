//! Sites that were built for a prefix: one diagnostic, instead of one for each reference.

use chapbook_format::path;

use super::{context::LintContext, file::FileReport, prefix_evidence::PrefixEvidence};
use crate::{diagnostic::Diagnostic, lints::Lint};

/// The prefix that a site was built for.
#[derive(Debug)]
pub(crate) struct BuiltFor {
    pub(crate) prefix: String,
    /// The number of references that need it.
    references: usize,
}

/// The prefix that the site was built for, if it is served elsewhere.
pub(crate) fn find(cx: LintContext<'_>, reports: &[FileReport]) -> Option<BuiltFor> {
    let mut evidence = PrefixEvidence::default();
    for report in reports {
        evidence.merge(&report.prefix_evidence);
    }
    let (prefix, references) = evidence.prefix(cx.routes)?;
    Some(BuiltFor { prefix: prefix.to_owned(), references })
}

/// The diagnostic about a site that was built for a prefix.
pub(crate) fn diagnostic(cx: LintContext<'_>, built_for: &BuiltFor) -> Diagnostic {
    let (BuiltFor { prefix, references }, mount) = (built_for, &cx.routes.mount);
    let references = match references {
        1 => "1 reference".to_owned(),
        count => format!("{count} references"),
    };
    let message = format!(
        "the site was built for `{prefix}` and is served at `{mount}`: {references} would work \
         only there"
    );
    let help = format!(
        "serve it there with `--mount {}` (CHAPBOOK_MOUNT for `cargo build`), or build it for \
         `{mount}`, with an option such as `base`, `baseUrl`, `basePath` or `--base-href`",
        path::encode(prefix)
    );
    Diagnostic::of_file(Lint::BuiltForPrefix, cx.folder.name(), message, help)
}
