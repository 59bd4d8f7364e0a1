//! Options of routing: what the author says about paths besides the rule files.

use super::mount::Mount;

/// How paths lead to files, besides file names and rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteOptions {
    /// The path that the site is served under.
    pub mount: Mount,
    /// Whether the site is a single-page application: all navigations without a route get its
    /// page.
    pub is_single_page: bool,
}
