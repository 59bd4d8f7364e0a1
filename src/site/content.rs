//! Content in the executable or in a payload, and whether it is verified.

use chapbook_format::payload::ContentRecord;

use super::{check::Check, packed_site::PackedSite, part_state::Readiness};
use crate::limits::CHECK_AT_ONCE_MAX;

/// Content: where its bytes are.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// In the executable that rustc built. The file is kept instead of its bytes because
    /// `File::contents` is not a `const fn`.
    Embedded(&'static include_dir::File<'static>),
    /// In a payload.
    Packed(PackedContent),
    /// Outside of the payload that should contain it.
    Missing,
}

/// Content in a payload.
#[derive(Debug, Clone, Copy)]
pub struct PackedContent {
    site: &'static PackedSite,
    /// The position of its representation.
    at: u32,
    /// Its number among the contents.
    number: u32,
    bytes: &'static [u8],
}

/// Content of a payload to be verified before it is sent: a small handle for a connection to keep
/// while it waits.
#[derive(Debug, Clone, Copy)]
pub struct UnverifiedContent {
    site: &'static PackedSite,
    /// The position of a representation that has it.
    at: u32,
}

impl Content {
    /// The content of the representation at a position.
    pub(super) fn packed(site: &'static PackedSite, at: u32, content: &ContentRecord<'_>) -> Self {
        let number = content.number;
        let packed = |bytes| Self::Packed(PackedContent { site, at, number, bytes });
        site.content_bytes(content).map_or(Self::Missing, packed)
    }

    /// The bytes, which may be sent only if the content is [`Readiness::Sound`].
    #[must_use]
    pub fn bytes(&self) -> &'static [u8] {
        match self {
            Self::Embedded(file) => file.contents(),
            Self::Packed(content) => content.bytes,
            Self::Missing => b"",
        }
    }

    /// What is known about the content. Short content that is unchecked is checked first.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        match self {
            Self::Embedded(_) => Readiness::Sound,
            Self::Packed(content) => content.readiness(),
            Self::Missing => Readiness::Damaged,
        }
    }

    /// The handle of content in a payload.
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

    fn readiness(&self) -> Readiness {
        let state = self.site.content_state(self.number);
        let Some(state) = state else { return Readiness::Damaged };
        let readiness = state.readiness();
        if readiness == Readiness::Unchecked && self.bytes.len() as u64 <= CHECK_AT_ONCE_MAX {
            if let Some(check) = self.handle().check() {
                check.finish();
            }
            return state.readiness();
        }
        readiness
    }
}

impl UnverifiedContent {
    /// What is known about the content now.
    #[must_use]
    pub fn readiness(self) -> Readiness {
        let representation = self.site.directory().representation(self.at);
        representation.map_or(Readiness::Damaged, |it| {
            Content::packed(self.site, self.at, &it.content).readiness()
        })
    }

    /// A check of the content; `None` where one is finished or under way.
    #[must_use]
    pub fn check(self) -> Option<Check> {
        Check::start(self.site, self.at)
    }
}
