//! The positions of stamp and section in a packed executable.

use chapbook_format::stamp::Section;

/// The number of bytes at the start of the base that the section header stores. They include the
/// headers of every executable format.
pub(super) const HEAD_LENGTH: usize = 4096;

/// The positions in a packed executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// The offset of the stamp in the file.
    pub stamp_at: u64,
    /// The section, as the stamp records it.
    pub section: Section,
}
