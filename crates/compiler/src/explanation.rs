//! Explanation of a lint, as `chapbook explain` prints it and rustdoc shows it.

/// The parts of the text about a lint, in Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// What the lint reports, in one sentence.
    pub meaning: &'static str,
    /// The consequence for the site.
    pub why: &'static str,
    /// The files of a site that the lint reports: a block for each, with its name after the
    /// language, and a block `files` that lists others.
    pub example: &'static str,
    /// What to change.
    pub fix: &'static str,
}

impl Explanation {
    /// Splits a text of the folder `lints` at its headings. A part without a heading is empty.
    pub(crate) fn parse(text: &'static str) -> Self {
        let part = |heading: &str| {
            let (_, after) = text.split_once(heading).unwrap_or_default();
            after.split("\n## ").next().unwrap_or_default().trim()
        };
        Self {
            meaning: text.lines().next().unwrap_or_default(),
            why: part("\n## Why it matters\n"),
            example: part("\n## Example\n"),
            fix: part("\n## How to fix it\n"),
        }
    }
}
