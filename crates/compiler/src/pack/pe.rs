//! The section of a Windows executable: appended to the file, so that nothing in it moves. It is
//! written sequentially, so the site is never completely in memory.
//!
//! The loader maps the section, and starts no file that was cut short.

use chapbook_format::{
    payload::PAGE,
    section_header::BaseInfo,
    stamp::{Section, Stamp},
};

use super::{
    fields::put,
    packed::{HEAD_LENGTH, Packed, WriteError},
    pe_headers::{Headers, NewSection},
};
use crate::{sink::Sink, write::Payload};

const NAME: [u8; 8] = *b"chapbook";

/// Writes an executable with this payload.
pub(super) fn write(
    image: &[u8],
    stamp_at: usize,
    payload: &Payload,
    to: &mut dyn Sink,
) -> Result<Packed, WriteError> {
    let headers = Headers::read(image)?;
    let length = image.len() as u64;
    // Both are powers of two.
    let alignment = headers.file_alignment().max(PAGE);
    let at = length.next_multiple_of(alignment);
    let head = &image[..HEAD_LENGTH.min(image.len())];
    let info = BaseInfo { head, length, cut: length, gap: 0 };
    // The payload begins at a page, so that its contents are aligned, too.
    let unpadded = info.to_header(&[]).len() as u64;
    let padding = unpadded.next_multiple_of(PAGE) - unpadded;
    let section_header = info.to_header(&vec![0; usize::try_from(padding).unwrap_or(0)]);
    let section = Section { at, length: section_header.len() as u64 + payload.length() };
    let in_file = section.length.next_multiple_of(alignment);

    let mut base = image.to_vec();
    headers.add(&NewSection { name: NAME, at, length: in_file }, &mut base);
    put(&mut base, stamp_at, &Stamp::Packed(section).bytes());
    to.write_all(&base)?;
    drop(base);
    to.write_zeros(at - length)?;
    to.write_all(&section_header)?;
    payload.write(to)?;
    to.write_zeros(in_file - section.length)?;
    Ok(Packed { stamp_at: stamp_at as u64, section })
}
