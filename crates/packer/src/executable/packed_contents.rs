//! The compressed contents of a packed executable, which need not be compressed again.

use std::{fs::File, path::Path};

use chapbook_compiler::PackedContents;

use super::own_stamp::OwnStamp;

/// The contents of a packed executable; `None` if no site is packed into it, or if it is damaged.
#[must_use]
pub fn packed_contents(path: &Path) -> Option<PackedContents> {
    /// Executables without a site are much shorter.
    const SEARCHED_MAX: u64 = 256 << 20;
    let mut file = File::open(path).ok()?;
    let stamp = OwnStamp::find(&mut file, SEARCHED_MAX).ok()?;
    let OwnStamp::Packed { section, header, .. } = stamp else { return None };
    let header_length = header.len() as u64;
    let payload_length = section.length.checked_sub(header_length)?;
    PackedContents::in_file(file, section.at.checked_add(header_length)?, payload_length)
}
