//! Rules: invalid lines, rules that never apply, and redirects to nothing or in a loop.

use std::ops::Bound;

use super::{context::LintContext, file::FileReport, fragments, links::FragmentReference};
use crate::{
    diagnostic::Diagnostic,
    diagnostics::{FileDiagnostics, SiteDiagnostics},
    lints::Lint,
    parse::Text,
    routing::routes::{Resolution, Routes},
    rules::{
        Pattern,
        headers::{self, Headers},
        redirects::{self, Destination, Redirect, RuleStatus},
    },
    site_folder::SiteFolder,
};

/// Parses both rule files, and adds the redirects to the routes. Returns the text of `_redirects`
/// besides, which is empty if there is none.
pub(crate) fn add(
    folder: &SiteFolder,
    routes: &mut Routes,
    diagnostics: &mut SiteDiagnostics<'_>,
) -> (Headers, Vec<u8>) {
    let of_redirects = read(folder, redirects::FILE, diagnostics).unwrap_or_default();
    if !of_redirects.is_empty() {
        let text = Text::new(folder.display(redirects::FILE), &of_redirects);
        let (redirects, invalid) = redirects::parse(&text);
        diagnostics.add(text.file(), invalid);
        diagnostics.add(text.file(), routes.add(folder, redirects, &text));
    }
    let Some(bytes) = read(folder, headers::FILE, diagnostics) else {
        return (Headers::default(), of_redirects);
    };
    let (headers, invalid) = Headers::parse(folder.display(headers::FILE), bytes);
    diagnostics.add(headers.text().file(), invalid);
    (headers, of_redirects)
}

/// The bytes of a rule file. Reports one that cannot be read.
fn read(folder: &SiteFolder, name: &str, diagnostics: &mut SiteDiagnostics<'_>) -> Option<Vec<u8>> {
    let file = folder.files.iter().find(|file| file.path == name)?;
    let mut bytes = Vec::new();
    match folder.read(file, &mut bytes) {
        Ok(_) => Some(bytes),
        Err(error) => {
            diagnostics.extend([folder.cannot_read(&file.path, &error)]);
            None
        }
    }
}

/// Lints the targets of the redirects.
pub(crate) fn lint_targets(
    cx: LintContext<'_>,
    reports: &[FileReport],
    of_redirects: &[u8],
    diagnostics: &mut SiteDiagnostics<'_>,
) {
    let mut redirects = cx.routes.redirects.iter().filter(|it| !it.is_implied).peekable();
    if redirects.peek().is_none() {
        return;
    }
    let text = Text::new(cx.folder.display(redirects::FILE), of_redirects);
    let mut found = FileDiagnostics::default();
    found.extend(redirects.filter_map(|it| lint_target(cx, &text, it, reports)));
    diagnostics.add(text.file(), found);
}

fn lint_target(
    cx: LintContext<'_>,
    text: &Text<'_>,
    redirect: &Redirect,
    reports: &[FileReport],
) -> Option<Diagnostic> {
    let diagnostic = |code, message: String, help: &str| {
        Some(text.diagnostic(code, redirect.to_span.clone(), message, help))
    };
    // `*` matches anything, so resolve a segment that is not a file name.
    let from = match &redirect.from {
        Pattern::Exact(key) => key.clone(),
        Pattern::Below(prefix) => format!("{prefix}:splat"),
    };
    let next = redirect.next_key(&from)?;
    if redirect.status == RuleStatus::Rewrite {
        if cx.routes.rewrite_target(redirect).is_some() {
            return None;
        }
        let message = format!("cannot serve `{next}` with 200: it is not a file of the site");
        let help = mounted_rule(cx, redirect, &next).unwrap_or_else(|| {
            let page = cx.routes.mount.prefixed("index.html");
            format!("name a page, such as `{page}`, or use another status")
        });
        return diagnostic(Lint::InvalidRedirect, message, &help);
    }
    match cx.routes.resolve(&next) {
        Resolution::Loop => {
            let message = format!("`{next}` redirects back here, or too many times");
            let help = "redirect to a page: browsers stop after 20 redirects";
            diagnostic(Lint::RedirectLoop, message, help)
        }
        Resolution::NotFound(_) if has_routes_below(cx, redirect) => None,
        Resolution::NotFound(missing) => {
            let message = format!("nothing is served at `{missing}`");
            if let Some(help) = mounted_rule(cx, redirect, &next) {
                return diagnostic(Lint::DeadRedirect, message, &help);
            }
            let help = "redirect to an existing page, or remove the rule";
            let diagnostic = diagnostic(Lint::DeadRedirect, message, help)?;
            Some(diagnostic.with_suggestion(&missing))
        }
        Resolution::File(target) | Resolution::FolderSlash(target) => {
            let Destination::Fixed(location) = &redirect.to else { return None };
            let (_, fragment) = location.split_once('#')?;
            let (fragment, span) = (fragment.into(), redirect.to_span.clone());
            let reference = FragmentReference { target, fragment, span };
            let is_missing = fragments::is_missing(&reference, reports);
            is_missing.then(|| fragments::diagnostic(cx, text, (None, &reference), reports))
        }
        Resolution::OtherHost => None,
    }
}

/// Advice about a rule whose target, at the key `next`, is only served below the mount: the
/// corrected rule. If both paths are outside of the mount, both are wrong.
fn mounted_rule(cx: LintContext<'_>, redirect: &Redirect, next: &str) -> Option<String> {
    let mount = &cx.routes.mount;
    let target = mount.moved(&Pattern::Exact(next.to_owned()))?;
    let is_served = match &redirect.to {
        Destination::Fixed(_) => {
            matches!(
                cx.routes.resolve(target.key()),
                Resolution::File(_) | Resolution::FolderSlash(_)
            )
        }
        Destination::Splat(before, _) => has_routes_below_path(cx, &mount.prefixed(before)),
    };
    let from = mount.moved(&redirect.from).unwrap_or_else(|| redirect.from.clone());
    let to = match &redirect.to {
        Destination::Fixed(to) => mount.prefixed(to),
        Destination::Splat(before, after) => format!("{}:splat{after}", mount.prefixed(before)),
    };
    let status = match redirect.status {
        RuleStatus::Redirect(status) => status,
        RuleStatus::Rewrite => 200,
    };
    is_served.then(|| format!("the site is served at `{mount}`: write `{from} {to} {status}`"))
}

/// Whether any route is below the target of a redirect with `:splat`.
fn has_routes_below(cx: LintContext<'_>, redirect: &Redirect) -> bool {
    let Destination::Splat(before, _) = &redirect.to else { return false };
    has_routes_below_path(cx, before)
}

/// Whether any route is below a percent-encoded path.
fn has_routes_below_path(cx: LintContext<'_>, before: &str) -> bool {
    let decoded = percent_encoding::percent_decode_str(before).decode_utf8_lossy();
    let bounds = (Bound::Included(&*decoded), Bound::Unbounded);
    let mut from = cx.routes.exact.range::<str, _>(bounds);
    from.next().is_some_and(|(key, _)| key.starts_with(&*decoded))
}
