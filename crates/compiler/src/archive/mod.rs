//! Archives that contain a site: zip, tar, and tar compressed with gzip.
//!
//! An archive is unpacked to a folder that nothing else uses, so that a site in an archive is
//! checked and packed like any other.

mod content_folder;
mod counted;
mod destination;
mod entry_path;
mod error;
mod format;
mod limits;
mod tar;
mod unpack;
mod zip;

pub use self::{
    error::ArchiveError,
    unpack::{Unpack, is_archive},
};
