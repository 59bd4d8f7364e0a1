//! This file owns the flags by which an author softens and hardens the verdict over a site.

use chapbook_bundle::{CodeError, Verdicts};
use clap::Args;

/// What the author makes of the kinds of diagnostics.
#[derive(Debug, Args)]
pub(super) struct Judging {
    /// Take errors of this code for warnings; may be given several times
    #[arg(long, value_name = "CODE", env = "CHAPBOOK_ALLOW", value_delimiter = ',')]
    allow: Vec<String>,
    /// Take warnings of this code for errors, or all `warnings`
    #[arg(long, value_name = "CODE", env = "CHAPBOOK_DENY", value_delimiter = ',')]
    deny: Vec<String>,
}

impl Judging {
    /// What the flags say, or why that makes no sense.
    pub(super) fn verdicts(&self) -> Result<Verdicts, CodeError> {
        let words = |words: &[String]| {
            let words = words.iter().map(|word| word.trim().to_owned());
            words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
        };
        Verdicts::parse(words(&self.allow), words(&self.deny))
    }
}
