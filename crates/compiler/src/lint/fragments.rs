//! This file owns the verdict over fragments: each is the name of something in the file that it is
//! to be found in. It is asked when all files are read.

use std::borrow::Cow;

use super::{Site, file::Finding, links::Wanted, nearest::most_alike};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{Text, html::Fragments},
};

/// The fragments that lead nowhere.
pub(crate) fn judge(site: Site<'_>, findings: &[Finding]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let missing: Vec<&Wanted> =
            finding.fragments_wanted.iter().filter(|it| is_missing(it, findings)).collect();
        if missing.is_empty() {
            continue;
        }
        // The text was let go when it was judged, since most have no dead fragment.
        let file = &site.source.files[index];
        let mut bytes = Vec::new();
        if let Err(error) = site.source.read(file, &mut bytes) {
            diagnostics.push(site.source.unreadable(&file.path, &error));
            continue;
        }
        let text = Text::new(site.source.display(&file.path), &bytes);
        diagnostics.extend(missing.iter().map(|wanted| report(site, &text, wanted, findings)));
    }
    diagnostics
}

/// The files that may hold what a fragment names: the one that it is to be found in, and where its
/// reader is sent on to. Pages that send their readers on hand the fragment on, too, as rustdoc's.
fn targets(first: usize, findings: &[Finding]) -> impl Iterator<Item = usize> {
    /// Pages that send each other's readers on are no place to go on in.
    const FORWARDS_MAX: usize = 5;
    let next = |target: &usize| findings.get(*target)?.forward;
    std::iter::successors(Some(first), next).take(FORWARDS_MAX)
}

/// The names in a file; `None` where a fragment means something else than a name: a page of a PDF,
/// a second of a film.
fn names(target: usize, findings: &[Finding]) -> Option<&Fragments> {
    findings.get(target)?.fragments.as_ref()
}

/// Whether a fragment leads nowhere (HTML section 7.4.6.4).
pub(crate) fn is_missing(wanted: &Wanted, findings: &[Finding]) -> bool {
    targets(wanted.target, findings).all(|target| is_missing_in(target, wanted, findings))
}

fn is_missing_in(target: usize, wanted: &Wanted, findings: &[Finding]) -> bool {
    let Some(names) = names(target, findings) else { return false };
    if names.contains_key(&*wanted.fragment) {
        return false;
    }
    let fragment = without_directive(&wanted.fragment);
    // `#/about` and `#!about` are read by scripts, which show another page for each;
    // `#svgView(...)` is a view of a picture (SVG section 16.3).
    let is_of_a_script = fragment.starts_with(['/', '!']) || fragment.starts_with("svgView(");
    let is_top = fragment.is_empty() || fragment.eq_ignore_ascii_case("top");
    if is_top || is_of_a_script {
        return false;
    }
    let decoded = decode(fragment);
    !names.contains_key(&*decoded) && !is_range(&decoded, names)
}

/// `#12-34` are the lines of a listing from the one to the other, as rustdoc and others write them:
/// a script marks them, and both ends are there.
fn is_range(fragment: &str, names: &Fragments) -> bool {
    fragment
        .split_once('-')
        .is_some_and(|(first, last)| names.contains_key(first) && names.contains_key(last))
}

/// What stands behind `:~:` is for the browser's search, not for the page's elements.
fn without_directive(fragment: &str) -> &str {
    fragment.split(":~:").next().unwrap_or(fragment)
}

fn decode(fragment: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(fragment).decode_utf8_lossy()
}

pub(crate) fn report(
    site: Site<'_>,
    text: &Text<'_>,
    wanted: &Wanted,
    findings: &[Finding],
) -> Diagnostic {
    /// The most names that are looked at for one that is alike.
    const NAMES_MAX: usize = 2000;
    let last = targets(wanted.target, findings).last().unwrap_or(wanted.target);
    let target = site.source.display(&site.source.files[last].path);
    let fragment = decode(without_directive(&wanted.fragment));
    let message = format!("`#{fragment}` is nowhere in `{target}`");
    let names = names(last, findings).filter(|names| names.len() <= NAMES_MAX);
    let names = names.into_iter().flatten().map(|(name, _)| &**name);
    let help = match most_alike(&fragment, names, |name| name) {
        Some(near) => format!("did you mean `#{near}`?"),
        None => format!("give an element of `{target}` the id `{fragment}`"),
    };
    text.diagnostic(Lint::MissingFragment, wanted.span.clone(), message, help)
}
