//! This file owns how Windows and macOS executables carry a section: a resource and a section,
//! which `libsui` writes, and which are signed anew where the system wants that. Both are built in
//! memory.

use std::io::Write;

use libsui::{Macho, PortableExecutable, apple_codesign::MachoSigner, utils};

use super::{HEAD, Packed};
use crate::write::Payload;
use chapbook_format::{
    section_header::{self, BaseInfo, SECTION},
    stamp::{Section, Stamp},
};

/// Whether these are the first bytes of a Windows or macOS executable.
pub(super) fn is_known(image: &[u8]) -> bool {
    utils::is_pe(image) || utils::is_macho(image)
}

/// An executable that carries this payload, or why there is none.
pub(super) fn build(
    image: &[u8],
    stamp_at: usize,
    payload: &Payload,
) -> Result<(Vec<u8>, Packed), String> {
    let origin = BaseInfo {
        head: &image[..HEAD.min(image.len())],
        length: image.len() as u64,
        cut: 0,
        gap: 0,
    };
    let mut section = origin.to_header(&[]);
    let lead_length = section.len();
    payload.write(&mut section).map_err(|error| error.to_string())?;
    let length = section.len();
    // A copy, by which the section is found in what was built.
    let beginning = section[..lead_length].to_vec();

    let mut built = insert(image, section)?;
    let at = memchr::memmem::find(&built, &beginning).ok_or("the section was not written")?;
    let (cut, gap) = cut_and_gap(image, &built).ok_or("the executable was changed elsewhere")?;
    section_header::set_cut(&mut built[at..], cut, gap)
        .ok_or("the section was not written whole")?;
    let section = Section { at: at as u64, length: length as u64 };
    let stamp = Stamp::Packed(section).bytes();
    let stamp_at = match stamp_at as u64 {
        before if before < cut => stamp_at,
        _ => stamp_at + usize::try_from(gap).unwrap_or(0),
    };
    let place = built.get_mut(stamp_at..stamp_at + stamp.len());
    place.ok_or("the stamp is not where it was")?.copy_from_slice(&stamp);
    Ok((sign(built)?, Packed { stamp_at: stamp_at as u64, section }))
}

fn insert(image: &[u8], section: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut built = Vec::with_capacity(image.len() + section.len());
    let outcome = if utils::is_pe(image) {
        PortableExecutable::from(image)
            .and_then(|it| it.write_resource(SECTION, section))
            .and_then(|it| it.build(&mut built))
    } else {
        Macho::from(image.to_vec())
            .and_then(|it| it.write_section(SECTION, section))
            .and_then(|it| it.build(&mut built))
    };
    outcome.map_err(|error| error.to_string())?;
    Ok(built)
}

/// Where something was put in, and how much: behind the head, nothing else may have changed.
fn cut_and_gap(image: &[u8], built: &[u8]) -> Option<(u64, u64)> {
    let gap = built.len().checked_sub(image.len())?;
    let behind = image.get(HEAD..)?.iter().zip(built.get(HEAD..)?);
    let cut = HEAD + behind.take_while(|(a, b)| a == b).count();
    let is_same = image.get(cut..)? == built.get(cut + gap..)?;
    is_same.then_some((cut as u64, gap as u64))
}

/// macOS on its own processors starts only what is signed, if only by nobody.
fn sign(built: Vec<u8>) -> Result<Vec<u8>, String> {
    const ARM_64: &[u8] = &[0x0C, 0, 0, 1];
    if !utils::is_macho(&built) || built.get(4..8) != Some(ARM_64) {
        return Ok(built);
    }
    let mut signed = Vec::with_capacity(built.len());
    MachoSigner::new(built)
        .and_then(|signer| signer.sign(&mut signed as &mut dyn Write))
        .map_err(|error| error.to_string())?;
    Ok(signed)
}
