//! This file owns the verdict over references: each same-site one lands on a route, and nothing is
//! loaded from another host. Where a fragment lands is asked when all pages are read.

use super::{
    Site,
    address::{Address, Base},
};
use chapbook_format::path;

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{
        Span, Text,
        reference::{Purpose, Reference},
    },
    routing::routes::{Resolution, RouteEntry},
};

/// What following the references of one file found.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// What is wrong with them.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The fragments that are to be found in other files.
    pub(crate) fragments: Vec<Wanted>,
    /// The files that are web app manifests, by their index.
    pub(crate) manifests: Vec<usize>,
    /// The files that are loaded, by their index.
    pub(crate) loads: Vec<usize>,
    /// The file that the reader is sent on to at once, by its index.
    pub(crate) forward: Option<usize>,
    /// How many lead to this site.
    pub(crate) count: usize,
}

/// A fragment that is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The index of the file that it is to be found in.
    pub(crate) target: usize,
    /// The fragment as it is written.
    pub(crate) fragment: Box<str>,
    /// Where it is written.
    pub(crate) span: Span,
}

/// Follows every reference of a text.
pub(crate) fn follow(
    site: Site<'_>,
    text: &Text<'_>,
    base: &Base,
    references: &[Reference],
    followed: &mut Followed,
) {
    for reference in references {
        Follower { site, text, reference, followed }.follow(base);
    }
}

struct Follower<'a, 's> {
    site: Site<'s>,
    text: &'a Text<'a>,
    reference: &'a Reference,
    followed: &'a mut Followed,
}

impl Follower<'_, '_> {
    fn follow(mut self, base: &Base) {
        let written = self.reference.url.as_str();
        match base.resolve(written) {
            Address::Other => self.other(),
            Address::Elsewhere if !self.is_load() => {}
            Address::Elsewhere => {
                let message = format!("`{written}` would be loaded from another host");
                let help = "put a copy into the site and refer to that: the book must be whole \
                            without a network";
                self.report(Lint::ExternalLoad, message, help);
            }
            Address::Malformed => {
                let message = format!("`{written}` is no URL");
                self.report(Lint::BrokenLink, message, "mend the reference");
                // It looks like another host's, which is not the site's to answer for.
                if !self.is_load() {
                    let said = self.followed.diagnostics.pop().map(Diagnostic::as_warning);
                    self.followed.diagnostics.extend(said);
                }
            }
            Address::Undecodable(path) => {
                self.followed.count += 1;
                self.undecodable(&path);
            }
            Address::Here { key, fragment } => {
                self.followed.count += 1;
                self.arrive(&key, fragment.as_deref());
            }
        }
    }

