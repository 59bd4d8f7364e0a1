//! References: a reference to the site must have a route, and nothing may be loaded from another
//! host.

use chapbook_format::path;

use super::{
    address::{Address, BaseUrl},
    context::LintContext,
};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{
        Span, Text,
        reference::{LoadedAs, Purpose, Reference},
    },
    routing::routes::{Resolution, RouteEntry},
};

/// The result of resolving the references of one file.
#[derive(Debug, Default)]
pub(crate) struct ResolvedReferences {
    /// The diagnostics about the references.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The fragments, whose ids are checked when all files are parsed.
    pub(crate) fragments: Vec<FragmentReference>,
    /// The indices of the files that are loaded, and what they are used as.
    pub(crate) loads: Vec<(usize, LoadedAs)>,
    /// The index of the page that the file forwards to.
    pub(crate) forward: Option<usize>,
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

/// Lints the references of a text.
pub(crate) fn lint(
    cx: LintContext<'_>,
    text: &Text<'_>,
    base: &BaseUrl,
    references: &[Reference],
    resolved: &mut ResolvedReferences,
) {
    for reference in references {
        LinkLinter { cx, text, reference, resolved }.lint(base);
    }
}

struct LinkLinter<'a, 's> {
    cx: LintContext<'s>,
    text: &'a Text<'a>,
    reference: &'a Reference,
    resolved: &'a mut ResolvedReferences,
}

impl LinkLinter<'_, '_> {
    fn lint(mut self, base: &BaseUrl) {
        let url = self.reference.url.as_str();
        match base.resolve(url) {
            Address::OtherScheme => self.other_scheme(),
            Address::OtherHost if !self.is_load() => {}
            Address::OtherHost => {
                let message = format!("`{url}` is loaded from another host");
                let help = "copy the file into the site and refer to the copy: the site must work \
                            without a network";
                self.report(Lint::ExternalLoad, message, help);
            }
            Address::Malformed => {
                let message = format!("broken link: `{url}` is not a valid URL");
                let diagnostic = self.diagnostic(Lint::BrokenLink, message, "fix the URL");
                // A malformed link is probably meant for another host, which cannot be checked.
                let is_error = self.is_load();
                self.push(if is_error { diagnostic } else { diagnostic.as_warning() });
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

    fn on_site(&mut self, key: &str, fragment: Option<&str>) {
        let target = match self.cx.routes.find(key) {
            None => return self.broken(key),
            Some(RouteEntry::File(index)) => index,
            Some(RouteEntry::FolderSlash(index)) => {
                let url = &self.reference.url;
                let message = format!(
                    "the link to the folder `{url}` has no trailing slash, which costs a redirect"
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
        match self.reference.purpose {
            Purpose::Load(LoadedAs::Other) | Purpose::Follow | Purpose::Hint => {}
            Purpose::Load(loaded_as) => self.resolved.loads.push((target, loaded_as)),
            Purpose::Forward => self.resolved.forward = Some(target),
        }
        if let Some(fragment) = fragment.filter(|it| !it.is_empty()) {
            let (fragment, span) = (fragment.into(), self.reference.span.clone());
            self.resolved.fragments.push(FragmentReference { target, fragment, span });
        }
    }

    /// A path with invalid escapes. Likely causes are a literal `%` and escapes of Latin-1.
    fn undecodable(&mut self, path: &str) {
        let decoded: Vec<u8> = percent_encoding::percent_decode_str(path).collect();
        let latin_1: String = decoded.iter().copied().map(char::from).collect();
        let intended = [latin_1, path.to_owned()].into_iter().find(|key| self.exists(key));
        let message = format!("invalid percent-encoding in `{}`", self.reference.url);
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
                let message =
                    format!("broken link: the target of `{url}` has another percent-encoding");
                let help = format!("write `{}`", path::encode(&intended));
                return self.report(Lint::PercentEncoding, message, &help);
            }
        }
        if let Some(route) = self.cx.suggestions.ignoring_case(key) {
            let message = format!("`{url}` differs from `{route}` only in letter case");
            let route = path::encode(route);
            let help = format!("write `{route}`: paths are case-sensitive on every system");
            return self.report(Lint::CaseMismatch, message, &help);
        }
        let folder = key.trim_matches('/');
        if self.cx.suggestions.is_folder(folder) {
            let message = format!("broken link: the folder `{url}` has no `index.html`");
            let folder = self.cx.folder.display(folder);
            let help = format!("add the file `{folder}/index.html`, or link to an existing file");
            return self.report(Lint::BrokenLink, message, &help);
        }
        let message = format!("broken link: nothing is served at `{key}`");
        let help = match self.cx.suggestions.nearest(key) {
            Some(nearest) => format!("did you mean `{}`?", path::encode(nearest)),
            None => format!("add the file `{}`", self.cx.folder.display(key.trim_matches('/'))),
        };
        self.report(Lint::BrokenLink, message, &help);
    }

    fn report(&mut self, code: Lint, message: String, help: &str) {
        let diagnostic = self.diagnostic(code, message, help);
        self.push(diagnostic);
    }

    fn diagnostic(&self, code: Lint, message: String, help: &str) -> Diagnostic {
        self.text.diagnostic(code, self.reference.span.clone(), message, help)
    }

    /// Adds a diagnostic. Hints are never errors, since a page is complete without them.
    fn push(&mut self, diagnostic: Diagnostic) {
        let is_hint = self.reference.purpose == Purpose::Hint;
        self.resolved.diagnostics.push(if is_hint { diagnostic.as_warning() } else { diagnostic });
    }
}
