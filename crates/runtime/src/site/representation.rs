//! Resources and their representations.

use chapbook_format::{
    ContentCoding,
    payload::{RepresentationRecord, Representations},
};

use super::{content::Content, packed_site::PackedSite};

/// A response head of the site.
pub type Head<'s> = chapbook_format::Head<&'s [u8]>;

/// The head of a redirect of the site.
pub type RedirectHead<'s> = chapbook_format::RedirectHead<&'s [u8]>;

/// A resource in one content coding: content, entity tag and response head.
pub type Representation<'s> = chapbook_format::Representation<Content<'s>, &'s [u8]>;

/// Content in one or more content codings.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'s>(ResourceSource<'s>);

/// Where the representations of a resource are.
#[derive(Debug, Clone, Copy)]
enum ResourceSource<'s> {
    Embedded(&'s [Representation<'s>]),
    Packed(&'s PackedSite<'s>, Representations<'s>),
}

impl<'s> Resource<'s> {
    /// The resource with these representations: identity first, the others from small to large.
    #[must_use]
    pub const fn embedded(representations: &'s [Representation<'s>]) -> Self {
        Self(ResourceSource::Embedded(representations))
    }

    pub(super) fn packed(site: &'s PackedSite<'s>, representations: Representations<'s>) -> Self {
        Self(ResourceSource::Packed(site, representations))
    }

    /// The number of representations.
    #[must_use]
    pub fn len(self) -> usize {
        match self.0 {
            ResourceSource::Embedded(representations) => representations.len(),
            ResourceSource::Packed(_, representations) => representations.len(),
        }
    }

    /// Whether there are no representations, which is never true in a valid site.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The representations: identity first, the others from small to large. Ends before the first
    /// one that is malformed.
    pub fn representations(self) -> impl Iterator<Item = Representation<'s>> {
        let (embedded, packed) = self.sources();
        let packed = packed.into_iter().flat_map(|(site, representations)| {
            representations.iter().map_while(|record| from_record(site, record))
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
    ) -> (&'s [Representation<'s>], Option<(&'s PackedSite<'s>, Representations<'s>)>) {
        match self.0 {
            ResourceSource::Embedded(representations) => (representations, None),
            ResourceSource::Packed(site, representations) => (&[], Some((site, representations))),
        }
    }

    /// The representation at an index: 0 is identity. `None` if it is malformed or does not exist.
    #[must_use]
    #[inline]
    pub fn get(self, index: usize) -> Option<Representation<'s>> {
        match self.0 {
            ResourceSource::Embedded(representations) => representations.get(index).copied(),
            ResourceSource::Packed(site, representations) => read(site, representations, index),
        }
    }
}

/// The representation at an index in a payload. Not inlined, so that [`Resource::get`] is.
#[inline(never)]
fn read<'s>(
    site: &'s PackedSite<'s>,
    representations: Representations<'s>,
    index: usize,
) -> Option<Representation<'s>> {
    from_record(site, representations.get(index)?)
}

/// A representation in a payload; `None` if there is no beginning for its head.
fn from_record<'s>(
    site: &'s PackedSite<'s>,
    record: RepresentationRecord<'s>,
) -> Option<Representation<'s>> {
    let chapbook_format::Representation { coding, content, head } = record;
    let head = head.with_shared(site.directory().shared_head(head.shared)?);
    Some(Representation { coding, content: Content::packed(site, &content), head })
}
