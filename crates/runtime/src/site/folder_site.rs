//! Payload of a previewed folder, which owns its bytes.

use chapbook_format::payload::PayloadError;

use super::{file_content::PlacedFile, packed_site::PackedSite};

/// The directory of a payload, the contents that are in memory, and those that follow in files, by
/// offset.
#[derive(Debug)]
pub struct FolderSite {
    /// The directory and the contents in memory.
    pub bytes: Vec<u8>,
    /// The length of the complete payload in bytes.
    pub length: u64,
    /// The contents in files.
    pub files: Vec<PlacedFile>,
}

impl FolderSite {
    /// Opens the payload.
    ///
    /// # Errors
    ///
    /// If the header or the index is damaged, or has another format.
    pub fn open(&self) -> Result<PackedSite<'_>, PayloadError> {
        PackedSite::open_folder(&self.bytes, self.length, &self.files)
    }
}
