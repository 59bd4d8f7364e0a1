//! A compiled site as bytes, which are looked up in where they lie: nothing is built from them.
//!
//! ```text
//! header    104 bytes, see `header.rs`; ends with the SHA-256 of itself and of the index
//! index     displacements and slots of the perfect hash, hashes of the blocks of records,
//!           rules with `*`, pages for what is not found, the title
//! records   one behind another: files with the heads of their representations, and routes; they
//!           are checked in blocks, each when it is needed first
//! contents  one behind another; each has its SHA-256 in its records
//! trailer   16 bytes, by which a payload that was cut short is known
//! ```
//!
//! Numbers are little-endian, nothing is aligned, and between the parts is nothing. Every read is
//! checked against the bounds, so that no payload, whoever wrote it, can do worse than to be found
//! damaged. The same site always gives the same bytes.

mod byte_reader;
mod directory;
mod header;
pub mod record;
mod root;

pub use self::{
    directory::{Directory, NO_DATE, NotFoundRow, PatternRow},
    header::{Header, PayloadError},
    record::{Record, RepresentationRecord, Span},
    root::{MatchKind, RootHasher},
};

/// What the last bytes of a payload are. They hold no zero: where a file was cut short, the system
/// gives zeros.
pub const TRAILER: [u8; 16] = *b"\xE2\x9D\xA7 end of book\n";

/// Records are checked in blocks of so many bytes: enough that their hashes are few, and so few
/// that a client does not notice when one is checked.
pub const BLOCK: u32 = 16 * 1024;
