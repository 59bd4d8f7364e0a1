//! A compiled site: the output of rendering, and the input of `emit` and `write`.

use chapbook_format::{
    RedirectHead, Representation, SiteInfo,
    digest::Hash,
    payload::{AnswerHasher, ListedRoute, root_hash},
};

use crate::content::StoredContent;

/// A compiled site: its routes, and its resources in every content coding.
#[derive(Debug, Clone, Default)]
pub struct CompiledSite {
    /// The resources; routes refer to them by index.
    pub resources: Vec<CompiledResource>,
    /// The routes: exact ones by key, then rules with `*`, then not-found pages, the deepest
    /// folder first.
    pub routes: Vec<ListedRoute<String, CompiledRoute>>,
    /// The rule files (`_redirects`, `_headers`), which are not served.
    pub rule_files: Vec<RuleFile>,
    /// Facts about the site.
    pub info: SiteInfo<String>,
}

/// The route of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompiledRoute {
    /// The resource with this index. The route of a prefix applies to navigations only (see
    /// [`chapbook_format::path::is_navigation`]).
    Resource(usize),
    /// A redirect, with this head.
    Redirect(RedirectHead<String>),
}

/// A file of the site with one variant of its heads.
#[derive(Debug, Clone)]
pub struct CompiledResource {
    /// The path of the file within the site, with `/` between its parts and no `/` at the start.
    pub path: String,
    /// The content in each coding, identity first. Resources of one file share the contents.
    pub representations: Vec<CompiledRepresentation>,
}

/// The content of a resource in one coding.
pub type CompiledRepresentation = Representation<StoredContent, String>;

/// A file that is not served but belongs to the site.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The path within the site.
    pub path: String,
    /// The content.
    pub content: StoredContent,
}

impl CompiledSite {
    /// The hash of all responses of the site.
    #[must_use]
    pub fn root_hash(&self) -> Hash {
        let answer = |route: &&CompiledRoute, hasher: &mut AnswerHasher| match route {
            CompiledRoute::Resource(index) => {
                for it in &self.resources[*index].representations {
                    hasher.representation(it.coding, it.head.text.as_bytes(), it.content.hash());
                }
            }
            CompiledRoute::Redirect(head) => hasher.redirect(&head.as_bytes()),
        };
        let routes = self.routes.iter().map(ListedRoute::as_bytes).collect();
        let rule_files = self.rule_files.iter();
        root_hash(routes, answer, rule_files.map(|it| (it.path.as_bytes(), *it.content.hash())))
    }
}
