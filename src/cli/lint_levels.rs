//! This file owns the flags by which an author softens and hardens the verdict over a site.

use chapbook_compiler::{LintError, LintLevels};
use clap::Args;

/// What the author makes of the kinds of diagnostics.
#[derive(Debug, Args)]
pub(super) struct LevelArguments {
    /// Take errors of this code for warnings; may be given several times
    #[arg(long, value_name = "CODE", env = "CHAPBOOK_ALLOW", value_delimiter = ',')]
    allow: Vec<String>,
    /// Take warnings of this code for errors, or all `warnings`
    #[arg(long, value_name = "CODE", env = "CHAPBOOK_DENY", value_delimiter = ',')]
    deny: Vec<String>,
}

impl LevelArguments {
    /// What the flags say, or why that makes no sense.
    pub(super) fn lint_levels(&self) -> Result<LintLevels, LintError> {
        let words = |words: &[String]| {
            let words = words.iter().map(|word| word.trim().to_owned());
            words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
        };
        LintLevels::parse(words(&self.allow), words(&self.deny))
    }
}
