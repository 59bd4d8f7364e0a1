//! Options that set the severity of diagnostics.

use chapbook_compiler::{LintError, LintLevels};
use clap::Args;

use crate::cli::variable;

#[derive(Debug, Args)]
pub(super) struct LevelArguments {
    /// Report this code as a warning (repeatable)
    #[arg(
        long,
        value_name = "CODE",
        env = "CHAPBOOK_ALLOW",
        hide_env = true,
        value_delimiter = ','
    )]
    allow: Vec<String>,
    /// Report this code, or all `warnings`, as an error (repeatable)
    #[arg(
        long,
        value_name = "CODE",
        env = "CHAPBOOK_DENY",
        hide_env = true,
        value_delimiter = ','
    )]
    deny: Vec<String>,
}

impl LevelArguments {
    /// The levels; the error names the variable that a wrong code is from.
    pub(super) fn lint_levels(&self) -> Result<LintLevels, String> {
        // An empty variable is an empty list.
        let codes = |values: &[String]| {
            let codes = values.iter().map(|value| value.trim().to_owned());
            codes.filter(|code| !code.is_empty()).collect::<Vec<_>>()
        };
        let (allow, deny) = (codes(&self.allow), codes(&self.deny));
        LintLevels::parse(allow.clone(), deny.clone()).map_err(|error| {
            let option = |name: &'static str, codes: &[String], code: &str| {
                codes.iter().any(|it| it == code).then_some(name)
            };
            let code = match &error {
                LintError::Unknown(word, _) => word.as_str(),
                LintError::NotAllowable(code) | LintError::Contradiction(code) => code.name(),
                _ => "",
            };
            let options = [option("allow", &allow, code), option("deny", &deny, code)];
            let variables =
                options.into_iter().flatten().filter_map(|it| variable::source(it, None));
            match variables.collect::<Vec<_>>().join(" and ") {
                none if none.is_empty() => error.to_string(),
                variables => format!("{error} (from {variables})"),
            }
        })
    }
}
