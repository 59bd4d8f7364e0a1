//! This file owns the nouns of a compiled site: what the compiler makes and every way of carrying
//! a site (Rust text today) writes down. It holds no rule; each noun is made in a file of its own.

use std::collections::BTreeMap;

use crate::{content_coding::ContentCoding, head::Head};

/// A site, compiled: every path that has an answer, and every answer.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// The files, in the order of their paths.
    pub assets: Vec<Asset>,
    /// The answer to each key (see [`crate::path`]).
    pub routes: BTreeMap<String, Route>,
    /// The pages for what is not found, the deepest folder first.
    pub not_found: Vec<NotFoundPage>,
    /// When the site was made, in seconds since 1970, if the author says so (`SOURCE_DATE_EPOCH`).
    pub last_modified: Option<u64>,
    /// How many files were left out: dotfiles and leftovers of desktops.
    pub omitted: usize,
}

/// What answers at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The asset with this index.
    Asset(usize),
    /// A permanent redirect from a folder's path without its slash to the one with it, which leads
    /// to the asset with this index.
    FolderSlash(usize),
}

/// A file of the site and its answer.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The path within the site, with `/` between its parts and none before the first.
    pub path: String,
    /// The answer with status 200.
    pub resource: Resource,
}

/// One thing in all the forms that it can be sent in.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The forms, identity first.
    pub representations: Vec<Representation>,
}

/// A page that is sent with status 404 for what is not found in a folder.
#[derive(Debug, Clone)]
pub struct NotFoundPage {
    /// The key of the folder, with a slash at its end.
    pub folder: String,
    /// The answer with status 404.
    pub resource: Resource,
}

/// The exact bytes of one form, with the head they are sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// How the content is coded.
    pub coding: ContentCoding,
    /// The content.
    pub content: Vec<u8>,
    /// The entity tag with its quotes (RFC 9110 section 8.8.3), a strong one.
    pub entity_tag: String,
    /// The head of its answer.
    pub head: Head,
}
