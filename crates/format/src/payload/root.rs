//! The root hash, one hash of all responses of a site, and the order of routes that it depends on.
//!
//! It covers keys, heads, the hashes of contents and the files with their names, so that `extract`
//! writes the same for the same hash, but not how a site is stored. The hashes of blocks follow
//! from the contents, so it does not cover them; `verify` compares them with the contents.
//! It is a SHA-256 of items: a tag (one byte), a length (u64) and that many bytes each.
//!
//! ```text
//! for each route, in the order of `sort`
//!     = * !  key of an exact route, of a prefix, of a folder with a not-found page; and then
//!     c h #  for each representation: token of the coding, text of the head, hash of the content
//!     >      for a redirect: text of the head up to the rest of the path,
//!     / ?    then up to the query, and the rest; - instead if that is not inserted
//! for each path fields, in their order
//!     p b    key of a path or of all paths below
//!     o e    fields only for OPTIONS, fields for errors, too
//! for each file, those with rules included, in the order of their paths
//!     f #    path, hash of the content without coding
//! ```

use super::{head::Head, path_fields::PathFields, redirect::RedirectHead};
use crate::{
    content_coding::ContentCoding,
    digest::{Hash, Hasher},
};

/// How the key of a route is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchKind {
    /// The key itself.
    Exact,
    /// Every key that starts with it and has no exact route.
    Below,
    /// Every key that starts with it and has no other route; the status is 404.
    NotFound,
}

/// A route with its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedRoute<K, R> {
    /// How the key is matched.
    pub match_kind: MatchKind,
    /// The key.
    pub key: K,
    /// The route.
    pub route: R,
}

impl<K: AsRef<[u8]>, R> ListedRoute<K, R> {
    /// The same route, borrowed.
    pub fn as_bytes(&self) -> ListedRoute<&[u8], &R> {
        let Self { match_kind, key, route } = self;
        ListedRoute { match_kind: *match_kind, key: key.as_ref(), route }
    }
}

/// Sorts routes into the order of the root hash and of listings: exact routes by key, then rules
/// with `*`, then not-found pages. The order of the last two decides which one matches, so it stays
/// the same.
pub fn sort<K: AsRef<[u8]>, R>(routes: &mut [ListedRoute<K, R>]) {
    routes.sort_by(|a, b| {
        let keys = match a.match_kind {
            MatchKind::Exact => a.key.as_ref().cmp(b.key.as_ref()),
            MatchKind::Below | MatchKind::NotFound => std::cmp::Ordering::Equal,
        };
        a.match_kind.cmp(&b.match_kind).then(keys)
    });
}

/// The root hash of a site. The order of routes matters only as far as [`sort`] keeps it, and that
/// of files does not; a file may occur several times. `answer` hashes the responses of a route.
pub fn root_hash<'a, K: AsRef<[u8]>, R>(
    mut routes: Vec<ListedRoute<K, R>>,
    answer: impl Fn(&R, &mut AnswerHasher),
    path_fields: impl IntoIterator<Item = PathFields<&'a [u8]>>,
    files: impl IntoIterator<Item = (&'a [u8], Hash)>,
) -> Hash {
    let mut hasher = AnswerHasher(Hasher::default());
    sort(&mut routes);
    for ListedRoute { match_kind, key, route } in &routes {
        let tag = match match_kind {
            MatchKind::Exact => b'=',
            MatchKind::Below => b'*',
            MatchKind::NotFound => b'!',
        };
        hasher.part(tag, key.as_ref());
        answer(route, &mut hasher);
    }
    for fields in path_fields {
        let for_errors = fields.for_errors();
        hasher.part(if fields.is_prefix { b'b' } else { b'p' }, fields.key);
        hasher.part(b'o', &fields.text[..fields.text.len() - for_errors.len()]);
        hasher.part(b'e', for_errors);
    }
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_unstable();
    files.dedup();
    for (path, content) in files {
        hasher.part(b'f', path);
        hasher.part(b'#', &content);
    }
    hasher.0.finish()
}

/// Hashes the responses of one route.
#[derive(Debug)]
pub struct AnswerHasher(Hasher);

impl AnswerHasher {
    /// Adds a representation: first identity, then the others by length, the shortest first.
    pub fn representation(&mut self, coding: ContentCoding, head: &Head<&[u8]>, content: &Hash) {
        self.part(b'c', coding.token().as_bytes());
        self.joined(b'h', [head.shared.text, head.own]);
        self.part(b'#', content);
    }

    /// Adds the head of a redirect.
    pub fn redirect(&mut self, head: &RedirectHead<&[u8]>) {
        let [shared, before, between, after] = head.parts();
        self.joined(b'>', [shared, before]);
        self.part(if head.splat_at.is_some() { b'/' } else { b'-' }, between);
        self.part(if head.query_at.is_some() { b'?' } else { b'-' }, after);
    }

    /// Adds the mark of a route whose record is damaged.
    pub fn damaged(&mut self) {
        self.part(b'x', b"");
    }

    /// With its length, so that two different sites never hash the same bytes.
    fn part(&mut self, tag: u8, bytes: &[u8]) {
        self.joined(tag, [bytes]);
    }

    /// The same for bytes in several pieces.
    fn joined<const N: usize>(&mut self, tag: u8, pieces: [&[u8]; N]) {
        let length: usize = pieces.iter().map(|it| it.len()).sum();
        self.0.update(&[tag]);
        self.0.update(&(length as u64).to_le_bytes());
        for piece in pieces {
            self.0.update(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::shared_head::SharedHead, MatchKind::*, *};

    fn hash_of(routes: &[(MatchKind, &str)], files: &[&str]) -> Hash {
        let listed =
            |&(match_kind, key)| ListedRoute { match_kind, key, route: format!("to {key}") };
        let answer = |route: &String, hasher: &mut AnswerHasher| {
            let shared = SharedHead::without_content(301, &b""[..]);
            let location = route.as_bytes();
            hasher.redirect(&RedirectHead { shared, location, splat_at: None, query_at: None });
        };
        let files = files.iter().map(|path| (path.as_bytes(), [0; 32]));
        root_hash(routes.iter().map(listed).collect(), answer, [], files)
    }

    #[test]
    fn the_root_hash_depends_on_the_order_only_if_the_responses_do() {
        let routes =
            [(Exact, "/a"), (Exact, "/b"), (Below, "/x/"), (Below, "/y/"), (NotFound, "/")];
        let files = ["_headers", "a.html"];
        let expected = hash_of(&routes, &files);
        let swapped = |a: usize, b: usize| {
            let mut swapped = routes;
            swapped.swap(a, b);
            swapped
        };
        assert_eq!(hash_of(&routes, &["a.html", "_headers", "a.html"]), expected);
        assert_ne!(hash_of(&routes, &["_headers", "b.html"]), expected);
        assert_ne!(hash_of(&routes, &files[1..]), expected);
        let rows = [(0, 1, true), (1, 2, true), (3, 4, true), (2, 3, false)];
        for (a, b, is_same) in rows {
            assert_eq!(hash_of(&swapped(a, b), &files) == expected, is_same, "{a}, {b}");
        }
        for at in 0..routes.len() {
            let mut changed = routes;
            changed[at].0 = if changed[at].0 == Exact { Below } else { Exact };
            assert_ne!(hash_of(&changed, &files), expected, "{at}");
        }
    }
}
