//! Fragments: each must be the id of an element of its target. Checked after all files are parsed.

use std::{borrow::Cow, sync::Arc};

use chapbook_format::path;

use super::{
    context::LintContext, file::FileReport, links::FragmentReference, suggestions::most_similar,
};
use crate::{
    diagnostic::Diagnostic,
    diagnostics::{FileDiagnostics, SiteDiagnostics},
    lints::{Lint, Severity},
    parallel,
    parse::{Text, html::Fragments},
};

/// Finds the fragments without a target.
pub(crate) fn lint(
    cx: LintContext<'_>,
    reports: &[FileReport],
    diagnostics: &mut SiteDiagnostics<'_>,
) {
    let work = |(): &mut (), index, report: &FileReport| lint_file(cx, index, report, reports);
    for found in parallel::map_within(0, reports, |_| 0, work).into_iter().flatten() {
        match found {
            Ok((file, found)) => diagnostics.add(&file, found),
            Err(unreadable) => diagnostics.extend([*unreadable]),
        }
    }
}

/// The diagnostics of a file with its path, or the one that it cannot be read.
type Found = Result<(Arc<str>, FileDiagnostics), Box<Diagnostic>>;

/// Finds the fragments of a file without a target; `None` if there are none.
fn lint_file(
    cx: LintContext<'_>,
    index: usize,
    report: &FileReport,
    reports: &[FileReport],
) -> Option<Found> {
    let missing: Vec<&FragmentReference> =
        report.fragment_references.iter().filter(|it| is_missing(it, reports)).collect();
    if missing.is_empty() {
        return None;
    }
    // Texts are not kept in memory, since most files have no missing fragment.
    let file = &cx.folder.files[index];
    let mut bytes = Vec::new();
    if let Err(error) = cx.folder.read(file, &mut bytes) {
        return Some(Err(Box::new(cx.folder.cannot_read(&file.path, &error))));
    }
    let text = Text::new(cx.folder.display(&file.path), &bytes);
    let mut found = FileDiagnostics::default();
    for reference in missing {
        let code = Lint::MissingFragment;
        // The other elements of the drawing are still shown.
        let is_drawing = reference.target == index && file.extension() == "svg";
        let severity = if is_drawing { Severity::Warning } else { code.severity() };
        found.push_with(code, severity, || Diagnostic {
            severity,
            ..diagnostic(cx, &text, (Some(index), reference), reports)
        });
    }
    Some(Ok((text.file().clone(), found)))
}

/// The files that can define a fragment: the target, and the pages that it forwards to. Forwarding
/// pages, such as those of rustdoc, keep the fragment.
fn targets(first: usize, reports: &[FileReport]) -> impl Iterator<Item = usize> {
    /// Pages can forward to each other.
    const FORWARDS_MAX: usize = 5;
    let next = |target: &usize| reports.get(*target)?.forward;
    std::iter::successors(Some(first), next).take(FORWARDS_MAX)
}

/// The ids of a file; `None` if fragments have another meaning, such as a page of a PDF or a time
/// in a video.
fn ids(target: usize, reports: &[FileReport]) -> Option<&Fragments> {
    reports.get(target)?.fragments.as_ref()
}

/// Whether a fragment has no target (HTML section 7.4.6.4).
pub(crate) fn is_missing(reference: &FragmentReference, reports: &[FileReport]) -> bool {
    let is_missing_in = |target| ids(target, reports).is_some_and(|ids| !is_in(reference, ids));
    targets(reference.target, reports).all(is_missing_in)
}

fn is_in(reference: &FragmentReference, ids: &Fragments) -> bool {
    if ids.contains_key(&*reference.fragment) {
        return true;
    }
    let fragment = without_directive(&reference.fragment);
    // `#/about` and `#!about` are routes of a script; `#svgView(...)` is a view of an image (SVG
    // section 16.3).
    let is_not_an_id = fragment.starts_with(['/', '!']) || fragment.starts_with("svgView(");
    let is_top = fragment.is_empty() || fragment.eq_ignore_ascii_case("top");
    if is_top || is_not_an_id {
        return true;
    }
    let decoded = decode(fragment);
    ids.contains_key(&*decoded) || is_range(&decoded, ids)
}

/// `#12-34` are lines of a source listing, as rustdoc links them: a script highlights them, and
/// both ends are ids.
fn is_range(fragment: &str, ids: &Fragments) -> bool {
    fragment
        .split_once('-')
        .is_some_and(|(first, last)| ids.contains_key(first) && ids.contains_key(last))
}

/// The fragment without its directive, which starts with `:~:` and is for the browser.
fn without_directive(fragment: &str) -> &str {
    fragment.split(":~:").next().unwrap_or(fragment)
}

fn decode(fragment: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(fragment).decode_utf8_lossy()
}

/// The diagnostic about a missing fragment, which may be in a page.
pub(crate) fn diagnostic(
    cx: LintContext<'_>,
    text: &Text<'_>,
    (page, reference): (Option<usize>, &FragmentReference),
    reports: &[FileReport],
) -> Diagnostic {
    /// Pages with more ids get no suggestion, to bound the time: each missing fragment is compared
    /// with all ids.
    const IDS_MAX: usize = 2000;
    let last = targets(reference.target, reports).last().unwrap_or(reference.target);
    let target = cx.folder.display(&cx.folder.files[last].path);
    let fragment = decode(without_directive(&reference.fragment));
    // A menu that links within its page is the same mistake on every page.
    let is_same_page = **text.file() == *target;
    let message = if is_same_page {
        format!("no element of the page has the id `{fragment}`")
    } else {
        format!("no element of `{target}` has the id `{fragment}`")
    };
    let has_id = |page: &usize| ids(*page, reports).is_some_and(|it| it.contains_key(&*fragment));
    let page = page.filter(has_id);
    let ids = ids(last, reports).filter(|ids| ids.len() <= IDS_MAX);
    let ids = ids.filter(|ids| cx.suggestions.may_compare(ids.len()));
    let ids = ids.into_iter().flatten().map(|(id, _)| &**id);
    let help = match (page, most_similar(&fragment, ids, |id| id)) {
        // Most often because of a `base` element, which applies to fragments, too.
        (Some(page), _) => {
            let key = cx.routes.key_of(&cx.folder.files[page]);
            let key = path::encode(&key);
            format!("the page with the link has that id itself: write `{key}#{fragment}`")
        }
        (None, Some(id)) => format!("did you mean `#{id}`?"),
        (None, None) => format!("add `id=\"{fragment}\"` to an element of `{target}`"),
    };
    text.diagnostic(Lint::MissingFragment, reference.span.clone(), message, help)
}
