//! Fingerprinted names: names that change with the content of a file, such as those of bundlers.
//!
//! Clients may cache such a file for a year, so a name counts only if it is certain. A hash of
//! eight characters may look like a word, and the name of a product like a hash: the names of a
//! folder are evaluated together.

mod folders;
mod hash;
mod name;
mod uuid;
mod words;

pub(super) use self::folders::Fingerprints;
