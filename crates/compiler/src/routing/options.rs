//! Options of routing: what the author says about paths besides the rule files.

/// How paths lead to files, besides file names and rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteOptions {
    /// Whether the site is a single-page application: all navigations without a route get its
    /// page.
    pub is_single_page: bool,
}
