//! The section of Windows and macOS executables: a resource (PE) or a section (Mach-O), written by
//! `libsui` in memory.

use std::io::Write;

use chapbook_format::{
    section_header::{self, BaseInfo, SECTION},
    stamp::{self, Section, Stamp},
};
use libsui::{Macho, PortableExecutable, apple_codesign::MachoSigner, utils};

use super::{
    macho_headers,
    packed::{HEAD_LENGTH, Packed},
};
use crate::write::Payload;

/// Builds an executable with this payload. The error is a reason.
pub(super) fn build(
    image: &[u8],
    stamp_at: usize,
    payload: &Payload,
) -> Result<(Vec<u8>, Packed), String> {
    let head = &image[..HEAD_LENGTH.min(image.len())];
    // The signature is replaced by another one, so the section keeps it.
    let (rest, signature) = image.split_at(signature_at(image).unwrap_or(image.len()));
    let info = BaseInfo { head, length: rest.len() as u64, cut: 0, gap: 0 };
    let mut section = info.to_header(signature);
    let header_length = section.len();
    payload.write(&mut section).map_err(|error| error.to_string())?;
    let length = section.len();
    // Used to find the section in the result.
    let header = section[..header_length].to_vec();

    let mut built = insert(image, section)?;
    let at = memchr::memmem::find(&built, &header).ok_or("the section was not written")?;
    let (cut, gap) =
        cut_and_gap(image, &built).ok_or("libsui changed other parts of the executable")?;
    section_header::set_cut(&mut built[at..], cut, gap).ok_or("the section is incomplete")?;
    let section = Section { at: at as u64, length: length as u64 };
    // It is searched before the site, so that the site need not be read.
    if stamp_at as u64 >= cut {
        return Err("its stamp is after the position of a site".to_owned());
    }
    let field = built.get_mut(stamp_at..stamp_at + stamp::LENGTH);
    let field = field.filter(|it| **it == Stamp::Blank.bytes());
    field.ok_or("its stamp was changed")?.copy_from_slice(&Stamp::Packed(section).bytes());
    Ok((sign(built)?, Packed { stamp_at: stamp_at as u64, section }))
}

fn signature_at(image: &[u8]) -> Option<usize> {
    macho_headers::replaced_signature_at(image).filter(|_| utils::is_macho(image))
}

fn insert(image: &[u8], section: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut built = Vec::with_capacity(image.len() + section.len());
    let result = if utils::is_pe(image) {
        PortableExecutable::from(image)
            .and_then(|it| it.write_resource(SECTION, section))
            .and_then(|it| it.build(&mut built))
    } else {
        Macho::from(image.to_vec())
            .and_then(|it| it.write_section(SECTION, section))
            .and_then(|it| it.build(&mut built))
    };
    result.map_err(|error| error.to_string())?;
    Ok(built)
}

/// The offset and length of the inserted bytes; `None` if anything else changed after the head.
fn cut_and_gap(image: &[u8], built: &[u8]) -> Option<(u64, u64)> {
    let gap = built.len().checked_sub(image.len())?;
    let after_head = image.get(HEAD_LENGTH..)?.iter().zip(built.get(HEAD_LENGTH..)?);
    let cut = HEAD_LENGTH + after_head.take_while(|(a, b)| a == b).count();
    let is_same = image.get(cut..)? == built.get(cut + gap..)?;
    is_same.then_some((cut as u64, gap as u64))
}

/// Signs an executable for Apple silicon.
fn sign(built: Vec<u8>) -> Result<Vec<u8>, String> {
    if !utils::is_macho(&built) || !macho_headers::is_arm(&built) {
        return Ok(built);
    }
    let mut signed = Vec::with_capacity(built.len());
    MachoSigner::new(built)
        .and_then(|signer| signer.sign(&mut signed as &mut dyn Write))
        .map_err(|error| error.to_string())?;
    Ok(signed)
}
