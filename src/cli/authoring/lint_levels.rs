//! Options that set the severity of diagnostics.

use chapbook_compiler::{LintError, LintLevels};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct LevelArguments {
    /// Report this code as a warning (repeatable)
    #[arg(long, value_name = "CODE", env = "CHAPBOOK_ALLOW", value_delimiter = ',')]
    allow: Vec<String>,
    /// Report this code, or all `warnings`, as an error (repeatable)
    #[arg(long, value_name = "CODE", env = "CHAPBOOK_DENY", value_delimiter = ',')]
    deny: Vec<String>,
}

impl LevelArguments {
    pub(super) fn lint_levels(&self) -> Result<LintLevels, LintError> {
        // An empty variable is an empty list.
        let codes = |values: &[String]| {
            let codes = values.iter().map(|value| value.trim().to_owned());
            codes.filter(|code| !code.is_empty()).collect::<Vec<_>>()
        };
        LintLevels::parse(codes(&self.allow), codes(&self.deny))
    }
}
