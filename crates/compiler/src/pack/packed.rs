//! Where a packed executable keeps its stamp and section.

use chapbook_format::stamp::Section;

/// Bytes at the start of the base that the section stores: the headers of every executable format
/// are within them.
pub(super) const HEAD_LENGTH: usize = 4096;

/// The positions in a packed executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// The offset of the stamp in the file.
    pub stamp_at: u64,
    /// The section, as the stamp records it.
    pub section: Section,
}
