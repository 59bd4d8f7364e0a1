//! Content in the executable or in a payload, and its integrity.

use chapbook_format::payload::ContentRecord;

use super::{integrity::Integrity, packed_site::PackedSite, verification::Verification};
use crate::limits::VERIFY_INLINE_MAX;

/// Content of a representation.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Content that was embedded when the executable was built. The file instead of its bytes,
    /// because `File::contents` is not a `const fn`.
    Embedded(&'static include_dir::File<'static>),
    /// Content in a payload.
    Packed(PackedContent),
    /// Content that the payload should contain and does not.
    Missing,
}

/// Content in a payload.
#[derive(Debug, Clone, Copy)]
pub struct PackedContent {
    site: &'static PackedSite,
    /// The position of the representation that has it.
    at: u32,
    /// The number of the content.
    number: u32,
    bytes: &'static [u8],
}

/// Handle of content in a payload that must be verified before it is sent. It is small, since a
/// connection keeps it meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct UnverifiedContent {
    site: &'static PackedSite,
    /// The position of a representation that has it.
    at: u32,
}

impl Content {
    /// The content of the representation at a position.
    pub(super) fn packed(site: &'static PackedSite, at: u32, content: &ContentRecord) -> Self {
        let number = content.number;
        let packed = |bytes| Self::Packed(PackedContent { site, at, number, bytes });
        site.content_bytes(content).map_or(Self::Missing, packed)
    }

    /// The bytes, which may be sent only if the content is [`Integrity::Intact`].
    #[must_use]
    pub fn bytes(&self) -> &'static [u8] {
        match self {
            Self::Embedded(file) => file.contents(),
            Self::Packed(content) => content.bytes,
            Self::Missing => b"",
        }
    }

    /// Whether the content may be sent. Short content is verified now, if necessary; longer content
    /// may be [`Integrity::Unverified`].
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        match self {
            Self::Embedded(_) => Integrity::Intact,
            Self::Packed(content) => content.integrity(),
            Self::Missing => Integrity::Damaged,
        }
    }

    /// A handle to verify the content; `None` if it is not in a payload.
    #[must_use]
    pub fn unverified(&self) -> Option<UnverifiedContent> {
        match self {
            Self::Packed(content) => Some(content.handle()),
            Self::Embedded(_) | Self::Missing => None,
        }
    }
}

impl PackedContent {
    fn handle(&self) -> UnverifiedContent {
        UnverifiedContent { site: self.site, at: self.at }
    }

    fn integrity(&self) -> Integrity {
        let state = self.site.content_state(self.number);
        let Some(state) = state else { return Integrity::Damaged };
        let integrity = state.integrity();
        if integrity == Integrity::Unverified && self.bytes.len() as u64 <= VERIFY_INLINE_MAX {
            if let Some(verification) = self.handle().verify() {
                verification.finish();
            }
            return state.integrity();
        }
        integrity
    }
}

impl UnverifiedContent {
    /// See [`Content::integrity`].
    #[must_use]
    pub fn integrity(self) -> Integrity {
        let representation = self.site.directory().representation(self.at);
        representation.map_or(Integrity::Damaged, |representation| {
            Content::packed(self.site, self.at, &representation.content).integrity()
        })
    }

    /// Starts the verification of the content; `None` if it is finished or in progress.
    #[must_use]
    pub fn verify(self) -> Option<Verification> {
        Verification::start(self.site, self.at)
    }
}
