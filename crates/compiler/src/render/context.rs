//! The context of rendering.

use chapbook_format::SiteInfo;

use super::compress::Compressor;
use crate::{content::SpillFile, progress::Progress};

/// What rendering needs besides the files and the plan.
#[derive(Debug)]
pub(crate) struct RenderContext {
    /// Facts about the site.
    pub(crate) info: SiteInfo<String>,
    pub(crate) compressor: Compressor,
    /// Where contents are stored; in memory if there is no file.
    pub(crate) spill_file: Option<SpillFile>,
    pub(crate) progress: Progress,
}
