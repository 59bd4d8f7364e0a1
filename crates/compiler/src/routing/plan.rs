//! This file owns which answers a site has: each file in the forms that its paths ask for, and each
//! redirect with its head. It reads no content.

use std::collections::{BTreeMap, HashMap};

use super::routes::{RouteEntry, Routes};
use chapbook_format::path;

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    model::{PatternRoute, Route},
    render::head::{self, Status},
    rules::{
        Pattern,
        headers::{FIELDS_BYTES_MAX, Field, Headers},
        redirects::{self, Destination, Redirect},
    },
    walk::Source,
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
            routes,
            headers,
            wishes: Vec::with_capacity(routes.exact.len()),
            wishes_below: Vec::new(),
            variants: BTreeMap::new(),
            is_used: vec![false; headers.rules.len()],
            is_too_long: vec![false; headers.rules.len()],
        };
        for (key, place) in &routes.exact {
            let wish = planner.wish(key, *place);
            planner.wishes.push((key.clone(), wish));
        }
        for index in &routes.below {
            planner.wish_below(&routes.redirects[*index]);
        }
        let not_found = planner.wishes_for_not_found(source);
        let diagnostics = planner.diagnostics();
        (planner.plan(not_found), diagnostics)
    }
}

/// What a path asks for.
enum PlannedAnswer {
    Answer(Choice),
    Redirect(Route),
}

/// A file and which of its variants.
#[derive(Clone, Copy)]
struct Choice {
    file: usize,
    variant: usize,
}

struct Planner<'a> {
    routes: &'a Routes,
    headers: &'a Headers,
    /// What is asked for at a key.
    wishes: Vec<(String, PlannedAnswer)>,
    /// What is asked for below a path.
    wishes_below: Vec<(String, PlannedAnswer)>,
    variants: BTreeMap<usize, Vec<Variant>>,
    /// Which rules of `_headers` apply to anything, and which to more than a head holds.
    is_used: Vec<bool>,
    is_too_long: Vec<bool>,
}

