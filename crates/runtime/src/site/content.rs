//! Content in the executable or in a payload.

use chapbook_format::payload::ContentRecord;

use super::{
    content_cursor::ContentCursor, file_content::FileContent, packed_content::PackedContent,
    packed_site::PackedSite,
};
use crate::limits::COPY_MAX;

/// Content of a representation.
#[derive(Debug, Clone, Copy)]
pub enum Content<'s> {
    /// Content that was embedded when the executable was built. The file instead of its bytes,
    /// because `File::contents` is not a `const fn`.
    Embedded(&'static include_dir::File<'static>),
    /// Content in a payload.
    Packed(PackedContent<'s>),
    /// Content in a file of the folder that is previewed; `None` if the payload should contain it
    /// and does not.
    Unloaded(Option<FileContent<'s>>),
}

impl<'s> Content<'s> {
    /// A content in a payload.
    pub(super) fn packed(site: &'s PackedSite<'s>, content: &ContentRecord) -> Self {
        match PackedContent::of(site, content) {
            Some(content) => Self::Packed(content),
            None => Self::Unloaded(site.file_content(content)),
        }
    }

    /// The bytes, not verified: only [`Content::all`] and [`Content::part`] may be sent. Empty for
    /// a file of a folder.
    #[must_use]
    pub fn bytes(&self) -> &'s [u8] {
        match self {
            Self::Embedded(file) => file.contents(),
            Self::Packed(content) => content.bytes(),
            Self::Unloaded(_) => b"",
        }
    }

    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Unloaded(Some(content)) => content.len(),
            _ => self.bytes().len(),
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the beginning of a part is intact: the blocks of its first [`COPY_MAX`] bytes, which
    /// are verified if necessary. A damaged block after them is found while the part is sent.
    #[must_use]
    pub fn is_intact_at(&self, start: usize, end: usize) -> bool {
        match self {
            Self::Embedded(_) => true,
            Self::Packed(content) => content.verify(start, end.min(start.saturating_add(COPY_MAX))),
            Self::Unloaded(content) => content.is_some_and(FileContent::is_readable),
        }
    }

    /// All bytes, to be sent.
    #[must_use]
    pub fn all(&self) -> ContentCursor<'s> {
        self.part(0, usize::MAX)
    }

    /// The part between two positions, to be sent.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> ContentCursor<'s> {
        match self {
            Self::Embedded(file) => {
                let contents = file.contents();
                let end = end.min(contents.len());
                ContentCursor::intact(contents.get(start..end).unwrap_or_default())
            }
            Self::Packed(content) => ContentCursor::packed(*content, start, end),
            Self::Unloaded(content) => ContentCursor::in_file(*content, start, end),
        }
    }
}
