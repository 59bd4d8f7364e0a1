//! Relative references whose target differs at another path that serves their file.

use chapbook_format::path;

use super::{
    address::{Address, BaseUrl},
    context::LintContext,
};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{Text, reference::Reference},
    routing::{other_paths::OtherPath, routes::Resolution},
};

/// The base URLs of a file at its other paths.
#[derive(Debug, Default)]
pub(crate) struct OtherBases<'a>(Vec<(BaseUrl, &'a OtherPath)>);

impl<'a> OtherBases<'a> {
    /// The base URLs of a file at these paths, with the `href` of its `base` element.
    pub(crate) fn new(paths: &'a [OtherPath], base: Option<&str>) -> Self {
        Self(paths.iter().map(|path| (BaseUrl::new(path.key.clone(), base), path)).collect())
    }

    /// Reports a reference that leads to `target` from the file's own path, at `key`, and elsewhere
    /// from another path of the file.
    pub(crate) fn lint(
        &self,
        cx: LintContext<'_>,
        text: &Text<'_>,
        reference: &Reference,
        (key, target): (&str, usize),
    ) -> Option<Diagnostic> {
        let url = reference.url.as_str();
        // A reference to the page itself, with another fragment or query.
        if url.is_empty() || url.starts_with(['#', '?']) {
            return None;
        }
        let is_moved = |(base, _): &&(BaseUrl, &OtherPath)| {
            leads_elsewhere(cx, &base.resolve(url), key, target)
        };
        let (base, path) = self.0.iter().find(is_moved)?;
        let Address::OnSite { key: moved, .. } = base.resolve(url) else { return None };
        let message = format!(
            "`{url}` leads to `{moved}` instead of `{key}` when the page is served at `{}`",
            path.key
        );
        let help = format!(
            "write `{}`, which is the same at every path, or set `<base href=\"{}\">`",
            path::encode(key),
            cx.routes.mount.url_path()
        );
        let span = reference.span.clone();
        let diagnostic = text.diagnostic(Lint::MovedReference, span, message, help);
        // The reference may be right at most of the missing paths.
        Some(if path.is_not_found { diagnostic.as_warning() } else { diagnostic })
    }
}

fn leads_elsewhere(cx: LintContext<'_>, address: &Address<'_>, key: &str, target: usize) -> bool {
    let Address::OnSite { key: moved, .. } = address else { return false };
    if moved == key {
        return false;
    }
    match cx.routes.resolve(moved) {
        Resolution::File(index) | Resolution::FolderSlash(index) => index != target,
        Resolution::OtherHost | Resolution::NotFound(_) | Resolution::Loop => true,
    }
}
