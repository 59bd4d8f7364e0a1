//! The result of parsing a page.

use std::collections::HashMap;

use super::{kind::PageKind, problems::PageProblem};
use crate::{
    lints::Lint,
    parse::{history::HistoryUse, js::ScriptFeatures, reference::Reference},
};

/// The syntax of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// HTML.
    Html,
    /// SVG or XHTML. References are as in HTML; well-formedness is not checked.
    Xml,
}

/// The fragment targets of a page with the offset of each id; `None` for the `name` of an anchor.
pub(crate) type Fragments = HashMap<Box<str>, Option<usize>>;

/// A parsed page.
#[derive(Debug, Default, Clone)]
pub(crate) struct Page {
    /// Every URL, in document order.
    pub(crate) references: Vec<Reference>,
    /// The `id`s, and the `name`s of anchors.
    pub(crate) fragments: Fragments,
    /// The `href` of the `base` element.
    pub(crate) base: Option<String>,
    /// The title, unless it is blank.
    pub(crate) title: Option<String>,
    /// The URLs that the page calls its own: its canonical URL and that for social networks.
    pub(crate) own_urls: Vec<String>,
    /// The number of bytes of text that it shows before any script runs.
    pub(crate) text_length: usize,
    /// How its scripts change its address.
    pub(crate) history_use: HistoryUse,
    /// The features of browsers that its scripts depend on.
    pub(crate) features: ScriptFeatures,
    /// Whether it has a frame whose document a script chooses.
    pub(crate) has_scripted_frame: bool,
    /// How complete it is.
    pub(crate) kind: PageKind,
    /// Whether browsers request `/favicon.ico` for it: it is a page, and declares no icon.
    pub(crate) lacks_icon: bool,
    /// Problems of the markup and missing metadata.
    pub(crate) problems: Vec<PageProblem>,
    /// The numbers of problems above the limit.
    pub(crate) unlisted_problems: Vec<(Lint, usize)>,
}
