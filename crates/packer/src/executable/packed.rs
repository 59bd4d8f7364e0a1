//! The positions of stamp and section in a packed executable, and why none can be written.

use std::io;

use chapbook_format::stamp::Section;

/// The number of bytes at the start of the base that the section header stores. They include the
/// headers of every executable format.
pub(super) const HEAD_LENGTH: usize = 4096;

pub(super) const STAMP_IN_HEADERS: &str = "its stamp is in its headers";

/// The positions in a packed executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// The offset of the stamp in the file.
    pub stamp_at: u64,
    /// The section, as the stamp records it.
    pub section: Section,
}

/// Why an executable cannot be written.
#[derive(Debug)]
pub(super) enum WriteError {
    /// The base is unsuitable, for this reason.
    Unfit(&'static str),
    /// The output cannot be written.
    Unwritten(io::Error),
}

impl From<&'static str> for WriteError {
    fn from(reason: &'static str) -> Self {
        Self::Unfit(reason)
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Unwritten(error)
    }
}
