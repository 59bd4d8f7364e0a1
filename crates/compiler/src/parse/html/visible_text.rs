//! Amount of text that a page shows before any script runs.

/// The length from which on text is not counted: whether a page has any is what matters.
const LENGTH_MAX: usize = 128;

/// Counts the text outside of elements that scripts fill or replace.
#[derive(Debug, Default)]
pub(crate) struct VisibleText {
    /// The number of open `noscript` elements: browsers with scripts do not show their content.
    noscript_depth: usize,
    /// The number of bytes except white space, not exact for long texts.
    pub(crate) length: usize,
}

impl VisibleText {
    pub(crate) fn start_tag(&mut self, name: &[u8]) {
        self.noscript_depth += usize::from(name == b"noscript");
    }

    pub(crate) fn end_tag(&mut self, name: &[u8]) {
        if name == b"noscript" {
            self.noscript_depth = self.noscript_depth.saturating_sub(1);
        }
    }

    pub(crate) fn push(&mut self, text: &[u8]) {
        if self.noscript_depth == 0 && self.length < LENGTH_MAX {
            self.length += text.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
        }
    }
}
