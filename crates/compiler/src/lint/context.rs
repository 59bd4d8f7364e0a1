//! The context of lints: the folder, its routes, and what is known before files are parsed.

use super::{followed::FollowedFiles, suggestions::Suggestions};
use crate::{
    routing::{other_paths::OtherPaths, plan::Plan, routes::Routes},
    site_folder::SiteFolder,
};

/// The context of a lint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LintContext<'a> {
    /// The walked folder.
    pub(crate) folder: &'a SiteFolder,
    /// The routes of its files and rules.
    pub(crate) routes: &'a Routes,
    /// The other paths at which files are served.
    pub(crate) other_paths: &'a OtherPaths,
    /// The responses to its paths, with the fields of `_headers`.
    pub(crate) plan: &'a Plan,
    /// Existing paths that resemble a missing one.
    pub(crate) suggestions: &'a Suggestions<'a>,
    /// The files that links lead to, as far as they are known.
    pub(crate) followed: &'a FollowedFiles,
    /// Whether the report of a file has the files that its links lead to.
    pub(crate) records_followed: bool,
    /// Whether long texts are sampled and hashed when they are parsed, so that they need not be
    /// read once more for it.
    pub(crate) reads_ahead: bool,
}
