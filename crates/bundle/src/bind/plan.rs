//! This file owns which answers a site has: each file in the forms that its paths ask for, and each
//! redirect with its head. It reads no content.

use std::collections::{BTreeMap, HashMap};

use super::{
    head::{self, Status},
    route::{Place, Routes},
};
use crate::{
    code::Code,
    diagnostic::Diagnostic,
    model::{PatternRoute, Route},
    path,
    rules::{
        Pattern,
        headers::{FIELDS_MAX, Field, Headers},
        redirects::{self, Destination, Redirect},
    },
    source::Source,
};

/// Which answers there will be.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The answers by their file, in the order of the resources of the bundle.
    pub(crate) answers: Vec<Answers>,
    /// What answers at each key.
    pub(crate) routes: BTreeMap<String, Route>,
    /// What answers below a path where nothing else does; the first that matches does.
    pub(crate) patterns: Vec<PatternRoute>,
    /// The pages for what is not found, each with its folder, the deepest first.
    pub(crate) not_found: Vec<(String, usize)>,
}

/// The answers that are made of one file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    /// The index of the file.
    pub(crate) file: usize,
    /// What differs between them.
    pub(crate) variants: Vec<Variant>,
}

/// What an answer has beyond what its file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variant {
    /// The status that it is sent with.
    pub(crate) status: Status,
    /// The author's fields.
    pub(crate) fields: Vec<Field>,
}

impl Plan {
    /// The plan, and what is wrong with the fields that it would add.
    pub(crate) fn new(
        source: &Source,
        routes: &Routes,
        headers: &Headers,
    ) -> (Self, Vec<Diagnostic>) {
        let mut planner = Planner {
            headers,
            is_used: vec![false; headers.rules.len()],
            is_too_long: vec![false; headers.rules.len()],
            variants: BTreeMap::new(),
        };
        let mut wanted: Vec<(String, Wish)> = Vec::with_capacity(routes.exact.len());
        for (key, place) in &routes.exact {
            wanted.push((key.clone(), planner.wish(routes, key, *place)));
        }
        let mut below: Vec<(String, Wish)> = Vec::new();
        for redirect in routes.below.iter().map(|index| &routes.redirects[*index]) {
            planner.wish_below(routes, redirect, &mut wanted, &mut below);
        }
        let mut not_found: Vec<(String, (usize, usize))> = Vec::new();
        for (index, file) in source.files.iter().enumerate() {
            if file.name() == "404.html" {
                let folder = format!("/{}", file.path.trim_end_matches("404.html"));
                let everything = Pattern::Below(folder.clone());
                let place = planner.variant(index, Status::NotFound, &everything);
                not_found.push((folder, place));
            }
        }
        not_found.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
        let diagnostics = planner.diagnostics();

        let mut first = 0;
        let mut answers = Vec::with_capacity(planner.variants.len());
        let mut firsts = HashMap::new();
        for (file, variants) in planner.variants {
            firsts.insert(file, first);
            first += variants.len();
            answers.push(Answers { file, variants });
        }
        let resource =
            |(file, variant): (usize, usize)| firsts.get(&file).map_or(0, |it| it + variant);
        let route = |wish: Wish| match wish {
            Wish::Answer(place) => Route::Resource(resource(place)),
            Wish::Redirect(route) => route,
        };
        let plan = Self {
            answers,
            routes: wanted.into_iter().map(|(key, wish)| (key, route(wish))).collect(),
            patterns: below
                .into_iter()
                .map(|(prefix, wish)| PatternRoute { prefix, route: route(wish) })
                .collect(),
            not_found: not_found.into_iter().map(|(folder, it)| (folder, resource(it))).collect(),
        };
        (plan, diagnostics)
    }
}

/// What a path asks for.
enum Wish {
    /// A file and which of its variants.
    Answer((usize, usize)),
    Redirect(Route),
}

struct Planner<'a> {
    headers: &'a Headers,
    is_used: Vec<bool>,
    is_too_long: Vec<bool>,
    variants: BTreeMap<usize, Vec<Variant>>,
}

