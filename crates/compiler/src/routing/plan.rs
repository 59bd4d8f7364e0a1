//! The plan of the responses of a site: each file with the fields of its paths, and each redirect.
//! It is derived from names and rules alone; no content is read, and no head is rendered.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use super::routes::{RouteEntry, Routes, canonical_key};
use chapbook_format::path;

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    rules::{
        Pattern,
        headers::{CONTENT_ENCODING, FIELDS_BYTES_MAX, Field, HeaderRule, Headers},
        redirects::{Destination, Redirect, RuleStatus},
    },
    site_folder::SiteFolder,
};

/// The responses to render.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The files that are served. Their variants, in this order, are the resources of the site.
    pub(crate) files: Vec<PlannedFile>,
    /// The route of each key.
    pub(crate) exact: BTreeMap<String, PlannedRoute>,
    /// The routes of prefixes, for keys without a route of their own; the first that matches is
    /// used.
    pub(crate) patterns: Vec<(String, PlannedRoute)>,
    /// The not-found pages: the key of a folder and a resource, the deepest folder first.
    pub(crate) not_found: Vec<(String, usize)>,
    /// The author's fields for the paths of each pattern, the most specific pattern first. The
    /// first that matches a path has all of its fields.
    pub(crate) path_fields: Vec<(Pattern, Vec<Field>)>,
}

/// A file that is served.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PlannedFile {
    /// The index of the file.
    pub(crate) file: usize,
    /// One for each of its resources.
    pub(crate) variants: Vec<Variant>,
}

/// The parts of a resource that do not follow from its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variant {
    /// The status code.
    pub(crate) status: u16,
    /// The author's fields.
    pub(crate) fields: Vec<Field>,
}

/// The route of a key: a resource, by its index unless `R` is another type, or a redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlannedRoute<R = usize> {
    Resource(R),
    Redirect(PlannedRedirect),
}

/// A redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedRedirect {
    /// The status code.
    pub(crate) status: u16,
    /// The location, percent-encoded.
    pub(crate) location: Destination,
}

impl Plan {
    /// The plan, and diagnostics about the rules of `_headers`.
    pub(crate) fn new(
        folder: &SiteFolder,
        routes: &Routes,
        headers: &Headers,
    ) -> (Self, Vec<Diagnostic>) {
        let mut planner = Planner {
            folder,
            routes,
            headers,
            exact: Vec::with_capacity(routes.exact.len()),
            patterns: Vec::new(),
            variants: BTreeMap::new(),
            is_used: vec![false; headers.rules.len()],
            is_too_long: vec![false; headers.rules.len()],
        };
        for (key, entry) in &routes.exact {
            let route = planner.exact_route(key, *entry);
            planner.exact.push((key.clone(), route));
        }
        for index in &routes.patterns {
            planner.plan_pattern(&routes.redirects[*index]);
        }
        let not_found = planner.not_found_pages();
        let path_fields = planner.path_fields();
        let diagnostics = planner.diagnostics();
        (planner.finish(not_found, path_fields), diagnostics)
    }
}

/// A reference to a variant, before the resources are numbered.
#[derive(Debug, Clone, Copy)]
struct VariantIndex {
    file: usize,
    /// Among the variants of the file.
    variant: usize,
}

struct Planner<'a> {
    folder: &'a SiteFolder,
    routes: &'a Routes,
    headers: &'a Headers,
    exact: Vec<(String, PlannedRoute<VariantIndex>)>,
    patterns: Vec<(String, PlannedRoute<VariantIndex>)>,
    /// The variants of each file.
    variants: BTreeMap<usize, Vec<Variant>>,
    /// Whether each rule of `_headers` applies to a response with content of the site.
    is_used: Vec<bool>,
    /// Whether each rule of `_headers` exceeds the limit of fields of a response.
    is_too_long: Vec<bool>,
}

