//! This file owns what content answers look like from outside: one thing, its forms, and their
//! heads. Where the bytes lie, `embedded.rs` and `book.rs` know.

use chapbook_format::{
    ContentCoding,
    payload::{Directory, RepresentationRecord},
};

use super::{
    embedded,
    packed_site::{Check, PackedSite},
};

/// One thing in all the forms that it can be sent in.
#[derive(Debug, Clone, Copy)]
pub struct Resource(Forms);

#[derive(Debug, Clone, Copy)]
enum Forms {
    Embedded(&'static embedded::Resource),
    /// The position of the first, and how many there are.
    PackedSite(&'static PackedSite, u32, u32),
}

/// The exact bytes of one form, with the head they are sent with.
#[derive(Debug, Clone, Copy)]
pub struct Representation(Form);

#[derive(Debug, Clone, Copy)]
enum Form {
    Embedded(&'static embedded::Representation),
    /// Its position.
    PackedSite(&'static PackedSite, u32),
}

/// A precomputed head, without its `Date` and the empty line; see `crates/bundle/src/bind/head.rs`.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    text: &'static [u8],
    fields_for_206_at: usize,
    fields_for_304_at: usize,
}

/// What is known of a content before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It is what it was.
    Sound,
    /// It is not, and must not be sent.
    Damaged,
    /// Nobody has looked yet.
    Unchecked,
}

impl Resource {
    pub(super) fn embedded(resource: &'static embedded::Resource) -> Self {
        Self(Forms::Embedded(resource))
    }

    pub(super) fn of_book(book: &'static PackedSite, file: u32, count: u32) -> Self {
        Self(Forms::PackedSite(book, Directory::representations_at(file), count))
    }

    /// How many forms there are.
    #[must_use]
    pub fn len(self) -> usize {
        match self.0 {
            Forms::Embedded(resource) => resource.representations.len(),
            Forms::PackedSite(_, _, count) => usize::try_from(count).unwrap_or(usize::MAX),
        }
    }

    /// Whether there is none, which no site says.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The forms: identity first, the others from small to large.
    pub fn representations(self) -> impl Iterator<Item = Representation> {
        let (mut embedded, mut next, mut left) = match self.0 {
            Forms::Embedded(resource) => (resource.representations.iter(), None, 0),
            Forms::PackedSite(book, first, count) => ([].iter(), Some((book, first)), count),
        };
        std::iter::from_fn(move || {
            if let Some((book, at)) = next {
                left = left.checked_sub(1)?;
                next = book.representation(at).map(|it| (book, it.next));
                return next.map(|_| Representation(Form::PackedSite(book, at)));
            }
            embedded.next().map(|it| Representation(Form::Embedded(it)))
        })
    }
}

impl Representation {
    /// How the content is coded.
    #[must_use]
    pub fn coding(self) -> ContentCoding {
        match self.0 {
            Form::Embedded(it) => it.coding,
            Form::PackedSite(book, at) => read(book, at).coding,
        }
    }

    /// The strong entity tag, with its quotes.
    #[must_use]
    pub fn entity_tag(self) -> &'static [u8] {
        match self.0 {
            Form::Embedded(it) => it.entity_tag.as_bytes(),
            Form::PackedSite(book, at) => read(book, at).entity_tag,
        }
    }

    /// The head that it is sent with.
    #[must_use]
    pub fn head(self) -> Head {
        self.head_and_content().0
    }

    /// The content. Of what is not [`Readiness::Sound`], nothing may be sent.
    #[must_use]
    pub fn content(self) -> &'static [u8] {
        self.head_and_content().1
    }

    /// Both at once, since the record of a book is read for either.
    #[must_use]
    pub fn head_and_content(self) -> (Head, &'static [u8]) {
        match self.0 {
            Form::Embedded(it) => {
                let head = Head {
                    text: it.head.text.as_bytes(),
                    fields_for_206_at: it.head.fields_for_206_at,
                    fields_for_304_at: it.head.fields_for_304_at,
                };
                (head, it.content.bytes())
            }
            Form::PackedSite(book, at) => {
                let it = read(book, at);
                let cut = |at: u32| usize::try_from(at).unwrap_or(usize::MAX).min(it.head.len());
                let head = Head {
                    text: it.head,
                    fields_for_206_at: cut(it.fields_for_206_at),
                    fields_for_304_at: cut(it.fields_for_304_at),
                };
                (head, book.content(&it))
            }
        }
    }

    /// What is known of the content, after a look at it if that takes no time.
    #[must_use]
    pub fn readiness(self) -> Readiness {
        match self.0 {
            Form::Embedded(_) => Readiness::Sound,
            Form::PackedSite(book, at) => book.readiness(at),
        }
    }

    /// A look at the content that takes its time; `None` where it was taken, or someone takes it.
    #[must_use]
    pub fn check(self) -> Option<Check> {
        match self.0 {
            Form::Embedded(_) => None,
            Form::PackedSite(book, at) => book.check(at),
        }
    }
}

/// Who has a representation has seen that it can be read; if it could not, it would be empty.
fn read(book: &'static PackedSite, at: u32) -> RepresentationRecord<'static> {
    book.representation(at).unwrap_or(RepresentationRecord {
        coding: ContentCoding::Identity,
        content: chapbook_format::payload::Span { number: 0, offset: 0, length: 0 },
        hash: [0; 32],
        entity_tag: b"",
        head: b"",
        fields_for_206_at: 0,
        fields_for_304_at: 0,
        next: 0,
    })
}

impl Head {
    /// All of it, from the status line.
    #[must_use]
    pub fn whole(&self) -> &'static [u8] {
        self.text
    }

    /// The fields from `Content-Type` on, which a 206 has too.
    #[must_use]
    pub fn fields_for_206(&self) -> &'static [u8] {
        &self.text[self.fields_for_206_at..]
    }

    /// The fields from `ETag` on, which a 304 has too.
    #[must_use]
    pub fn fields_for_304(&self) -> &'static [u8] {
        &self.text[self.fields_for_304_at..]
    }
}