impl Planner<'_> {
    fn wish(&mut self, routes: &Routes, key: &str, place: Place) -> Wish {
        match place {
            Place::File(file) => {
                let pattern = Pattern::Exact(key.to_owned());
                Wish::Answer(self.variant(file, Status::Ok, &pattern))
            }
            Place::FolderSlash(_) => {
                let location = path::encode(key).into_owned() + "/";
                let head = head::redirect("308 Permanent Redirect", &location);
                Wish::Redirect(Route::Redirect(head))
            }
            Place::Redirect(index) => self.wish_of_rule(routes, &routes.redirects[index]),
        }
    }

    /// What a rule with `*` asks for: for all paths that it is for, and before that for those of
    /// them that rules of `_headers` give other fields.
    fn wish_below(
        &mut self,
        routes: &Routes,
        redirect: &Redirect,
        wanted: &mut Vec<(String, Wish)>,
        below: &mut Vec<(String, Wish)>,
    ) {
        let Pattern::Below(prefix) = &redirect.from else { return };
        if let Some(file) = routes.answer(redirect) {
            let headers = self.headers;
            let mut narrower: Vec<&Pattern> = headers.rules.iter().map(|it| &it.path).collect();
            narrower.retain(|path| redirect.from.covers(path) && **path != redirect.from);
            // Of two that are both for a path, the longer one is the closer.
            narrower.sort_by_key(|path| std::cmp::Reverse(path.key().len()));
            narrower.dedup();
            for path in narrower {
                let answer = (path.key().to_owned(), self.variant(file, Status::Ok, path));
                let answer = (answer.0, Wish::Answer(answer.1));
                match path {
                    Pattern::Below(_) => below.push(answer),
                    Pattern::Exact(key) if routes.is_answered_by(key, redirect) => {
                        wanted.push(answer);
                    }
                    Pattern::Exact(_) => {}
                }
            }
        }
        below.push((prefix.clone(), self.wish_of_rule(routes, redirect)));
    }

    fn wish_of_rule(&mut self, routes: &Routes, redirect: &Redirect) -> Wish {
        let status_line = match redirect.status {
            redirects::Status::Told(status_line) => status_line,
            redirects::Status::Answered => match routes.answer(redirect) {
                Some(file) => return Wish::Answer(self.variant(file, Status::Ok, &redirect.from)),
                // An error has been said, so that nothing will be made of this.
                None => "302 Found",
            },
        };
        Wish::Redirect(match &redirect.to {
            Destination::Fixed(place) => Route::Redirect(head::redirect(status_line, place)),
            Destination::Splat(before, after) => {
                let (before, after) = head::redirect_around(status_line, before, after);
                Route::RedirectAround { before, after }
            }
        })
    }

    /// Which of the variants of a file answers with this status at the paths of this pattern.
    fn variant(&mut self, file: usize, status: Status, paths: &Pattern) -> (usize, usize) {
        let variant = Variant { status, fields: self.fields(paths) };
        let variants = self.variants.entry(file).or_default();
        let index = variants.iter().position(|it| *it == variant).unwrap_or_else(|| {
            variants.push(variant);
            variants.len() - 1
        });
        (file, index)
    }

    /// The fields that all rules together give to these paths.
    fn fields(&mut self, paths: &Pattern) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for (index, rule) in self.headers.rules.iter().enumerate() {
            if rule.path.covers(paths) {
                self.is_used[index] = true;
                rule.fields.iter().for_each(|field| add(&mut fields, field));
                let length = |it: &Field| it.name.len() + it.value.len() + ": \r\n".len();
                if fields.iter().map(length).sum::<usize>() > FIELDS_MAX {
                    self.is_too_long[index] = true;
                    break;
                }
            }
        }
        fields
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let text = self.headers.text();
        for (index, rule) in self.headers.rules.iter().enumerate() {
            let mut say = |code, message: &str, help: &str| {
                diagnostics.push(text.diagnostic(code, rule.span.clone(), message, help));
            };
            if !rule.has_lines {
                let help = "write fields below it, indented: `  Name: value`";
                say(Code::UnusedRule, "this rule has no fields", help);
            } else if !self.is_used[index] {
                let help = "mend the path, or remove the rule; redirects take no fields";
                say(Code::UnusedRule, "nothing answers at this path with content", help);
            }
            if self.is_too_long[index] {
                let message =
                    format!("answers here would have more than {FIELDS_MAX} bytes of fields");
                say(
                    Code::InvalidHeader,
                    &message,
                    "proxies refuse such heads; use fewer or shorter ones",
                );
            }
        }
        diagnostics
    }
}

/// Adds a field to those that are there. Of two with one name the later rule is the closer one, and
/// it counts; but the values of a list are joined, as Netlify and Cloudflare do (RFC 9110 section
/// 5.3). A field that nobody here knows is taken for none: a wrong list is worse than a short one.
fn add(fields: &mut Vec<Field>, field: &Field) {
    const LISTS: [&str; 14] = [
        "Accept-CH",
        "Access-Control-Allow-Headers",
        "Access-Control-Allow-Methods",
        "Access-Control-Expose-Headers",
        "Alt-Svc",
        "Clear-Site-Data",
        "Content-Language",
        "Content-Security-Policy",
        "Content-Security-Policy-Report-Only",
        "Link",
        "Permissions-Policy",
        "Server-Timing",
        "Timing-Allow-Origin",
        "X-Robots-Tag",
    ];
    match fields.iter_mut().find(|it| it.is(&field.name)) {
        // RFC 6265 section 3: cookies are never joined.
        _ if field.is("Set-Cookie") => fields.push(field.clone()),
        None => fields.push(field.clone()),
        Some(there) if LISTS.iter().any(|name| field.is(name)) => {
            there.value = format!("{}, {}", there.value, field.value);
        }
        Some(there) => there.value.clone_from(&field.value),
    }
}
