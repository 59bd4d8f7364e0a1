//! This file owns the site that was bound into the executable when it was built: what `build.rs`
//! wrote, made into what the door gives out.

#![allow(clippy::unreadable_literal, reason = "the perfect hash's key is nobody's to read")]

use chapbook_bundle::ContentCoding;
use include_dir::{Dir, DirEntry, include_dir};

use super::{Content, Head, NotFoundPage, PatternRoute, Place, Representation, Resource, Route};

include!(concat!(env!("OUT_DIR"), "/routes.rs"));

/// The n-th embedded file. It is found while compiling: `Dir::get_file` would walk the whole list
/// at every call.
const fn content(index: usize) -> Content {
    match &CONTENTS.entries()[index] {
        DirEntry::File(file) => Content(Place::Executable(file)),
        DirEntry::Dir(_) => panic!("the site compiler stages files only"),
    }
}
