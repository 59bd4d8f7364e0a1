//! A payload: a compiled site as bytes, which are used in place.
//!
//! # Notation
//!
//! Integers (u8, u16, u32, u40, u64) are little-endian and not aligned. A *hash* is a SHA-256, 32
//! bytes. A *varint* is an integer with seven bits in each byte, the lowest first; the high bit
//! says that another byte follows. A *text* is a varint length and that many bytes. A *part* is a
//! u32 length, which includes its own four bytes, and what the part contains. A *position* is an
//! offset from the start of the records, or in the index if that is named.
//!
//! # Layout
//!
//! ```text
//! header    lengths of the parts, root hash, checksum of header and index    header.rs
//! index     perfect hash, hashes of the records, patterns, not-found pages,  index.rs
//!           fields of paths, beginnings of heads
//! records   hashes of the contents and of their blocks, and then             content_hashes.rs
//!           files with the ends of their heads, and routes                   record.rs
//! zeros     up to a multiple of PAGE                                         alignment.rs
//! contents  each different content once, with zeros before those that        alignment.rs
//!           begin at a page
//! trailer   TRAILER, which shows that the end is present
//! ```
//!
//! The files named here document their part field by field, and both read and
//! write it. The same site always gives the same bytes.
//!
//! # Reading
//!
//! 1. Verify the checksum of the header and the index, the length of the payload, and the trailer.
//! 2. Look up the key of the request in the index. The result is the position of a record, if any.
//! 3. Before reading a record, verify each block of records that it overlaps (see [`BLOCK`]). The
//!    index has the hash of each block.
//! 4. If there is no record, or it has another key, the key has no exact route. Use the first
//!    pattern whose prefix the key starts with. A pattern for navigations only is skipped if the
//!    last segment of the key ends with an extension of assets (see `asset_extensions`).
//! 5. If no pattern matches either, use the first not-found page whose folder the key starts with.
//!    Its head does not have the fields of the path: use the first path fields that match the key.
//! 6. For a file, choose one of its representations. Its head, like that of a redirect, has its
//!    beginning in the index and its end in the record. Before sending a block of its content,
//!    verify the hash of the block (see [`CONTENT_BLOCK`]); like a record, a hash is read only
//!    after the block of records that contains it is verified.
//!
//! So the checksum of the header and the index covers every byte that is sent. The root hash (see
//! `root.rs`) covers contents by their SHA-256, whatever the length of a block: `verify` computes
//! that, too, and rejects a payload whose blocks have other hashes than its contents.
//!
//! Every read is bounds-checked: a forged payload with valid hashes is rejected, or serves the site
//! that it describes, but cannot do more.

mod alignment;
mod byte_reader;
mod byte_writer;
mod content_hashes;
mod directory;
mod head;
mod header;
mod index;
mod path_fields;
mod record;
mod redirect;
mod representation;
mod root;
mod shared_head;
mod site_info;

pub use self::{
    alignment::{ALIGNED_MIN, PAGE, content_offset, gaps},
    byte_writer::PayloadTooLarge,
    content_hashes::{CONTENT_BLOCK, ContentHasher, ContentHashes, block_count, block_hash_number},
    directory::Directory,
    head::Head,
    header::{Header, PayloadError},
    index::{IndexParts, NotFoundRow, PatternRow},
    path_fields::PathFields,
    record::Record,
    redirect::RedirectHead,
    representation::{ContentRecord, Representation, RepresentationRecord, Representations},
    root::{AnswerHasher, ListedRoute, MatchKind, root_hash, sort},
    shared_head::SharedHead,
    site_info::{SiteInfo, is_host_label},
};

/// The last bytes of a payload. They contain no zero byte: the system maps zeros past the end of a
/// truncated file.
pub const TRAILER: [u8; 16] = *b"\xE2\x9D\xA7 end of book\n";

/// The length of a block of records in bytes; the last block is shorter. A block is verified as a
/// unit: large enough that there are few hashes, small enough that verifying one takes no
/// noticeable time.
pub const BLOCK: u32 = 16 * 1024;
