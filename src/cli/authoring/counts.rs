//! Numbers of diagnostics per severity and code.

use std::collections::HashMap;

use chapbook_compiler::{Diagnostic, Lint, Severity};

/// The number of diagnostics of one severity and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CodeCount {
    pub(super) severity: Severity,
    pub(super) code: Lint,
    pub(super) count: usize,
}

/// The counts, errors first, then the most frequent code.
pub(super) fn code_counts(diagnostics: &[Diagnostic]) -> Vec<CodeCount> {
    let mut counts: HashMap<(Severity, Lint), usize> = HashMap::new();
    for diagnostic in diagnostics {
        *counts.entry((diagnostic.severity, diagnostic.code)).or_default() += 1;
    }
    let count = |((severity, code), count)| CodeCount { severity, code, count };
    let mut counts: Vec<CodeCount> = counts.into_iter().map(count).collect();
    counts.sort_by_key(|it| (it.severity, std::cmp::Reverse(it.count), it.code.name()));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_sorted_by_severity_and_number() {
        let diagnostic = |code| Diagnostic::of_file(code, "site/index.html", "", "");
        let codes = [
            Lint::MissingLang,
            Lint::CaseMismatch,
            Lint::BrokenLink,
            Lint::InvalidHtml,
            Lint::BrokenLink,
        ];
        let mut diagnostics: Vec<_> = codes.into_iter().map(diagnostic).collect();
        diagnostics.push(diagnostic(Lint::InvalidHtml).as_warning());
        let shown = code_counts(&diagnostics);
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
