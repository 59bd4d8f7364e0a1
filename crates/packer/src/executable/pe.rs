//! The sections of a Windows executable: its resources and the site, appended to the file, so that
//! nothing in it moves. The site is written sequentially, so it is never completely in memory.
//!
//! The loader maps the sections, and starts no file that was cut short.

use chapbook_compiler::{Payload, Sink};
use chapbook_format::{
    payload::PAGE,
    section_header::BaseInfo,
    stamp::{Section, Stamp},
};

use super::{
    fields::put,
    packed::{HEAD_LENGTH, Packed, WriteError},
    pe_headers::{Headers, NewSection},
    pe_resources::ResourceTree,
    windows_app::WindowsApp,
};

const NAME: [u8; 8] = *b"chapbook";
const RESOURCES_NAME: [u8; 8] = *b".rsrc\0\0\0";

/// Writes an executable with this payload.
pub(super) fn write(
    image: &[u8],
    stamp_at: usize,
    app: Option<&WindowsApp<'_>>,
    payload: &Payload,
    to: &mut dyn Sink,
) -> Result<Packed, WriteError> {
    let headers = Headers::read(image)?;
    let length = image.len() as u64;
    // Both are powers of two.
    let alignment = headers.file_alignment().max(PAGE);
    let resources_at = length.next_multiple_of(alignment);
    // A base with damaged resources keeps them.
    let tree = app.zip(resources_of(image, stamp_at).ok());
    let resources = tree.map(|(app, tree)| app.resources(tree, headers.next_address()));
    let resources_length = resources.as_ref().map_or(0, Vec::len) as u64;
    let padded = resources_length.next_multiple_of(alignment);
    let at = resources_at + padded;
    let head = &image[..HEAD_LENGTH.min(image.len())];
    let info = BaseInfo { head, length, cut: length, gap: 0 };
    // The payload begins at a page, so that its contents are aligned, too.
    let unpadded = info.to_header(&[]).len() as u64;
    let padding = unpadded.next_multiple_of(PAGE) - unpadded;
    let section_header = info.to_header(&vec![0; usize::try_from(padding).unwrap_or(0)]);
    let section = Section { at, length: section_header.len() as u64 + payload.length() };
    let in_file = section.length.next_multiple_of(alignment);

    let mut base = image.to_vec();
    let mut sections = vec![NewSection { name: NAME, at, length: in_file }];
    if let Some(resources) = &resources {
        let first = NewSection { name: RESOURCES_NAME, at: resources_at, length: padded };
        sections.insert(0, first);
        headers.set_resources(resources.len(), &mut base);
    }
    headers.add(&sections, &mut base);
    if app.is_some_and(|app| !app.has_console) {
        headers.remove_console(&mut base);
    }
    put(&mut base, stamp_at, &Stamp::Packed(section).bytes());
    to.write_all(&base)?;
    drop(base);
    to.write_zeros(resources_at - length)?;
    to.write_all(&resources.unwrap_or_default())?;
    to.write_zeros(padded - resources_length)?;
    to.write_all(&section_header)?;
    payload.write(to)?;
    to.write_zeros(in_file - section.length)?;
    Ok(Packed { stamp_at: stamp_at as u64, section })
}

/// The resources of a base that others can be added to. The error is a reason.
pub(super) fn resources_of(image: &[u8], stamp_at: usize) -> Result<ResourceTree, &'static str> {
    ResourceTree::read(Headers::read(image)?.resources(image, stamp_at)?)
}
