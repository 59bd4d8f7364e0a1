//! Resources and their representations, whatever the source of the site.

use chapbook_format::{
    ContentCoding,
    payload::{RepresentationRecord, Representations},
};

use super::{content::Content, packed_site::PackedSite};

/// A head of the site.
pub type Head = chapbook_format::Head<&'static [u8]>;

/// The content of a resource in one coding, with the head it is sent with.
pub type Representation = chapbook_format::Representation<Content, &'static [u8]>;

/// What a path answers with: the same content in one or more codings.
#[derive(Debug, Clone, Copy)]
pub struct Resource(Source);

#[derive(Debug, Clone, Copy)]
enum Source {
    Embedded(&'static [Representation]),
    Packed(&'static PackedSite, Representations<'static>),
}

impl Resource {
    pub(super) const fn embedded(representations: &'static [Representation]) -> Self {
        Self(Source::Embedded(representations))
    }

    pub(super) fn packed(
        site: &'static PackedSite,
        representations: Representations<'static>,
    ) -> Self {
        Self(Source::Packed(site, representations))
    }

    /// The number of representations.
    #[must_use]
    pub fn len(self) -> usize {
        match self.0 {
            Source::Embedded(representations) => representations.len(),
            Source::Packed(_, representations) => representations.len(),
        }
    }

    /// Whether there are no representations, which is true for no resource of a valid site.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The representations: identity first, the others from small to large.
    pub fn representations(self) -> impl Iterator<Item = Representation> {
        let (embedded, packed) = self.sources();
        let packed = packed.into_iter().flat_map(|(site, representations)| {
            let with_content = move |(at, it): (u32, RepresentationRecord<'static>)| {
                it.with_content(Content::packed(site, at, &it.content))
            };
            representations.iter().map(with_content)
        });
        embedded.iter().copied().chain(packed)
    }

    /// The codings of the representations, in the same order.
    pub fn codings(self) -> impl Iterator<Item = ContentCoding> {
        let (embedded, packed) = self.sources();
        let packed = packed.into_iter().flat_map(|(_, representations)| representations.codings());
        embedded.iter().map(|it| it.coding).chain(packed)
    }

    fn sources(
        self,
    ) -> (&'static [Representation], Option<(&'static PackedSite, Representations<'static>)>) {
        match self.0 {
            Source::Embedded(representations) => (representations, None),
            Source::Packed(site, representations) => (&[], Some((site, representations))),
        }
    }

    /// The representation at an index: 0 is identity.
    #[must_use]
    pub fn get(self, index: usize) -> Option<Representation> {
        match self.0 {
            Source::Embedded(representations) => representations.get(index).copied(),
            Source::Packed(site, representations) => {
                let (at, it) = representations.get(index)?;
                Some(it.with_content(Content::packed(site, at, &it.content)))
            }
        }
    }
}
