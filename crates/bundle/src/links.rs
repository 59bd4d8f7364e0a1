//! This file owns the verdict over references: each same-site one lands on a route, each fragment
//! on an element, and nothing is loaded from another host. It doesn't know how pages are read.

use std::collections::{BTreeMap, HashMap};

use url::Url;

use crate::{
    diagnostic::{Code, Diagnostic, Position},
    model::Route,
    page::Page,
    path,
    reference::{Purpose, Reference},
    source::{File, Source},
};

/// References are resolved as a browser would, on a host that cannot exist (RFC 6761).
const ORIGIN: &str = "http://site.invalid";

/// The pages of a site, by the index of their file.
pub(crate) type Pages = HashMap<usize, Page>;

/// Judges every reference of every page.
pub(crate) fn judge(
    source: &Source,
    routes: &BTreeMap<String, Route>,
    pages: &Pages,
) -> Vec<Diagnostic> {
    let mut judge =
        Judge { source, routes, pages, nearest: HashMap::new(), diagnostics: Vec::new() };
    for (index, file) in source.files.iter().enumerate() {
        if let Some(page) = pages.get(&index) {
            judge.page(file, page);
        }
    }
    judge.diagnostics
}

struct Judge<'a> {
    source: &'a Source,
    routes: &'a BTreeMap<String, Route>,
    pages: &'a Pages,
    /// What was probably meant by keys that lead nowhere: one wrong link in a template is on every
    /// page, and looking at every route costs as much each time.
    nearest: HashMap<String, Option<String>>,
    diagnostics: Vec<Diagnostic>,
}

/// A reference with the file that it is written in.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a File,
    reference: &'a Reference,
}

impl Judge<'_> {
    fn page(&mut self, file: &File, page: &Page) {
        let own = format!("{ORIGIN}{}", path::encode(&format!("/{}", file.path)));
        let own = Url::parse(&own).ok();
        let base = match (&page.base, &own) {
            (Some(base), Some(own)) => own.join(base).ok(),
            _ => own,
        };
        for reference in &page.references {
            self.reference(Place { file, reference }, base.as_ref());
        }
    }

    fn reference(&mut self, place: Place<'_>, base: Option<&Url>) {
        let written = &place.reference.url;
        let resolved = match base {
            Some(base) => base.join(written),
            None => Url::parse(written),
        };
        let Ok(url) = resolved else {
            let message = format!("`{written}` is not a URL");
            return self.report(Code::BrokenLink, place, message, "mend the reference");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return;
        }
        if url.host_str() != Some("site.invalid") {
            if place.reference.purpose == Purpose::Load {
                let message = format!("the page loads `{written}` from another host");
                let help = "put a copy into the site and refer to that: the book must be whole \
                            without a network";
                self.report(Code::ExternalLoad, place, message, help);
            }
            return;
        }
        let encoded = url.path();
        let mut scratch = vec![0; encoded.len()];
        let key = path::key(encoded.as_bytes(), &mut scratch);
        let Some(key) = key.ok().and_then(|key| std::str::from_utf8(key).ok()) else {
            let message = format!("`{written}` is percent-encoded wrongly");
            let help = "write `%` as `%25`, and encode UTF-8";
            return self.report(Code::BrokenLink, place, message, help);
        };
        match self.routes.get(key) {
            Some(Route::Asset(index)) => self.fragment(place, &url, *index),
            Some(Route::FolderSlash(index)) => {
                let message = format!("`{written}` is a folder and costs the reader a redirect");
                let help = format!("link to `{key}/`");
                self.report(Code::MissingSlash, place, message, &help);
                self.fragment(place, &url, *index);
            }
            None => self.dead_end(place, key),
        }
    }

    fn fragment(&mut self, place: Place<'_>, url: &Url, index: usize) {
        let target = self.pages.get(&index).and_then(|page| page.fragments.as_ref());
        let (Some(fragment), Some(fragments)) = (url.fragment(), target) else { return };
        // What stands behind `:~:` is for the browser's search, not for the page's elements.
        let fragment = fragment.split(":~:").next().unwrap_or(fragment);
        let decoded = decode(fragment);
        // `#` and `#top` mean the top of the page wherever no element says otherwise (HTML section
        // 7.4.6.4).
        // `#svgView(...)` is a view of a picture (SVG section 16.3).
        let is_view = fragment.starts_with("svgView(");
        let is_top = fragment.is_empty() || fragment.eq_ignore_ascii_case("top");
        let lands = |it: &str| fragments.contains_key(it);
        if is_top || is_view || lands(fragment) || lands(&decoded) {
            return;
        }
        let target = self.source.display(&self.source.files[index].path);
        let message = format!("`#{decoded}` is nowhere in `{target}`");
        let help = match nearest(&decoded, fragments.keys()) {
            Some(near) => format!("did you mean `#{near}`?"),
            None => format!("give an element of `{target}` the id `{decoded}`"),
        };
        self.report(Code::MissingFragment, place, message, &help);
    }

    fn dead_end(&mut self, place: Place<'_>, key: &str) {
        let written = &place.reference.url;
        let routes = self.routes;
        let near = self.nearest.entry(key.to_owned()).or_insert_with(|| {
            let lower = key.to_lowercase();
            let same = routes.keys().find(|route| route.to_lowercase() == lower);
            same.or_else(|| nearest(key, routes.keys())).cloned()
        });
        let near = near.clone();
        if let Some(route) = near.as_ref().filter(|it| it.to_lowercase() == key.to_lowercase()) {
            let message = format!("`{written}` differs from `{route}` in letter case only");
            let help = format!("write `{}`: paths are exact on every system", path::encode(route));
            return self.report(Code::CaseMismatch, place, message, &help);
        }
        let message = format!("`{written}` leads to nothing: `{key}` is not in the site");
        let help = match near {
            Some(near) => format!("did you mean `{}`?", path::encode(&near)),
            None => format!("add the file `{}`", self.source.display(key.trim_matches('/'))),
        };
        self.report(Code::BrokenLink, place, message, &help);
    }

    fn report(&mut self, code: Code, place: Place<'_>, message: String, help: &str) {
        let position = Position::of_offset(&place.file.bytes, place.reference.offset);
        let file = self.source.display(&place.file.path);
        self.diagnostics.push(Diagnostic::new(code, file, position, message, help));
    }
}

fn decode(fragment: &str) -> String {
    percent_encoding::percent_decode_str(fragment).decode_utf8_lossy().into_owned()
}

/// What was probably meant.
fn nearest<'a>(wanted: &str, among: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    /// Below this, a suggestion is more often a riddle than a help.
    const LIKENESS_MIN: f64 = 0.75;
    among
        .map(|candidate| (strsim::normalized_damerau_levenshtein(wanted, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.cmp(left)))
        .map(|(_, candidate)| candidate)
}
