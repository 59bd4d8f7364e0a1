//! The context of rendering.

use chapbook_format::{ContentCoding, SiteInfo, digest::Hash};

use super::compress::Compressor;
use crate::{
    compile_cache::CompileCache, content::StoredContent, packed_contents::PackedContents,
    progress::Progress, spill_file::SpillFile,
};

/// The settings of rendering, besides the files and the plan.
#[derive(Debug)]
pub(crate) struct RenderContext {
    /// Facts about the site.
    pub(crate) info: SiteInfo<String>,
    pub(crate) compressor: Compressor,
    /// Contents that may be compressed already.
    pub(crate) packed: Option<PackedContents>,
    /// Files that were rendered before.
    pub(crate) compile_cache: Option<CompileCache>,
    /// What is added to each document.
    pub(crate) reload_element: Option<String>,
    /// The file for contents; without it they stay in memory.
    pub(crate) spill_file: Option<SpillFile>,
    pub(crate) progress: Progress,
}

impl RenderContext {
    /// The compressed forms of the content with this hash, if they need not be compressed again.
    pub(super) fn packed(&self, content: &Hash) -> Option<Vec<(ContentCoding, StoredContent)>> {
        self.packed.as_ref()?.compressed(self.compressor.compression(), content)
    }
}
