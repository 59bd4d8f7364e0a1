//! The context of rendering.

use chapbook_format::SiteInfo;

use super::compress::Compressor;
use crate::{progress::Progress, spill_file::SpillFile};

/// The settings of rendering, besides the files and the plan.
#[derive(Debug)]
pub(crate) struct RenderContext {
    /// Facts about the site.
    pub(crate) info: SiteInfo<String>,
    pub(crate) compressor: Compressor,
    /// The file for contents; without it they stay in memory.
    pub(crate) spill_file: Option<SpillFile>,
    pub(crate) progress: Progress,
}
