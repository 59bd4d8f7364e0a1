//! The format of a compiled site: keys, content codings, digests, the payload and the section of an
//! executable that contains it.
//!
//! **There is no stable API**: this is a part of Chapbook, and any version may change anything.
//!
//! The compiler writes it and the server reads it, so each part is encoded and decoded in one file.
//! There are no features, and nothing here prints, reads a clock or opens a file.

#![forbid(unsafe_code)]

mod asset_extensions;
mod content_coding;
pub mod digest;
pub mod path;
pub mod payload;
pub mod section_header;
pub mod stamp;

pub use crate::{
    content_coding::{ByCoding, ContentCoding},
    payload::{
        Head, PathFields, RedirectHead, Representation, SharedHead, SiteInfo, is_host_label,
    },
};
