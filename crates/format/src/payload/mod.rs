//! A compiled site as bytes. It is read in place: nothing is built from it.
//!
//! ```text
//! header    104 bytes, see `header.rs`; ends with the SHA-256 of itself and of the index
//! index     the perfect hash, the hashes of the blocks of records, rules with `*`, not-found
//!           pages and facts about the site, see `index.rs`
//! records   files with the heads of their representations, and routes, see `record.rs`; each
//!           block of them is verified when it is first needed
//! contents  one after another; the SHA-256 of each is in its records
//! trailer   16 bytes that show that the end is present
//! ```
//!
//! Numbers are little-endian and not aligned, and there is nothing between the parts. Every read is
//! bounds-checked: a forged payload is refused or answers as it says, and nothing worse. The same
//! site always gives the same bytes. Each part is read and written in one file, side by side.

mod byte_reader;
mod byte_writer;
mod directory;
mod head;
mod header;
mod index;
mod record;
mod representation;
mod root;
mod site_info;

pub use self::{
    byte_writer::PayloadTooLarge,
    directory::Directory,
    head::Head,
    header::{Header, PayloadError},
    index::{IndexParts, NotFoundRow, PatternRow},
    record::Record,
    representation::{ContentRecord, Representation, RepresentationRecord, Representations},
    root::{AnswerHasher, ListedRoute, MatchKind, root_hash, sort},
    site_info::SiteInfo,
};

/// The last bytes of a payload. They contain no zero: past the end of a file that was cut short,
/// the system maps zeros.
pub const TRAILER: [u8; 16] = *b"\xE2\x9D\xA7 end of book\n";

/// Records are verified in blocks of this many bytes: large enough that there are few hashes, small
/// enough that a client does not notice when a block is verified.
pub const BLOCK: u32 = 16 * 1024;