    /// A scheme that names no host. What is loaded from the disk of the author, or in a way that
    /// browsers have forgotten, is on no other machine.
    fn other(&mut self) {
        const LOADED: [&str; 5] = ["data", "blob", "about", "javascript", "mailto"];
        let written = self.reference.url.as_str();
        let scheme = written.split(':').next().unwrap_or_default().trim();
        if self.is_load() && !LOADED.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            let message = format!("`{written}` can't be loaded by other machines");
            let help = "put a copy into the site and refer to that, with `/` between folders";
            self.report(Lint::BrokenLink, message, help);
        }
    }

    fn is_load(&self) -> bool {
        matches!(self.reference.purpose, Purpose::Load | Purpose::LoadManifest)
    }

    fn arrive(&mut self, key: &str, fragment: Option<&str>) {
        let target = match self.site.routes.find(key) {
            None => return self.dead_end(key),
            Some(RouteEntry::File(index)) => index,
            Some(RouteEntry::FolderSlash(index)) => {
                let written = &self.reference.url;
                let message = format!("`{written}` is a folder and costs the reader a redirect");
                let help = format!("link to `{}/`", path::encode(key));
                self.report(Lint::MissingSlash, message, &help);
                index
            }
            Some(RouteEntry::Redirect(rule)) => match self.site.routes.resolve(key) {
                Resolution::File(index) | Resolution::FolderSlash(index) => index,
                // Whether there is anything for a rule with `:splat` only those tell who follow it;
                // what becomes of the others is judged where they are written.
                Resolution::Nothing(dead) if self.site.routes.keeps_the_rest(rule) => {
                    return self.dead_end(&dead);
                }
                Resolution::Elsewhere | Resolution::Nothing(_) | Resolution::Loop => return,
            },
        };
        match self.reference.purpose {
            Purpose::LoadManifest => self.followed.manifests.push(target),
            Purpose::Forward => self.followed.forward = Some(target),
            Purpose::Load => self.followed.loads.push(target),
            Purpose::Follow => {}
        }
        if let Some(fragment) = fragment.filter(|it| !it.is_empty()) {
            let (fragment, span) = (fragment.into(), self.reference.span.clone());
            self.followed.fragments.push(Wanted { target, fragment, span });
        }
    }

    /// What a path would be if it were encoded otherwise is the first guess: a `%` that stands for
    /// itself, a name that was encoded in Latin-1.
    fn undecodable(&mut self, path: &str) {
        let decoded: Vec<u8> = percent_encoding::percent_decode_str(path).collect();
        let latin_1: String = decoded.iter().copied().map(char::from).collect();
        let meant = [latin_1, path.to_owned()].into_iter().find(|key| self.is_there(key));
        self.encoding_slip(meant.as_deref());
    }

    fn encoding_slip(&mut self, meant: Option<&str>) {
        let message = format!("`{}` is percent-encoded wrongly", self.reference.url);
        let help = match meant {
            Some(key) => format!("write `{}`", path::encode(key)),
            None => "encode the bytes of UTF-8, and write `%` itself as `%25`".to_owned(),
        };
        self.report(Lint::PercentEncoding, message, &help);
    }

    fn is_there(&self, key: &str) -> bool {
        self.site.routes.exact.contains_key(key)
    }

    fn dead_end(&mut self, key: &str) {
        let written = self.reference.url.as_str();
        // Encoded twice, or a file whose name looks encoded.
        if written.contains('%') {
            let twice = percent_encoding::percent_decode_str(key).decode_utf8().ok();
            let never = path::encode(key).into_owned();
            // The name of the file as it is written, at the end of the folder that it leads to.
            let last = written.split(['?', '#']).next().and_then(|it| it.rsplit('/').next());
            let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
            let literal = last.map(|last| format!("{folder}/{last}"));
            let meant = [twice.map(std::borrow::Cow::into_owned), Some(never), literal];
            let meant = meant.into_iter().flatten().find(|it| it != key && self.is_there(it));
            if let Some(meant) = meant {
                return self.encoding_slip(Some(&meant));
            }
        }
        if let Some(route) = self.site.names.same_but_case(key) {
            let message = format!("`{written}` differs from `{route}` in letter case only");
            let help = format!("write `{}`: paths are exact on every system", path::encode(route));
            return self.report(Lint::CaseMismatch, message, &help);
        }
        let folder = key.trim_matches('/');
        if self.site.names.is_folder(folder) {
            let message = format!("`{written}` leads to a folder that has no `index.html`");
            let place = self.site.source.display(folder);
            let help = format!("add the file `{place}/index.html`, or link to one that is there");
            return self.report(Lint::BrokenLink, message, &help);
        }
        let message = format!("`{written}` leads to nothing: `{key}` is not in the site");
        let help = match self.site.names.nearest(key) {
            Some(near) => format!("did you mean `{}`?", path::encode(near)),
            None => format!("add the file `{}`", self.site.source.display(key.trim_matches('/'))),
        };
        self.report(Lint::BrokenLink, message, &help);
    }

    fn report(&mut self, code: Lint, message: String, help: &str) {
        let span = self.reference.span.clone();
        self.followed.diagnostics.push(self.text.diagnostic(code, span, message, help));
    }
}
