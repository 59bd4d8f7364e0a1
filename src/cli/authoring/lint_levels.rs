//! Options that set the severity of diagnostics.

use chapbook_compiler::{LintError, LintLevels};
use clap::Args;

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
    pub(super) fn lint_levels(&self) -> Result<LintLevels, LintError> {
        // An empty variable is an empty list.
        let codes = |values: &[String]| {
            let codes = values.iter().map(|value| value.trim().to_owned());
            codes.filter(|code| !code.is_empty()).collect::<Vec<_>>()
        };
        LintLevels::parse(codes(&self.allow), codes(&self.deny))
    }
}
