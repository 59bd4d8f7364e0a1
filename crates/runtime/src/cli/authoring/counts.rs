//! Numbers of diagnostics per severity and code.

use std::cmp::Reverse;

use chapbook_compiler::{Lint, Report, Severity};

/// The number of diagnostics of one severity and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CodeCount {
    pub(super) severity: Severity,
    pub(super) code: Lint,
    pub(super) count: usize,
}

/// The counts of a report, errors first, then the most frequent code.
pub(super) fn code_counts(report: &Report) -> Vec<CodeCount> {
    let count = |((code, severity), count): (&(Lint, Severity), &usize)| CodeCount {
        severity: *severity,
        code: *code,
        count: *count,
    };
    let mut counts: Vec<CodeCount> = report.counts.iter().map(count).collect();
    counts.sort_by_key(|it| (it.severity, Reverse(it.count), it.code.name()));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_sorted_by_severity_and_number() {
        let counts = [
            (Lint::MissingLang, Severity::Warning, 1),
            (Lint::CaseMismatch, Severity::Error, 1),
            (Lint::BrokenLink, Severity::Error, 2),
            (Lint::InvalidHtml, Severity::Error, 1),
            (Lint::InvalidHtml, Severity::Warning, 1),
        ];
        let counts = counts.map(|(code, severity, count)| ((code, severity), count)).into();
        let shown = code_counts(&Report { counts, ..Report::default() });
        let shown = shown.iter().map(|it| format!("{} {} {}", it.severity, it.code, it.count));
        let expected = [
            "error broken-link 2",
            "error case-mismatch 1",
            "error invalid-html 1",
            "warning invalid-html 1",
            "warning missing-lang 1",
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }
}
