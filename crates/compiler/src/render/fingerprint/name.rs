//! The parts of a file name that may be a hash.

use super::{
    hash::{self, Alphabet, Certainty, SHORT},
    uuid,
};

/// The name of a file that may have a fingerprint.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    stem: &'a str,
    extension: &'a str,
}

/// Extensions of files that are never immutable: people request pages by name, and browsers look
/// for another version of a manifest.
const NEVER: [&str; 4] = ["html", "htm", "xhtml", "webmanifest"];

/// Extensions of files that bundlers write. People name pictures and documents after products.
const BUNDLED: [&str; 9] = ["js", "mjs", "cjs", "css", "wasm", "woff", "woff2", "ttf", "otf"];

/// Suffixes that are added to the name of another file.
const ADDED: [&str; 4] = [".gz", ".br", ".map", ".LICENSE.txt"];

/// Names of service workers. Browsers request the same name again to update one.
const WORKERS: [&str; 3] = ["sw", "service-worker", "serviceworker"];

impl<'a> Name<'a> {
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        let described =
            ADDED.iter().fold(name, |name, added| name.strip_suffix(added).unwrap_or(name));
        let (stem, extension) = described.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
        let is_never = NEVER.iter().any(|it| extension.eq_ignore_ascii_case(it));
        let is_worker = extension == "js"
            && WORKERS
                .iter()
                .any(|it| stem.strip_prefix(it).is_some_and(|rest| rest.starts_with(['.', '-'])));
        (!is_never && !is_worker).then_some(Self { stem, extension })
    }

    /// Whether it is a file that bundlers write.
    pub(super) fn is_bundled(&self) -> bool {
        BUNDLED.contains(&self.extension)
    }

    /// The parts that may be a hash of eight characters: between dots, or at the end after a
    /// hyphen, since the alphabet may contain hyphens.
    pub(super) fn short_hashes(self) -> impl Iterator<Item = (&'a str, Alphabet, Certainty)> {
        let parts = self.stem.split('.').enumerate().filter_map(|(index, part)| {
            let at = part.len().checked_sub(SHORT)?;
            let (before, end) = part.split_at_checked(at)?;
            let is_separated = if before.is_empty() { index > 0 } else { before.ends_with('-') };
            is_separated.then_some(end)
        });
        // A word of eight characters is part of a longer one in `well-document`.
        parts.filter_map(|text| hash::short(text).map(|(alphabet, it)| (text, alphabet, it)))
    }

    /// How certain it is that the name contains a hexadecimal hash, of any length.
    pub(super) fn hexadecimal(&self) -> Certainty {
        // Doxygen names folders by the MD5 hash of their path, as in `dir_3f2a...1b_dep.svg`.
        if uuid::is_in(self.stem) || self.stem.starts_with("dir_") {
            return Certainty::Never;
        }
        let parts = self.stem.split(['.', '-', '_']).skip(1);
        parts.map(hash::hexadecimal).max().unwrap_or(Certainty::Never)
    }

    /// Whether a part of the name is either an MD5 hash or a UUID without its hyphens.
    pub(super) fn is_hash_or_uuid(&self) -> bool {
        self.stem.split(['.', '-', '_']).skip(1).any(uuid::may_be)
    }

    /// Whether a part of the name is an MD5 hash and not a UUID.
    pub(super) fn has_md5(&self) -> bool {
        const LENGTH: usize = 32;
        let is_md5 = |it: &str| it.len() == LENGTH && hash::hexadecimal(it) == Certainty::Certain;
        self.stem.split(['.', '-', '_']).skip(1).any(is_md5)
    }

    /// Whether it is a part of the index that Pagefind names after its content.
    pub(super) fn is_in_search_index(&self) -> bool {
        let is_hash = |(_, hash): (&str, &str)| {
            hash.len() >= 7 && hash.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
        };
        matches!(self.extension, "pf_fragment" | "pf_index" | "pf_meta" | "pf_filter")
            && self.stem.rsplit_once('_').is_some_and(is_hash)
    }
}
