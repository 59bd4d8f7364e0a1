//! References: a reference to the site must have a route, and nothing may be loaded from another
//! host.

use chapbook_format::path;

use super::{
    address::{Address, BaseUrl},
    context::LintContext,
    moved::OtherBases,
    prefix_evidence::PrefixEvidence,
    wrong_type,
};
use crate::{
    diagnostic::Diagnostic,
    diagnostics::FileDiagnostics,
    lints::{Lint, Severity},
    parse::{
        Span, Text,
        reference::{LoadedAs, Purpose, Reference},
    },
    render::media_type,
    routing::routes::{Resolution, RouteEntry, Routes},
};

/// The result of resolving the references of one file.
#[derive(Debug, Default)]
pub(crate) struct ResolvedReferences {
    /// The diagnostics about the references.
    pub(crate) diagnostics: FileDiagnostics,
    /// The fragments, whose ids are checked when all files are parsed.
    pub(crate) fragments: Vec<FragmentReference>,
    /// The indices of the files that are loaded, and what they are used as, except images, fonts
    /// and media ([`LoadedAs::Other`]), which load nothing themselves.
    pub(crate) loads: Vec<(usize, LoadedAs)>,
    /// The index of the page that the file forwards to.
    pub(crate) forward: Option<usize>,
    /// The references to other hosts, which are linted when the site's own host is known.
    pub(crate) other_hosts: Vec<OtherHostReference>,
    /// What the references say about a prefix of the site.
    pub(crate) prefix_evidence: PrefixEvidence,
    /// The indices of the files that links lead to, if they are recorded.
    pub(crate) followed: Vec<usize>,
    /// The number of references to the site itself.
    pub(crate) count: usize,
}

/// A reference to a fragment of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FragmentReference {
    /// The index of the file.
    pub(crate) target: usize,
    /// The fragment as written.
    pub(crate) fragment: Box<str>,
    /// The position of the reference.
    pub(crate) span: Span,
}

/// A reference to another host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OtherHostReference {
    /// The URL as written.
    pub(crate) url: Box<str>,
    /// The position of the reference.
    pub(crate) span: Span,
    /// Whether the browser loads it with the page.
    pub(crate) is_load: bool,
}

/// The file whose references are linted.
#[derive(Debug)]
pub(crate) struct Referrer<'a> {
    /// The index of the file.
    pub(crate) file: usize,
    /// The text of the file.
    pub(crate) text: &'a Text<'a>,
    /// The base URL of the references.
    pub(crate) base: BaseUrl,
    /// The base URLs at the other paths at which the file is served.
    pub(crate) other_bases: OtherBases<'a>,
}

/// Lints the references of a file.
pub(crate) fn lint(
    cx: LintContext<'_>,
    referrer: &Referrer<'_>,
    references: &[Reference],
    resolved: &mut ResolvedReferences,
) {
    // What a script may load is for `script_urls`.
    let is_certain = |it: &&Reference| !matches!(it.purpose, Purpose::MayLoad(_));
    for reference in references.iter().filter(is_certain) {
        LinkLinter { cx, referrer, reference, resolved }.lint();
    }
}

struct LinkLinter<'a, 's> {
    cx: LintContext<'s>,
    referrer: &'a Referrer<'a>,
    reference: &'a Reference,
    resolved: &'a mut ResolvedReferences,
}

impl LinkLinter<'_, '_> {
    fn lint(mut self) {
        let url = self.reference.url.as_str();
        match self.referrer.base.resolve(url) {
            Address::OtherScheme => self.other_scheme(),
            Address::OtherHost => self.other_host(),
            Address::Malformed => {
                let message = format!("broken link: `{url}` is not a valid URL");
                // A malformed link is probably meant for another host, which cannot be checked.
                let severity = if self.is_load() { Severity::Error } else { Severity::Warning };
                self.report_as(severity, Lint::BrokenLink, message, "fix the URL", None);
            }
            Address::Undecodable(path) => {
                self.resolved.count += 1;
                self.undecodable(&path);
            }
            Address::OnSite { key, fragment } => {
                self.resolved.count += 1;
                self.on_site(&key, fragment.as_deref());
            }
        }
    }

    fn other_host(&mut self) {
        let is_load = self.is_load();
        if is_load || self.is_followed() {
            let (url, span) = (self.reference.url.as_str().into(), self.reference.span.clone());
            self.resolved.other_hosts.push(OtherHostReference { url, span, is_load });
        }
    }

