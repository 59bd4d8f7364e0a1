//! References to other hosts: nothing may be loaded from one, and a link to the host that the site
//! calls its own leads readers out of the executable.

use std::collections::{BTreeMap, BTreeSet};

use chapbook_format::path;
use url::Url;

use super::{context::LintContext, file::FileReport, links::OtherHostReference};
use crate::{
    diagnostic::Diagnostic, lints::Lint, parse::Text, routing::routes::RouteEntry,
    site_folder::SourceFile,
};

/// The URLs at which the site says that it is published.
#[derive(Debug, Default)]
struct OwnBases(BTreeSet<OwnBase>);

/// A URL of the home page, in parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct OwnBase {
    /// The host and the port; the scheme does not matter.
    authority: String,
    /// The path before the paths of routes, without a trailing slash.
    prefix: String,
}

/// Lints the references to other hosts.
pub(crate) fn lint(cx: LintContext<'_>, reports: &mut [FileReport]) {
    let own_bases = OwnBases::of_site(cx, reports);
    for (file, report) in cx.folder.files.iter().zip(reports) {
        let references = std::mem::take(&mut report.other_hosts);
        let reported: Vec<_> = references
            .iter()
            .map(|reference| (reference, own_bases.key_of(cx, &reference.url)))
            .filter(|(reference, own_key)| reference.is_load || own_key.is_some())
            .collect();
        if reported.is_empty() {
            continue;
        }
        // Texts are not kept in memory.
        let mut bytes = Vec::new();
        if let Err(error) = cx.folder.read(file, &mut bytes) {
            report.diagnostics.push(cx.folder.cannot_read(&file.path, &error));
            continue;
        }
        let text = Text::new(cx.folder.display(&file.path), &bytes);
        for (reference, own_key) in reported {
            let code = if reference.is_load { Lint::ExternalLoad } else { Lint::OwnHost };
            let build = || diagnostic(&text, reference, own_key.as_deref());
            report.diagnostics.push_with(code, code.severity(), build);
        }
    }
}

fn diagnostic(
    text: &Text<'_>,
    reference: &OtherHostReference,
    own_key: Option<&str>,
) -> Diagnostic {
    let OtherHostReference { url, span, is_load } = reference;
    let (code, message, help) = match (is_load, own_key) {
        (true, None) => (
            Lint::ExternalLoad,
            format!("`{url}` is loaded from another host"),
            "copy the file into the site and refer to the copy: the site must work without a \
             network"
                .to_owned(),
        ),
        (true, Some(key)) => (
            Lint::ExternalLoad,
            format!("`{url}` is loaded from another host"),
            format!(
                "the site calls this host its own and contains the file: write `{}`, or build \
                 without an absolute URL (an option such as `base`, `baseURL`, `assetPrefix` or \
                 `publicPath`)",
                path::encode(key)
            ),
        ),
        (false, key) => (
            Lint::OwnHost,
            format!("the link `{url}` leads to another host, although the page is in the site"),
            format!(
                "write `{}`, or build without an absolute URL (an option such as `base`, \
                 `baseURL` or `url`)",
                path::encode(key.unwrap_or("/"))
            ),
        ),
    };
    text.diagnostic(code, span.clone(), message, help)
}

impl OwnBases {
    /// The bases that most URLs of a sitemap or feed agree on, and those of pages that name their
    /// own URL.
    fn of_site(cx: LintContext<'_>, reports: &[FileReport]) -> Self {
        let mut bases = BTreeSet::new();
        for (file, report) in cx.folder.files.iter().zip(reports) {
            let urls = report.own_urls.iter().filter_map(|it| Url::parse(it).ok());
            if report.page_kind.is_some() {
                let paths = page_paths(cx, file);
                bases.extend(urls.filter_map(|url| OwnBase::of_page(&url, &paths)));
            } else {
                let mut votes: BTreeMap<OwnBase, usize> = BTreeMap::new();
                for base in urls.filter_map(|url| OwnBase::of_route(cx, &url)) {
                    *votes.entry(base).or_default() += 1;
                }
                bases.extend(votes.into_iter().max_by_key(|(_, count)| *count).map(|it| it.0));
            }
        }
        Self(bases)
    }

    /// The key of the route that a URL of the site's own host leads to.
    fn key_of(&self, cx: LintContext<'_>, url: &str) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let absolute = if url.starts_with("//") { format!("https:{url}") } else { url.to_owned() };
        let url = Url::parse(&absolute).ok()?;
        let authority = authority(&url)?;
        self.0.iter().filter(|base| base.authority == authority).find_map(|base| {
            let rest = url.path().strip_prefix(base.prefix.as_str())?;
            let key = path::text_key(rest).filter(|key| key.starts_with('/'))?;
            is_served(cx, &key).then_some(key)
        })
    }
}

impl OwnBase {
    /// The base, if the URL of a page ends with one of the paths of the page.
    fn of_page(url: &Url, paths: &[String]) -> Option<Self> {
        let authority = authority(url)?;
        let prefix = paths.iter().find_map(|path| url.path().strip_suffix(path.as_str()))?;
        Some(Self { authority, prefix: prefix.to_owned() })
    }

    /// The base, if a URL ends with the path of any route. The longest path counts.
    fn of_route(cx: LintContext<'_>, url: &Url) -> Option<Self> {
        let authority = authority(url)?;
        let starts = url.path().match_indices('/').map(|(start, _)| start);
        let is_route = |start: &usize| {
            path::text_key(&url.path()[*start..]).is_some_and(|key| is_served(cx, &key))
        };
        let start = starts.into_iter().find(is_route)?;
        Some(Self { authority, prefix: url.path()[..start].to_owned() })
    }
}

/// The host and port of a URL that a browser could load the site from.
fn authority(url: &Url) -> Option<String> {
    let is_web = matches!(url.scheme(), "http" | "https");
    let host = url.host_str().filter(|_| is_web)?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// The percent-encoded paths of a page, the longest first.
fn page_paths(cx: LintContext<'_>, file: &SourceFile) -> Vec<String> {
    let key = cx.routes.key_of(file);
    let stem = key.strip_suffix(".html").unwrap_or(&key);
    let folder = stem.strip_suffix("/index");
    let paths = [Some(key.clone()), Some(stem.to_owned()), folder.map(|it| format!("{it}/"))];
    let with_slash = folder.is_none().then(|| format!("{stem}/"));
    let without_slash = folder.map(str::to_owned).filter(|it| !it.is_empty());
    let paths = paths.into_iter().chain([with_slash, without_slash]).flatten();
    paths.map(|path| path::encode(&path).into_owned()).collect()
}

fn is_served(cx: LintContext<'_>, key: &str) -> bool {
    matches!(cx.routes.exact.get(key), Some(RouteEntry::File(_) | RouteEntry::FolderSlash(_)))
}
