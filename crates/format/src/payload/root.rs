//! The root hash, one hash for everything a site answers, and the order of routes it is taken in.
//!
//! Only keys, heads and the hashes of contents are in it, so that it does not depend on how the
//! site is stored.

use crate::{
    content_coding::ContentCoding,
    digest::{Hash, Hasher},
};

/// Which keys a route answers at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchKind {
    /// The key itself.
    Exact,
    /// Every key that starts with it, unless an exact route answers.
    Below,
    /// Every key that starts with it and has no other answer, with status 404.
    NotFound,
}

/// A route with the keys it answers at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedRoute<K, R> {
    /// How the key is matched.
    pub match_kind: MatchKind,
    /// The key.
    pub key: K,
    /// What answers.
    pub route: R,
}

impl<K: AsRef<[u8]>, R> ListedRoute<K, R> {
    /// The same route, borrowed.
    pub fn as_bytes(&self) -> ListedRoute<&[u8], &R> {
        let Self { match_kind, key, route } = self;
        ListedRoute { match_kind: *match_kind, key: key.as_ref(), route }
    }
}

/// Sorts routes into the order of the root hash, which is also the order they are listed in: exact
/// routes by key, then rules with `*`, then not-found pages. The last two are matched in the order
/// they come in, so they keep it.
pub fn sort<K: AsRef<[u8]>, R>(routes: &mut [ListedRoute<K, R>]) {
    routes.sort_by(|a, b| {
        let keys = match a.match_kind {
            MatchKind::Exact => a.key.as_ref().cmp(b.key.as_ref()),
            MatchKind::Below | MatchKind::NotFound => std::cmp::Ordering::Equal,
        };
        a.match_kind.cmp(&b.match_kind).then(keys)
    });
}

/// The root hash of a site: its routes, in any order as far as [`sort`] allows, and its rule files,
/// in any order. `answer` hashes what a route answers.
pub fn root_hash<'a, K: AsRef<[u8]>, R>(
    mut routes: Vec<ListedRoute<K, R>>,
    answer: impl Fn(&R, &mut AnswerHasher),
    rule_files: impl IntoIterator<Item = (&'a [u8], Hash)>,
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
    let mut rule_files: Vec<_> = rule_files.into_iter().collect();
    rule_files.sort_unstable();
    for (path, content) in rule_files {
        hasher.part(b'f', path);
        hasher.part(b'#', &content);
    }
    hasher.0.finish()
}

/// Hashes what one route answers.
#[derive(Debug)]
pub struct AnswerHasher(Hasher);

impl AnswerHasher {
    /// Adds a representation; identity comes first, then the others from small to large.
    pub fn representation(&mut self, coding: ContentCoding, head: &[u8], content: &Hash) {
        self.part(b'c', coding.token().as_bytes());
        self.part(b'h', head);
        self.part(b'#', content);
    }

    /// Adds the head of a redirect.
    pub fn redirect(&mut self, head: &[u8]) {
        self.part(b'>', head);
    }

    /// Adds the parts of the head of a redirect before and after the rest of the path.
    pub fn splat_redirect(&mut self, before: &[u8], after: &[u8]) {
        self.part(b'<', before);
        self.part(b'>', after);
    }

    /// Adds that nothing is known of what the route answers.
    pub fn damaged(&mut self) {
        self.part(b'?', b"");
    }

    /// With its length, so that the bytes of two different sites are never the same.
    fn part(&mut self, tag: u8, bytes: &[u8]) {
        self.0.update(&[tag]);
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::{MatchKind::*, *};

    fn hash_of(routes: &[(MatchKind, &str)], rule_files: &[&str]) -> Hash {
        let listed =
            |&(match_kind, key)| ListedRoute { match_kind, key, route: format!("to {key}") };
        let answer = |route: &String, hasher: &mut AnswerHasher| hasher.redirect(route.as_bytes());
        let rule_files = rule_files.iter().map(|path| (path.as_bytes(), [0; 32]));
        root_hash(routes.iter().map(listed).collect(), answer, rule_files)
    }

    #[test]
    fn the_root_hash_depends_on_the_order_only_where_the_answers_do() {
        let routes =
            [(Exact, "/a"), (Exact, "/b"), (Below, "/x/"), (Below, "/y/"), (NotFound, "/")];
        let files = ["_headers", "_redirects"];
        let expected = hash_of(&routes, &files);
        let swapped = |a: usize, b: usize| {
            let mut swapped = routes;
            swapped.swap(a, b);
            swapped
        };
        assert_eq!(hash_of(&routes, &["_redirects", "_headers"]), expected);
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