    /// A scheme without a host. Files on the author's disk and schemes that browsers do not support
    /// cannot be loaded elsewhere.
    fn other_scheme(&mut self) {
        const SUPPORTED: [&str; 5] = ["data", "blob", "about", "javascript", "mailto"];
        let url = self.reference.url.as_str();
        let scheme = url.split(':').next().unwrap_or_default().trim();
        if self.is_load() && !SUPPORTED.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            let message = format!("broken link: other machines cannot load `{url}`");
            let help =
                "copy the file into the site and refer to the copy, with `/` between folders";
            self.report(Lint::BrokenLink, message, help);
        }
    }

    fn is_load(&self) -> bool {
        matches!(self.reference.purpose, Purpose::Load(_))
    }

    /// Whether the user or the browser goes there.
    fn is_followed(&self) -> bool {
        matches!(self.reference.purpose, Purpose::Follow | Purpose::Forward)
    }

    fn on_site(&mut self, key: &str, fragment: Option<&str>) {
        let found = self.cx.routes.find(key);
        let has_base = self.referrer.base.is_set();
        if has_base || self.reference.url.starts_with('/') {
            let found = (found, self.reference.purpose);
            self.resolved.prefix_evidence.record(self.cx.routes, key, found, has_base);
        } else if !self.reference.url.starts_with('#') {
            self.resolved.prefix_evidence.record_relative();
        }
        let target = match found {
            None => return self.broken(key),
            Some(RouteEntry::File(index) | RouteEntry::PageAlias(index)) => index,
            Some(RouteEntry::FolderSlash(index)) => {
                let message = format!(
                    "links to the folder `{key}` without the trailing slash cost a redirect"
                );
                let help = format!("link to `{}/`", path::encode(key));
                self.report(Lint::MissingSlash, message, &help);
                index
            }
            Some(RouteEntry::Redirect(rule)) => match self.cx.routes.resolve(key) {
                Resolution::File(index) | Resolution::FolderSlash(index) => index,
                // The target of a rule with `:splat` depends on the link. Other targets are linted
                // with the rules.
                Resolution::NotFound(missing) if self.cx.routes.has_splat(rule) => {
                    return self.broken(&missing);
                }
                Resolution::OtherHost | Resolution::NotFound(_) | Resolution::Loop => return,
            },
        };
        if self.is_followed() && target != self.referrer.file {
            self.cx.followed.record(target);
            if self.cx.records_followed {
                self.resolved.followed.push(target);
            }
        }
        if self.reference.purpose != Purpose::Hint {
            let Referrer { text, other_bases, .. } = self.referrer;
            let moved = other_bases.lint(self.cx, text, self.reference, (key, target));
            self.resolved.diagnostics.extend(moved);
        }
        match self.reference.purpose {
            Purpose::Load(LoadedAs::Other)
            | Purpose::MayLoad(_)
            | Purpose::Follow
            | Purpose::Describe
            | Purpose::Hint => {}
            Purpose::Load(loaded_as) => {
                self.resolved.loads.push((target, loaded_as));
                let (cx, text, reference) = (self.cx, self.referrer.text, self.reference);
                let wrong = wrong_type::lint(cx, text, reference, key, target, loaded_as);
                self.resolved.diagnostics.extend(wrong);
            }
            Purpose::Forward => self.resolved.forward = Some(target),
        }
        // What the page of a fallback contains depends on the path.
        let is_fallback =
            matches!(found, Some(RouteEntry::Redirect(rule)) if self.cx.routes.is_fallback(rule));
        if let Some(fragment) = fragment.filter(|it| !it.is_empty() && !is_fallback) {
            let (fragment, span) = (fragment.into(), self.reference.span.clone());
            self.resolved.fragments.push(FragmentReference { target, fragment, span });
        }
    }

    /// A path with invalid escapes. Likely causes are a literal `%` and escapes of Latin-1.
    fn undecodable(&mut self, path: &str) {
        let decoded: Vec<u8> = percent_encoding::percent_decode_str(path).collect();
        let latin_1: String = decoded.iter().copied().map(char::from).collect();
        let intended = [latin_1, path.to_owned()].into_iter().find(|key| self.exists(key));
        let message = format!("invalid percent-encoding in `{path}`");
        let help = match intended {
            Some(key) => format!("write `{}`", path::encode(&key)),
            None => {
                "percent-encode the bytes of UTF-8, and write a literal `%` as `%25`".to_owned()
            }
        };
        self.report(Lint::PercentEncoding, message, &help);
    }

    fn exists(&self, key: &str) -> bool {
        self.cx.routes.exact.contains_key(key)
    }

    fn broken(&mut self, key: &str) {
        let url = self.reference.url.as_str();
        // Encoded twice, or not encoded although the file name contains an escape.
        if url.contains('%') {
            let twice = percent_encoding::percent_decode_str(key).decode_utf8().ok();
            let never = path::encode(key).into_owned();
            // The literal file name in the folder of the target.
            let last = url.split(['?', '#']).next().and_then(|it| it.rsplit('/').next());
            let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
            let literal = last.map(|last| format!("{folder}/{last}"));
            let intended = [twice.map(std::borrow::Cow::into_owned), Some(never), literal];
            let mut intended = intended.into_iter().flatten();
            if let Some(intended) = intended.find(|it| it != key && self.exists(it)) {
                let message = format!(
                    "broken link: the file for `{key}` has a name with another percent-encoding"
                );
                let help = format!("write `{}`", path::encode(&intended));
                return self.report(Lint::PercentEncoding, message, &help);
            }
        }
        if let Some(route) = self.cx.suggestions.ignoring_normalization(key) {
            let message = format!(
                "broken link: `{key}` differs from the name of a file only in Unicode normalization"
            );
            let help = format!("write `{}`, or rename the file", path::encode(route));
            return self.report(Lint::BrokenLink, message, &help);
        }
        if let Some(route) = self.cx.suggestions.ignoring_case(key) {
            let message = format!("`{key}` differs from `{route}` only in letter case");
            let route = path::encode(route);
            let help = format!("write `{route}`: paths are case-sensitive on every system");
            return self.report(Lint::CaseMismatch, message, &help);
        }
        let folder = self.cx.routes.mount.path_of(key).map(|it| it.trim_matches('/'));
        if let Some(folder) = folder.filter(|it| self.cx.suggestions.is_folder(it)) {
            let message = format!("broken link: the folder `{key}` has no `index.html`");
            let folder = self.cx.folder.display(folder);
            let help = format!("add the file `{folder}/index.html`, or link to an existing file");
            return self.report(Lint::BrokenLink, message, &help);
        }
        let message = format!("broken link: nothing is served at `{key}`");
        if let Some(help) = self.advice(key) {
            return self.report(Lint::BrokenLink, message, &help);
        }
        let path = self.path_of(key).unwrap_or(key);
        let file = file_for(path, self.reference.purpose);
        let help = format!("add the file `{}`", self.cx.folder.display(&file));
        self.report_as(Severity::Error, Lint::BrokenLink, message, &help, Some(key));
    }

    /// What to write instead of a path outside of the mount, where nothing is served.
    fn advice(&self, key: &str) -> Option<String> {
        if self.path_of(key).is_some() {
            return None;
        }
        let mount = &self.cx.routes.mount;
        let mounted = mount.key_of(key.trim_start_matches('/'));
        Some(if self.exists(&mounted) {
            format!("the site is served at `{mount}`: write `{}`", path::encode(&mounted))
        } else {
            format!("link to a path below `{mount}`, where the site is served")
        })
    }

    /// The path within the site of a key, without the mount and the prefix that it was built for.
    fn path_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        let Routes { mount, assumed_prefix, .. } = self.cx.routes;
        let unprefixed = assumed_prefix.as_deref().and_then(|prefix| key.strip_prefix(prefix));
        unprefixed.or_else(|| mount.path_of(key))
    }

    fn report(&mut self, code: Lint, message: String, help: &str) {
        self.report_as(code.severity(), code, message, help, None);
    }

    /// Reports a problem. With a missing key, the help will name a similar one if there is any.
    /// Hints are never errors, since a page is complete without them.
    fn report_as(
        &mut self,
        severity: Severity,
        code: Lint,
        message: String,
        help: &str,
        missing: Option<&str>,
    ) {
        let Self { referrer, reference, .. } = self;
        let is_hint = reference.purpose == Purpose::Hint;
        let severity = if is_hint { severity.max(Severity::Warning) } else { severity };
        self.resolved.diagnostics.push_with(code, severity, || {
            let span = reference.span.clone();
            let diagnostic = referrer.text.diagnostic(code, span, message, help);
            Diagnostic { severity, similar_to: missing.map(Box::from), ..diagnostic }
        });
    }
}

/// The path of a file that would be served at this path of the site. Without an extension, what a
/// link leads to must be a page: a file of that name would be served as text.
fn file_for(path: &str, purpose: Purpose) -> String {
    let path = path.trim_start_matches('/');
    let is_page = !matches!(purpose, Purpose::Load(it) if it != LoadedAs::Frame);
    if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else if !is_page || media_type::by_name(path).is_some() {
        path.to_owned()
    } else {
        format!("{path}.html")
    }
}
