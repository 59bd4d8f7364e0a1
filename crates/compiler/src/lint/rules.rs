//! This file owns the verdict over the rules of a site: those that can't be followed, those that
//! are never reached, and those that lead to nothing or back to themselves.

use std::ops::Bound;

use super::{Site, file::Finding, fragments, links::Wanted};
use chapbook_format::path;

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::Text,
    routing::routes::{Resolution, RouteEntry, Routes},
    rules::{
        Pattern,
        headers::{self, Headers},
        redirects::{self, Destination, Redirect, Status},
    },
    walk::Source,
};

/// Reads both files of rules, and adds the redirects to the routes.
pub(crate) fn add(
    source: &Source,
    routes: &mut Routes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Headers {
    if let Some(bytes) = read(source, redirects::FILE) {
        let text = Text::new(source.display(redirects::FILE), &bytes);
        let (redirects, wrong) = redirects::parse(&text);
        diagnostics.extend(wrong);
        diagnostics.extend(routes.add(source, redirects, &text));
    }
    let Some(bytes) = read(source, headers::FILE) else { return Headers::default() };
    let (headers, wrong) = Headers::parse(source.display(headers::FILE), bytes);
    diagnostics.extend(wrong);
    headers
}

/// The bytes of a file of rules; that it can't be read is said with all other files.
fn read(source: &Source, name: &str) -> Option<Vec<u8>> {
    let file = source.files.iter().find(|file| file.path == name)?;
    let mut bytes = Vec::new();
    source.read(file, &mut bytes).ok()?;
    Some(bytes)
}

/// Judges where the redirects lead.
pub(crate) fn judge_targets(site: Site<'_>, findings: &[Finding]) -> Vec<Diagnostic> {
    if site.routes.redirects.is_empty() {
        return Vec::new();
    }
    let Some(bytes) = read(site.source, redirects::FILE) else { return Vec::new() };
    let text = Text::new(site.source.display(redirects::FILE), &bytes);
    let redirects = site.routes.redirects.iter();
    redirects.filter_map(|redirect| judge_target(site, &text, redirect, findings)).collect()
}

fn judge_target(
    site: Site<'_>,
    text: &Text<'_>,
    redirect: &Redirect,
    findings: &[Finding],
) -> Option<Diagnostic> {
    let say = |code, message: String, help: &str| {
        Some(text.diagnostic(code, redirect.to_span.clone(), message, help))
    };
    // What `*` stands for is anything, so that one thing that is surely no name is tried.
    let from = match &redirect.from {
        Pattern::Exact(key) => key.clone(),
        Pattern::Below(prefix) => format!("{prefix}:splat"),
    };
    let next = redirect.next_key(&from)?;
    if redirect.status == Status::Answered {
        if matches!(site.routes.find(&next), Some(RouteEntry::File(_))) {
            return None;
        }
        let message = format!("200 answers with a file of the site, and `{next}` is none");
        let help = "name a page, such as `/index.html`, or use another status";
        return say(Lint::InvalidRedirect, message, help);
    }
    match site.routes.resolve(&next) {
        Resolution::Loop => {
            let message = format!("`{next}` leads back here, or over too many other rules");
            let help = "let the rules lead to pages: browsers give up after 20 redirects";
            say(Lint::RedirectLoop, message, help)
        }
        Resolution::Nothing(_) if leads_below_something(site, redirect) => None,
        Resolution::Nothing(dead) => {
            let message = format!("this leads to nothing: `{dead}` is not in the site");
            let help = match site.names.nearest(&dead) {
                Some(near) => format!("did you mean `{}`?", path::encode(near)),
                None => "name a page that is there, or remove the rule".to_owned(),
            };
            say(Lint::DeadRedirect, message, &help)
        }
        Resolution::File(target) | Resolution::FolderSlash(target) => {
            let Destination::Fixed(place) = &redirect.to else { return None };
            let (_, fragment) = place.split_once('#')?;
            let wanted =
                Wanted { target, fragment: fragment.into(), span: redirect.to_span.clone() };
            let missing = fragments::is_missing(&wanted, findings);
            missing.then(|| fragments::report(site, text, &wanted, findings))
        }
        Resolution::Elsewhere => None,
    }
}

/// Whether a redirect that keeps the rest of the path leads to where there is anything at all.
fn leads_below_something(site: Site<'_>, redirect: &Redirect) -> bool {
    let Destination::Splat(before, _) = &redirect.to else { return false };
    let decoded = percent_encoding::percent_decode_str(before).decode_utf8_lossy();
    let bounds = (Bound::Included(&*decoded), Bound::Unbounded);
    let mut from = site.routes.exact.range::<str, _>(bounds);
    from.next().is_some_and(|(key, _)| key.starts_with(&*decoded))
}
