//! This file owns the root hash: one hash for all that a site answers. It is made of keys, heads
//! and the hashes of contents alone, so that it is the same however the site is carried.

use crate::{
    content_coding::ContentCoding,
    digest::{Hash, Hasher},
};

/// How a route answers at its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchKind {
    /// At the key itself.
    Exact,
    /// At every key that begins with it, where nothing answers at the key itself.
    Below,
    /// At every key that begins with it and has no answer, with status 404.
    NotFound,
}

/// Takes a site piece by piece: first each route, with what it answers, in the order of the keys;
/// then the rules with `*` and the pages for what is not found, in their order; then the files of
/// rules.
#[derive(Debug, Default)]
pub struct RootHasher(Hasher);

impl RootHasher {
    /// Takes a route. What it answers follows.
    pub fn route(&mut self, match_kind: MatchKind, key: &[u8]) {
        let tag = match match_kind {
            MatchKind::Exact => b'=',
            MatchKind::Below => b'*',
            MatchKind::NotFound => b'!',
        };
        self.part(tag, key);
    }

    /// Takes one representation of what a route answers, identity first.
    pub fn representation(&mut self, coding: ContentCoding, head: &[u8], content: &Hash) {
        self.part(b'c', coding.token().as_bytes());
        self.part(b'h', head);
        self.part(b'#', content);
    }

    /// Takes the head of a redirect.
    pub fn redirect(&mut self, head: &[u8]) {
        self.part(b'>', head);
    }

    /// Takes the parts of the head of a redirect around the rest of a path.
    pub fn splat_redirect(&mut self, before: &[u8], after: &[u8]) {
        self.part(b'<', before);
        self.part(b'>', after);
    }

    /// Takes a file that nothing answers with.
    pub fn rule_file(&mut self, path: &[u8], content: &Hash) {
        self.part(b'f', path);
        self.part(b'#', content);
    }

    /// The root hash.
    #[must_use]
    pub fn finish(self) -> Hash {
        self.0.finish()
    }

    /// With its length, so that no two sites are the same row of bytes.
    fn part(&mut self, tag: u8, bytes: &[u8]) {
        self.0.update(&[tag]);
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }
}