impl Planner<'_> {
    /// Numbers the variants of all files.
    fn finish(
        self,
        not_found: Vec<(String, VariantIndex)>,
        path_fields: Vec<(Pattern, Vec<Field>)>,
    ) -> Plan {
        let mut count = 0;
        let mut firsts = HashMap::new();
        let mut files = Vec::with_capacity(self.variants.len());
        for (file, variants) in self.variants {
            firsts.insert(file, count);
            count += variants.len();
            files.push(PlannedFile { file, variants });
        }
        let resource = |variant: VariantIndex| {
            firsts.get(&variant.file).map_or(0, |first| first + variant.variant)
        };
        let numbered = |(key, route)| match route {
            PlannedRoute::Resource(index) => (key, PlannedRoute::Resource(resource(index))),
            PlannedRoute::Redirect(redirect) => (key, PlannedRoute::Redirect(redirect)),
        };
        Plan {
            files,
            exact: self.exact.into_iter().map(numbered).collect(),
            patterns: self.patterns.into_iter().map(numbered).collect(),
            not_found: not_found.into_iter().map(|(folder, it)| (folder, resource(it))).collect(),
            path_fields,
        }
    }

    fn exact_route(&mut self, key: &str, entry: RouteEntry) -> PlannedRoute<VariantIndex> {
        match entry {
            RouteEntry::File(file) => {
                PlannedRoute::Resource(self.variant(file, 200, &Pattern::Exact(key.to_owned())))
            }
            RouteEntry::FolderSlash(_) | RouteEntry::PageAlias(_) => {
                let to = canonical_key(key, entry);
                let location = Destination::Fixed(path::encode(&to).into_owned());
                PlannedRoute::Redirect(PlannedRedirect { status: 308, location })
            }
            RouteEntry::Redirect(index) => self.rule_route(&self.routes.redirects[index]),
        }
    }

    /// Plans a rule with `*`: first for the paths that have other fields because of a rule of
    /// `_headers`, then for all paths that it matches.
    fn plan_pattern(&mut self, redirect: &Redirect) {
        let Pattern::Below(prefix) = &redirect.from else { return };
        if let Some(file) = self.routes.rewrite_target(redirect) {
            let headers = self.headers;
            let mut narrower: Vec<&Pattern> = headers.rules.iter().map(|it| &it.path).collect();
            narrower.retain(|path| {
                **path != redirect.from
                    && redirect.from.covers(path)
                    && self.routes.reaches(redirect, path)
            });
            // Of two patterns that match a path, the longer one is more specific.
            narrower.sort_by_key(|path| Reverse(path.key().len()));
            narrower.dedup();
            for path in narrower {
                let route = PlannedRoute::Resource(self.page_variant(file, 200, path));
                match path {
                    Pattern::Below(prefix) => self.patterns.push((prefix.clone(), route)),
                    Pattern::Exact(key) => self.exact.push((key.clone(), route)),
                }
            }
        }
        let route = self.rule_route(redirect);
        self.patterns.push((prefix.clone(), route));
    }

    /// The not-found pages, the deepest folder first.
    fn not_found_pages(&mut self) -> Vec<(String, VariantIndex)> {
        let mount = &self.routes.mount;
        let mut pages = Vec::new();
        for (index, file) in self.folder.files.iter().enumerate() {
            if file.name() != "404.html" {
                continue;
            }
            let mut folders =
                vec![self.routes.key_of(file).trim_end_matches("404.html").to_owned()];
            // The page of the mount is also that of the paths outside of it.
            if folders[0] == mount.key() && !mount.is_root() {
                folders.push("/".to_owned());
            }
            for folder in folders {
                let everything = Pattern::Below(folder.clone());
                pages.push((folder, self.page_variant(index, 404, &everything)));
            }
        }
        pages.sort_by_key(|(folder, _)| Reverse(folder.len()));
        pages
    }

    /// The route of a rule of `_redirects`.
    fn rule_route(&mut self, redirect: &Redirect) -> PlannedRoute<VariantIndex> {
        let status = match redirect.status {
            RuleStatus::Redirect(status) => status,
            RuleStatus::Rewrite => match self.routes.rewrite_target(redirect) {
                Some(file) if matches!(redirect.from, Pattern::Exact(_)) => {
                    return PlannedRoute::Resource(self.variant(file, 200, &redirect.from));
                }
                Some(file) => {
                    return PlannedRoute::Resource(self.page_variant(file, 200, &redirect.from));
                }
                // This is reported as an error, so the plan is never rendered.
                None => 302,
            },
        };
        PlannedRoute::Redirect(PlannedRedirect { status, location: redirect.to.clone() })
    }

    /// The variant of a file with this status for the paths of a pattern.
    fn variant(&mut self, file: usize, status: u16, paths: &Pattern) -> VariantIndex {
        let variant = Variant { status, fields: self.fields(paths) };
        self.add_variant(file, variant)
    }

    /// The same for a page that answers all paths of a pattern where nothing is served. Only the
    /// rules for its own path say which content coding its file is in.
    fn page_variant(&mut self, file: usize, status: u16, paths: &Pattern) -> VariantIndex {
        let own = Pattern::Exact(self.routes.key_of(&self.folder.files[file]));
        let codings = self.merged_fields(&own).into_iter().filter(|it| it.is(CONTENT_ENCODING));
        let mut fields = self.fields(paths);
        fields.retain(|it| !it.is(CONTENT_ENCODING));
        fields.extend(codings);
        self.add_variant(file, Variant { status, fields })
    }

    fn add_variant(&mut self, file: usize, variant: Variant) -> VariantIndex {
        let variants = self.variants.entry(file).or_default();
        let index = variants.iter().position(|it| *it == variant).unwrap_or_else(|| {
            variants.push(variant);
            variants.len() - 1
        });
        VariantIndex { file, variant: index }
    }

    /// The fields of content at these paths.
    fn fields(&mut self, paths: &Pattern) -> Vec<Field> {
        for (is_used, rule) in self.is_used.iter_mut().zip(&self.headers.rules) {
            *is_used |= rule.path.covers(paths);
        }
        self.merged_fields(paths)
    }

    /// The author's fields for each pattern of `_headers`.
    fn path_fields(&mut self) -> Vec<(Pattern, Vec<Field>)> {
        let mut patterns: Vec<&Pattern> = self.headers.rules.iter().map(|it| &it.path).collect();
        // All patterns that match a path are prefixes of the most specific one, so the rules that
        // apply to the path are those that cover that one.
        let specificity =
            |it: &&Pattern| (matches!(it, Pattern::Below(_)), Reverse(it.key().len()));
        patterns.sort_by_key(|it| (specificity(it), it.key()));
        patterns.dedup();
        patterns.into_iter().map(|it| (it.clone(), self.merged_fields(it))).collect()
    }

    /// The fields of these paths, from all rules together.
    fn merged_fields(&mut self, paths: &Pattern) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for (index, rule) in self.headers.rules.iter().enumerate() {
            if rule.path.covers(paths) {
                rule.fields.iter().for_each(|field| add_field(&mut fields, field));
                let length = |it: &Field| it.name.len() + it.value.len() + ": \r\n".len();
                if fields.iter().map(length).sum::<usize>() > FIELDS_BYTES_MAX {
                    self.is_too_long[index] = true;
                    break;
                }
            }
        }
        fields
    }

    /// Whether a rule without content at its paths still has an effect: a page of another origin
    /// needs its fields to read an error there, or to pass a preflight (Fetch standard, CORS
    /// protocol).
    fn is_for_other_origins(&self, rule: &HeaderRule) -> bool {
        const PREFIX: &str = "Access-Control-";
        let is_cors = |field: &Field| {
            let start = field.name.get(..PREFIX.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        };
        let has_response = match &rule.path {
            Pattern::Exact(key) => self.routes.find(key).is_some(),
            Pattern::Below(_) => true,
        };
        let is_elsewhere = self.mounted_path(&rule.path).is_some();
        has_response && !is_elsewhere && rule.fields.iter().any(is_cors)
    }

    /// The corrected path of a rule outside of the mount, if anything is served there.
    fn mounted_path(&self, path: &Pattern) -> Option<String> {
        let mounted = self.routes.mount.moved(path)?;
        let is_served = self.routes.exact.keys().any(|key| mounted.matches(key));
        is_served.then(|| mounted.to_string())
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let text = self.headers.text();
        for (index, rule) in self.headers.rules.iter().enumerate() {
            let path = match &rule.path {
                Pattern::Exact(key) => key.clone(),
                Pattern::Below(prefix) => format!("{prefix}*"),
            };
            let mut report = |code, message: &str, help: &str| {
                diagnostics.push(text.diagnostic(code, rule.span.clone(), message, help));
            };
            if !rule.has_lines {
                let help = "write fields below it, indented: `  Name: value`";
                report(Lint::UnusedRule, &format!("the rule for `{path}` has no fields"), help);
            } else if !self.is_used[index] && !self.is_for_other_origins(rule) {
                let help = match self.mounted_path(&rule.path) {
                    Some(path) => {
                        format!("the site is served at `{}`: write `{path}`", self.routes.mount)
                    }
                    None => "fix the path, or remove the rule; rules do not apply to redirects"
                        .to_owned(),
                };
                report(Lint::UnusedRule, &format!("no content is served at `{path}`"), &help);
            }
            if self.is_too_long[index] {
                let message = format!(
                    "responses at `{path}` would have over {FIELDS_BYTES_MAX} bytes of fields"
                );
                let help = "use fewer or shorter fields: proxies reject longer heads";
                report(Lint::InvalidHeader, &message, help);
            }
        }
        diagnostics
    }
}

/// Adds a field to those of earlier rules. Of two with one name the later rule overrides, being the
/// more specific one; but the values of lists are joined, as Netlify and Cloudflare do (RFC 9110
/// section 5.3). Unknown fields are not treated as lists: joining wrongly is worse than overriding.
fn add_field(fields: &mut Vec<Field>, field: &Field) {
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
        Some(earlier) if LISTS.iter().any(|name| field.is(name)) => {
            earlier.value = format!("{}, {}", earlier.value, field.value);
        }
        Some(earlier) => earlier.value.clone_from(&field.value),
    }
}
