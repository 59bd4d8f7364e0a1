//! This file owns the nouns of a compiled site: what the compiler makes and every way of carrying
//! a site (Rust text today) writes down. It holds no rule; each noun is made in a file of its own.

use std::collections::BTreeMap;

use chapbook_format::ContentCoding;

use crate::content::Content;

/// A site, compiled: every path that has an answer, and every answer.
#[derive(Debug, Clone, Default)]
pub struct CompiledSite {
    /// What can be answered with.
    pub resources: Vec<Resource>,
    /// The answer to each key (see [`chapbook_format::path`]).
    pub routes: BTreeMap<String, Route>,
    /// The answers below a path where `routes` has none; the first that matches answers.
    pub patterns: Vec<PatternRoute>,
    /// The pages for what is not found, the deepest folder first.
    pub not_found: Vec<NotFoundPage>,
    /// The files that say how others answer (`_redirects`, `_headers`): nothing answers with them.
    pub rules: Vec<RuleFile>,
    /// The title of the page at `/`, if there is one that has one: what people know the site by.
    pub title: Option<String>,
    /// When the site was made, in seconds since 1970, if the author says so (`SOURCE_DATE_EPOCH`).
    pub last_modified: Option<u64>,
    /// How many files were left out: dotfiles and leftovers of desktops.
    pub omitted: usize,
}

/// What answers at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The resource with this index.
    Resource(usize),
    /// A redirect, with this head but for its `Date`.
    Redirect(String),
    /// A redirect to where the rest of the path belongs, between these two parts of its head.
    SplatRedirect {
        /// What stands before the rest of the path.
        before: String,
        /// What stands behind it.
        after: String,
    },
}

/// What answers at every path that begins with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternRoute {
    /// The beginning of the key, with a slash at its end.
    pub prefix: String,
    /// What answers. A resource answers navigations only (see [`chapbook_format::path::is_navigation`]).
    pub route: Route,
}

/// A file of the site in all the forms that it can be sent in, under one kind of head.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The path of the file within the site, with `/` between its parts and none before the first.
    pub path: String,
    /// The forms, identity first.
    pub representations: Vec<Representation>,
}

/// A file that is not served, but belongs to the site.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The path within the site.
    pub path: String,
    /// What it says.
    pub content: Content,
}

/// A page that is sent with status 404 for what is not found in a folder.
#[derive(Debug, Clone)]
pub struct NotFoundPage {
    /// The key of the folder, with a slash at its end.
    pub folder: String,
    /// The index of the resource, whose head says 404.
    pub resource: usize,
}

/// The exact bytes of one form, with the head they are sent with.
#[derive(Debug, Clone)]
pub struct Representation {
    /// How the content is coded.
    pub coding: ContentCoding,
    /// The content, which resources of one file share.
    pub content: Content,
    /// The entity tag with its quotes (RFC 9110 section 8.8.3), a strong one.
    pub entity_tag: String,
    /// The head of its answer.
    pub head: Head,
}

/// A head without its `Date` and without the empty line that ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The lines, each with its CR LF.
    pub text: String,
    /// Where the fields begin that a 206 repeats.
    pub fields_for_206_at: usize,
    /// Where the fields begin that a 304 repeats (RFC 9110 section 15.4.5).
    pub fields_for_304_at: usize,
}
