//! Kinds of pages.

/// How complete a page is before any script runs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// A document with content.
    #[default]
    Complete,
    /// Markup for the body of another page.
    Partial,
    /// A document without text, which a script fills.
    Shell,
}
