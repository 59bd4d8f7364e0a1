//! Limits of collections of diagnostics.

use super::*;

fn diagnostic(code: Lint, file: &str, number: usize) -> Diagnostic {
    Diagnostic::of_file(code, file, format!("problem {number:09}"), "")
}

/// The diagnostics of a file with this number of problems of one lint.
fn file(code: Lint, name: &str, count: usize) -> FileDiagnostics {
    let mut diagnostics = FileDiagnostics::default();
    diagnostics.extend((0..count).map(|number| diagnostic(code, name, number)));
    diagnostics
}

#[test]
fn a_file_lists_a_bounded_number_of_diagnostics_of_each_lint() {
    const MAX: usize = LISTED_IN_FILE_MAX;
    for (count, unlisted) in [(0, 0), (MAX, 0), (MAX + 1, 1), (5 * MAX, 4 * MAX)] {
        let mut diagnostics = file(Lint::BrokenLink, "a", count);
        diagnostics.push(diagnostic(Lint::CaseMismatch, "a", 0));
        assert_eq!(diagnostics.listed().len(), count - unlisted + 1);
        assert_eq!(diagnostics.unlisted_count(), unlisted);
        let levels = LintLevels::default();
        let mut site = SiteDiagnostics::new(&levels);
        site.add(&"a".into(), diagnostics);
        let (listed, counts) = site.finish();
        assert_eq!(listed.len(), count - unlisted + 1 + usize::from(unlisted > 0));
        let broken = counts.get(&(Lint::BrokenLink, Severity::Error));
        assert_eq!(broken.copied().unwrap_or_default(), count);
    }
}

#[test]
fn a_diagnostic_above_the_limit_is_not_built() {
    let mut diagnostics = file(Lint::BrokenLink, "a", LISTED_IN_FILE_MAX);
    diagnostics.push_with(Lint::BrokenLink, Severity::Error, || unreachable!("it is built"));
    assert_eq!(diagnostics.unlisted_count(), 1);
}

#[test]
fn an_error_is_listed_after_any_number_of_warnings() {
    let mut diagnostics = FileDiagnostics::default();
    let warning = |number| diagnostic(Lint::InvalidHtml, "a", number).as_warning();
    diagnostics.extend((0..5 * LISTED_IN_FILE_MAX).map(warning));
    diagnostics.push(diagnostic(Lint::InvalidHtml, "a", 0));
    let levels = LintLevels::default();
    let mut site = SiteDiagnostics::new(&levels);
    site.add(&"a".into(), diagnostics);
    let (listed, counts) = site.finish();
    assert_eq!(listed.iter().filter(|it| it.severity == Severity::Error).count(), 1);
    assert_eq!(counts[&(Lint::InvalidHtml, Severity::Error)], 1);
    assert_eq!(counts[&(Lint::InvalidHtml, Severity::Warning)], 5 * LISTED_IN_FILE_MAX);
}

#[test]
fn a_site_lists_a_bounded_number_of_diagnostics_of_each_lint() {
    const FILES: usize = 30;
    const EACH: usize = LISTED_IN_FILE_MAX;
    let name = |index: usize| format!("{index:03}");
    let indices: Vec<usize> = (0..FILES).collect();
    for indices in [indices.clone(), indices.into_iter().rev().collect()] {
        let levels = LintLevels::default();
        let (mut site, mut limit) = (SiteDiagnostics::new(&levels), SiteLimit::default());
        let mut files = Vec::new();
        for index in indices {
            let mut diagnostics = file(Lint::BrokenLink, &name(index), EACH);
            if index == FILES - 1 {
                diagnostics.push(diagnostic(Lint::CaseMismatch, &name(index), 0));
            }
            limit.apply(index, false, &mut diagnostics);
            files.push((index, diagnostics));
        }
        for (index, mut diagnostics) in files {
            limit.apply(index, false, &mut diagnostics);
            site.add(&name(index).into(), diagnostics);
        }
        let (listed, counts) = site.finish();
        assert_eq!(counts[&(Lint::BrokenLink, Severity::Error)], FILES * EACH);
        assert_eq!(counts[&(Lint::CaseMismatch, Severity::Error)], 1);
        assert_eq!(listed.len(), LISTED_MAX + 2);
        let last = listed.iter().rfind(|it| it.code == Lint::BrokenLink);
        let message = last.map(|it| it.message.as_str());
        let expected =
            "20000 more problems of this kind in 20 files from this one on are not listed";
        assert_eq!(message, Some(expected));
    }
}

#[test]
fn memory_is_bounded_while_files_are_checked_in_order() {
    let (mut limit, mut kept) = (SiteLimit::default(), 0);
    for index in 0..100 {
        let mut diagnostics = file(Lint::BrokenLink, "x", LISTED_IN_FILE_MAX);
        limit.apply(index, false, &mut diagnostics);
        kept += diagnostics.listed().len();
    }
    assert_eq!(kept, LISTED_MAX);
    let files = &limit.kinds[&((Lint::BrokenLink, Severity::Error), false)];
    assert_eq!(files.counts.len(), LISTED_MAX / LISTED_IN_FILE_MAX);
}

#[test]
fn levels_apply_to_diagnostics_that_are_not_listed() {
    let mut diagnostics = file(Lint::BrokenLink, "a", LISTED_IN_FILE_MAX + 5);
    diagnostics.relax();
    diagnostics.add_unlisted(Lint::EmptySite, Severity::Error, 1);
    diagnostics.relax();
    let levels = LintLevels::default();
    let mut site = SiteDiagnostics::new(&levels);
    site.add(&"a".into(), diagnostics);
    let (_, counts) = site.finish();
    let expected = [
        ((Lint::EmptySite, Severity::Error), 1),
        ((Lint::BrokenLink, Severity::Warning), LISTED_IN_FILE_MAX + 5),
    ];
    assert_eq!(counts, Counts::from(expected));
}
