//! The features of browsers that a file depends on, with their places.

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{
        Text,
        js::{Feature, ScriptFeatures},
    },
};

/// The features of browsers that the scripts of a file depend on.
#[derive(Debug, Default, Clone)]
pub(crate) struct FeatureReport {
    /// The first use of each feature. The diagnostic is built as long as the text is in memory, and
    /// reported if a page loads the file.
    pub(crate) uses: Vec<(&'static Feature, Diagnostic)>,
    /// Whether a script makes pages cross-origin isolated.
    pub(crate) adds_isolation: bool,
    /// Whether it is the script of a service worker.
    pub(crate) is_service_worker: bool,
}

impl FeatureReport {
    #[inline(never)]
    pub(crate) fn new(text: &Text<'_>, found: ScriptFeatures) -> Self {
        let ScriptFeatures { uses: found, adds_isolation, is_service_worker } = found;
        let mut uses: Vec<(&Feature, Diagnostic)> = Vec::new();
        for found in found {
            if uses.iter().all(|(feature, _)| *feature != found.feature) {
                let message = format!("{} works in secure contexts only", found.feature);
                let help = "serve the site over HTTPS to other devices, or do without it if \
                            `isSecureContext` is false; at `localhost` it works";
                let diagnostic =
                    text.diagnostic(Lint::NeedsSecureContext, found.span, message, help);
                uses.push((found.feature, diagnostic));
            }
        }
        Self { uses, adds_isolation, is_service_worker }
    }
}
