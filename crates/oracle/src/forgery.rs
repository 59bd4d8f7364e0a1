//! Any payload with valid hashes, as an attacker can write one: it is rejected, or listed and
//! served without a panic and in finite time. Its content can be anything, so it is compared only
//! if its root hash is that of the original.

use std::sync::OnceLock;

use chapbook::site::{Listed, MatchKind, Route, Site};
use chapbook_format::{
    PathFields, digest,
    payload::{BLOCK, Header, PAGE, TRAILER},
};

use crate::payload::{edited, open, payload, responses};

/// Offsets of the header and the index (see `crates/format/src/payload`).
const INDEX_LENGTH_AT: usize = 16;
const RECORDS_LENGTH_AT: usize = 24;
const CONTENTS_LENGTH_AT: usize = 32;
const CHECKSUM_AT: usize = 72;
const SLOTS_AT: usize = Header::LENGTH + 8;
const ROWS_AT: usize = Header::LENGTH + 32;

/// Makes the hashes, the length of the contents and the trailer of a payload match the rest, as far
/// as possible.
pub fn update_hashes(bytes: &mut [u8]) {
    // A payload without an index is rejected anyway.
    let _ = try_update_hashes(bytes);
}

fn try_update_hashes(bytes: &mut [u8]) -> Option<()> {
    let total = bytes.len();
    let index_length = number::<8>(bytes, INDEX_LENGTH_AT)?;
    let records_length = number::<8>(bytes, RECORDS_LENGTH_AT)?;
    let index_end = Header::LENGTH.checked_add(index_length)?;
    let records_end = index_end.checked_add(records_length)?;
    let contents_end = total.checked_sub(TRAILER.len())?;
    let contents_at = records_end.checked_next_multiple_of(usize::try_from(PAGE).ok()?)?;
    let contents_length = contents_end.checked_sub(contents_at)? as u64;
    bytes[CONTENTS_LENGTH_AT..][..8].copy_from_slice(&contents_length.to_le_bytes());
    bytes[contents_end..].copy_from_slice(&TRAILER);
    update_block_hashes(bytes, index_end, records_end);
    let hashed = [&bytes[..CHECKSUM_AT], &bytes[Header::LENGTH..index_end]].concat();
    bytes[CHECKSUM_AT..Header::LENGTH].copy_from_slice(&digest::of(&hashed));
    Some(())
}

/// Writes the hash of each block of records, if the index has space for them.
fn update_block_hashes(bytes: &mut [u8], index_end: usize, records_end: usize) -> Option<()> {
    let rows = number::<4>(bytes, SLOTS_AT)?.checked_add(number::<4>(bytes, SLOTS_AT + 4)?)?;
    let start = rows.checked_mul(8)?.checked_add(ROWS_AT)?;
    let (index, records) = bytes.get_mut(..records_end)?.split_at_mut_checked(index_end)?;
    let hashes = index.get_mut(start..)?.as_chunks_mut().0;
    for (hash, block) in hashes.iter_mut().zip(records.chunks(BLOCK as usize)) {
        *hash = digest::of(block);
    }
    Some(())
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let mut number = [0; 8];
    number[..N].copy_from_slice(bytes.get(at..at.checked_add(N)?)?);
    usize::try_from(u64::from_le_bytes(number)).ok()
}

/// Lists and serves a forged payload. Returns whether it could be opened.
pub fn check(bytes: Vec<u8>) -> bool {
    static ORIGINAL: OnceLock<Site<'static>> = OnceLock::new();
    let length = bytes.len();
    let is_forged = bytes != payload();
    let Ok(site) = open(bytes) else { return false };
    let all = responses(site);
    assert!(all.iter().all(|it| !it.is_empty()), "a request got no response");
    let routes = site.routes();
    // Each of them takes more than a byte of the payload.
    assert!(routes.len() < length && site.files().len() < length);
    for Listed { match_kind, key, .. } in &routes {
        let (found, below, page) = (site.find(key), site.find_below(key), site.not_found(key));
        let is_found = match match_kind {
            // A forged slot can refer to another key.
            MatchKind::Exact => is_forged || found.is_some(),
            // Rewrites do not apply to assets.
            MatchKind::Below => below.is_some() || key.contains(&b'.'),
            MatchKind::NotFound => page.is_some(),
        };
        assert!(is_found, "{} is listed and not found", key.escape_ascii());
    }
    let damage = site.verify_all();
    assert!(is_forged || damage.is_empty(), "{damage:?}");
    let original = *ORIGINAL.get_or_init(|| open(payload().to_vec()).expect("it is intact"));
    if site.computed_root_hash() == *original.root_hash() {
        assert_eq!(everything(site), everything(original), "two sites have the same hash");
    }
    true
}

/// Everything that the root hash covers.
#[derive(Debug, PartialEq, Eq)]
struct Everything {
    /// Each key with its heads and contents.
    routes: Vec<(MatchKind, Vec<u8>, Vec<Vec<u8>>)>,
    path_fields: Vec<PathFields<&'static [u8]>>,
    /// Each path with its content.
    files: Vec<(&'static [u8], &'static [u8])>,
}

fn everything(site: Site<'static>) -> Everything {
    let parts = |route| match route {
        Route::Resource(resource) => {
            let representations = resource.representations();
            representations.flat_map(|it| [it.head.text(), it.content.bytes().to_vec()]).collect()
        }
        Route::Redirect(head) => {
            let inserts = format!("{} {}", head.splat_at.is_some(), head.query_at.is_some());
            head.parts().map(<[u8]>::to_vec).into_iter().chain([inserts.into_bytes()]).collect()
        }
        Route::Damaged => vec![],
    };
    let routes = site.routes().into_iter();
    Everything {
        routes: routes.map(|it| (it.match_kind, it.key.to_vec(), parts(it.route))).collect(),
        path_fields: site.all_path_fields(),
        files: site.files().iter().map(|it| (it.path, it.content.bytes())).collect(),
    }
}

/// Checks bytes as a payload, or as edits of the small payload, with valid hashes or not. The first
/// byte selects the variant.
pub fn run(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let mut bytes = if choice & 1 == 0 { edited(rest) } else { rest.to_vec() };
    if choice & 2 == 0 {
        update_hashes(&mut bytes);
    }
    check(bytes);
}