impl Planner<'_> {
    /// Numbers the variants through, file by file.
    fn plan(self, not_found: Vec<(String, Choice)>) -> Plan {
        let mut count = 0;
        let mut firsts = HashMap::new();
        let mut answers = Vec::with_capacity(self.variants.len());
        for (file, variants) in self.variants {
            firsts.insert(file, count);
            count += variants.len();
            answers.push(Answers { file, variants });
        }
        let resource = |it: Choice| firsts.get(&it.file).map_or(0, |first| first + it.variant);
        let route = |wish: PlannedAnswer| match wish {
            PlannedAnswer::Answer(choice) => Route::Resource(resource(choice)),
            PlannedAnswer::Redirect(route) => route,
        };
        let pattern = |(prefix, wish)| PatternRoute { prefix, route: route(wish) };
        Plan {
            answers,
            routes: self.wishes.into_iter().map(|(key, wish)| (key, route(wish))).collect(),
            patterns: self.wishes_below.into_iter().map(pattern).collect(),
            not_found: not_found.into_iter().map(|(folder, it)| (folder, resource(it))).collect(),
        }
    }

    fn wish(&mut self, key: &str, place: RouteEntry) -> PlannedAnswer {
        match place {
            RouteEntry::File(file) => PlannedAnswer::Answer(self.variant(
                file,
                Status::Ok,
                &Pattern::Exact(key.to_owned()),
            )),
            RouteEntry::FolderSlash(_) => {
                let location = path::encode(key).into_owned() + "/";
                let head = head::redirect("308 Permanent Redirect", &location);
                PlannedAnswer::Redirect(Route::Redirect(head))
            }
            RouteEntry::Redirect(index) => self.wish_of_rule(&self.routes.redirects[index]),
        }
    }

    /// What a rule with `*` asks for: for all paths that it is for, and before that for those of
    /// them that rules of `_headers` give other fields.
    fn wish_below(&mut self, redirect: &Redirect) {
        let Pattern::Below(prefix) = &redirect.from else { return };
        if let Some(file) = self.routes.answer(redirect) {
            let headers = self.headers;
            let mut narrower: Vec<&Pattern> = headers.rules.iter().map(|it| &it.path).collect();
            narrower.retain(|path| {
                **path != redirect.from
                    && redirect.from.covers(path)
                    && self.routes.reaches(redirect, path)
            });
            // Of two that are both for a path, the longer one is the closer.
            narrower.sort_by_key(|path| std::cmp::Reverse(path.key().len()));
            narrower.dedup();
            for path in narrower {
                let wish = PlannedAnswer::Answer(self.variant(file, Status::Ok, path));
                match path {
                    Pattern::Below(prefix) => self.wishes_below.push((prefix.clone(), wish)),
                    Pattern::Exact(key) => self.wishes.push((key.clone(), wish)),
                }
            }
        }
        let wish = self.wish_of_rule(redirect);
        self.wishes_below.push((prefix.clone(), wish));
    }

    /// The pages for what is not found, the deepest folder first.
    fn wishes_for_not_found(&mut self, source: &Source) -> Vec<(String, Choice)> {
        let pages = source.files.iter().enumerate().filter(|(_, file)| file.name() == "404.html");
        let mut wishes: Vec<(String, Choice)> = pages
            .map(|(index, file)| {
                let folder = format!("/{}", file.path.trim_end_matches("404.html"));
                let everything = Pattern::Below(folder.clone());
                (folder, self.variant(index, Status::NotFound, &everything))
            })
            .collect();
        wishes.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
        wishes
    }

    fn wish_of_rule(&mut self, redirect: &Redirect) -> PlannedAnswer {
        let status_line = match redirect.status {
            redirects::Status::Told(status_line) => status_line,
            redirects::Status::Answered => match self.routes.answer(redirect) {
                Some(file) => {
                    return PlannedAnswer::Answer(self.variant(file, Status::Ok, &redirect.from));
                }
                // An error has been said, so that nothing will be made of this.
                None => "302 Found",
            },
        };
        PlannedAnswer::Redirect(match &redirect.to {
            Destination::Fixed(place) => Route::Redirect(head::redirect(status_line, place)),
            Destination::Splat(before, after) => {
                let (before, after) = head::splat_redirect(status_line, before, after);
                Route::SplatRedirect { before, after }
            }
        })
    }

    /// Which of the variants of a file answers with this status at the paths of this pattern.
    fn variant(&mut self, file: usize, status: Status, paths: &Pattern) -> Choice {
        let variant = Variant { status, fields: self.fields(paths) };
        let variants = self.variants.entry(file).or_default();
        let index = variants.iter().position(|it| *it == variant).unwrap_or_else(|| {
            variants.push(variant);
            variants.len() - 1
        });
        Choice { file, variant: index }
    }

    /// The fields that all rules together give to these paths.
    fn fields(&mut self, paths: &Pattern) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for (index, rule) in self.headers.rules.iter().enumerate() {
            if rule.path.covers(paths) {
                self.is_used[index] = true;
                rule.fields.iter().for_each(|field| add(&mut fields, field));
                let length = |it: &Field| it.name.len() + it.value.len() + ": \r\n".len();
                if fields.iter().map(length).sum::<usize>() > FIELDS_BYTES_MAX {
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
                say(Lint::UnusedRule, "this rule has no fields", help);
            } else if !self.is_used[index] {
                let help = "mend the path, or remove the rule; redirects take no fields";
                say(Lint::UnusedRule, "nothing answers at this path with content", help);
            }
            if self.is_too_long[index] {
                let message =
                    format!("answers here would have over {FIELDS_BYTES_MAX} bytes of fields");
                let help = "proxies refuse such heads; use fewer or shorter ones";
                say(Lint::InvalidHeader, &message, help);
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
