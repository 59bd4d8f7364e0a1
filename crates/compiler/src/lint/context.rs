//! The context of lints: the folder, its routes, and suggestions for misspelt paths.

use super::suggestions::Suggestions;
use crate::{routing::routes::Routes, walk::SiteFolder};

/// The context of a lint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LintContext<'a> {
    /// The walked folder.
    pub(crate) folder: &'a SiteFolder,
    /// The routes of its files and rules.
    pub(crate) routes: &'a Routes,
    /// Existing paths that resemble a missing one.
    pub(crate) suggestions: &'a Suggestions<'a>,
}
