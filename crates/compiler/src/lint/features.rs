//! Features of browsers that a page has only over HTTPS, or with fields in `_headers`.

use super::{
    context::LintContext,
    file::{FileReport, is_subresource},
};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::js::{FEATURES, Feature},
    rules::headers::Field,
};

/// Lints the features that the scripts of pages depend on. Returns what users call those that need
/// a secure context.
pub(crate) fn lint(cx: LintContext<'_>, reports: &mut [FileReport]) -> Vec<&'static str> {
    if reports.iter().all(|it| it.features.uses.is_empty()) {
        return Vec::new();
    }
    let not_isolated = not_isolated(cx, reports);
    let loaded = loaded_by(cx, reports, pages(reports));
    let mut found: Vec<&Feature> = Vec::new();
    for (index, report) in reports.iter_mut().enumerate().filter(|it| loaded[it.0]) {
        for (feature, place) in std::mem::take(&mut report.features.uses) {
            let is_needed = not_isolated[index] && feature.needs_isolation();
            let isolation = is_needed.then(|| needs_isolation(cx, feature, &place));
            report.diagnostics.extend(isolation);
            report.diagnostics.push(place);
            found.push(feature);
        }
    }
    let found = FEATURES.iter().filter(|it| found.contains(it));
    let mut labels: Vec<&str> = found.map(|it| it.label).collect();
    labels.dedup();
    labels
}

/// The files that are pages.
fn pages(reports: &[FileReport]) -> impl Iterator<Item = usize> {
    (0..reports.len()).filter(|index| reports[*index].page_kind.is_some())
}

/// Whether each file is one of these pages, or loaded by one. The scripts of service workers are
/// left out, and what they load: they run in secure contexts only.
fn loaded_by(
    cx: LintContext<'_>,
    reports: &[FileReport],
    pages: impl Iterator<Item = usize>,
) -> Vec<bool> {
    let mut is_loaded = vec![false; reports.len()];
    let mut pending: Vec<usize> = pages.collect();
    while let Some(index) = pending.pop() {
        let report = &reports[index];
        if !report.features.is_service_worker && !std::mem::replace(&mut is_loaded[index], true) {
            let targets = report.loads.iter().map(|(target, _)| *target);
            pending.extend(targets.filter(|it| is_subresource(&cx.folder.files[*it])));
        }
    }
    is_loaded
}

/// Whether each file is a page that is not isolated, or loaded by one.
fn not_isolated(cx: LintContext<'_>, reports: &[FileReport]) -> Vec<bool> {
    let is_added = reports.iter().any(|it| it.features.adds_isolation);
    let pages = pages(reports).filter(|page| !is_added && !is_isolated(cx, *page));
    loaded_by(cx, reports, pages)
}

/// Whether a response with this page isolates it (HTML sections 7.1.3 and 7.1.4).
fn is_isolated(cx: LintContext<'_>, page: usize) -> bool {
    let planned = cx.plan.files.binary_search_by_key(&page, |it| it.file);
    // One that is not served is not loaded.
    planned.is_err()
        || planned.is_ok_and(|at| cx.plan.files[at].variants.iter().any(|it| isolates(&it.fields)))
}

fn isolates(fields: &[Field]) -> bool {
    let has = |name: &str, values: &[&str]| {
        let field = fields.iter().find(|it| it.is(name));
        // Parameters follow, such as an endpoint for reports.
        let value = field.and_then(|it| it.value.split(';').next()).map(str::trim);
        value.is_some_and(|it| values.contains(&it))
    };
    let is_embedder = has("Cross-Origin-Embedder-Policy", &["require-corp", "credentialless"]);
    is_embedder && has("Cross-Origin-Opener-Policy", &["same-origin"])
        // A proposal with the same effect, which Chromium has.
        || has("Document-Isolation-Policy", &["isolate-and-require-corp"])
        || has("Document-Isolation-Policy", &["isolate-and-credentialless"])
}

/// The diagnostic about a feature at the place of another diagnostic.
fn needs_isolation(cx: LintContext<'_>, feature: &Feature, place: &Diagnostic) -> Diagnostic {
    let message = format!("{feature} works in cross-origin isolated pages only");
    let help = format!(
        "add `Cross-Origin-Opener-Policy: same-origin` and \
         `Cross-Origin-Embedder-Policy: require-corp` to `_headers`, indented below `{}*`",
        cx.routes.mount.url_path(),
    );
    let Diagnostic { file, position, excerpt, .. } = place.clone();
    let of_file = Diagnostic::of_file(Lint::NeedsIsolation, file, message, help);
    Diagnostic { position, excerpt, ..of_file }
}
