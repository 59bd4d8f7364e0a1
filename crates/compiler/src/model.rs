//! A compiled site: the output of rendering, and the input of `emit` and `write`.

use chapbook_format::{
    PathFields, RedirectHead, Representation, SiteInfo,
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
    /// The fields of paths for the responses that have no head of their own; the first that match a
    /// key are used.
    pub path_fields: Vec<PathFields<String>>,
    /// The rule files (`_redirects`, `_headers`), and the originals of precompressed files.
    pub rule_files: Vec<RuleFile>,
    /// The hashes of contents that compressing did not make much shorter.
    pub incompressible: Vec<Hash>,
    /// How it was compressed (see [`chapbook_format::payload::Header::compression`]).
    pub compression: u32,
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

/// A file that is not served as it is but belongs to the site.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The path within the site.
    pub path: String,
    /// The content.
    pub content: StoredContent,
}

impl CompiledSite {
    /// The hash of all responses and files of the site.
    #[must_use]
    pub fn root_hash(&self) -> Hash {
        let answer = |route: &&CompiledRoute, hasher: &mut AnswerHasher| match route {
            CompiledRoute::Resource(index) => {
                for it in &self.resources[*index].representations {
                    hasher.representation(it.coding, &it.head.as_bytes(), it.content.hash());
                }
            }
            CompiledRoute::Redirect(head) => hasher.redirect(&head.as_bytes()),
        };
        let routes = self.routes.iter().map(ListedRoute::as_bytes).collect();
        let path_fields = self.path_fields.iter().map(PathFields::as_bytes);
        let served = self.resources.iter().filter_map(|resource| {
            let identity = resource.representations.first()?;
            Some((resource.path.as_bytes(), *identity.content.hash()))
        });
        let rule_files = self.rule_files.iter();
        let rule_files = rule_files.map(|it| (it.path.as_bytes(), *it.content.hash()));
        root_hash(routes, answer, path_fields, served.chain(rule_files))
    }
}
