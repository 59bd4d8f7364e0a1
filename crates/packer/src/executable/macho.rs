//! The section of a macOS executable: in a segment of its own before `__LINKEDIT`, which has to be
//! the last one. It is written sequentially, so the site is never completely in memory.
//!
//! The kernel starts no file that was cut short.

use std::io;

use chapbook_compiler::{Payload, Sink};
use chapbook_format::{
    section_header::BaseInfo,
    stamp::{Section, Stamp},
};

use super::{
    code_signature::{self, SignedSink},
    fields::put,
    macho_headers::{Headers, NewSegment},
    packed::{HEAD_LENGTH, Packed, WriteError},
};
use crate::app::Seal;

/// Writes an executable with this payload. The seal is that of the app around it.
pub(super) fn write(
    image: &[u8],
    stamp_at: usize,
    seal: Option<&Seal>,
    payload: &Payload,
    to: &mut dyn Sink,
) -> Result<Packed, WriteError> {
    let headers = Headers::read(image)?;
    let at = headers.linkedit_at();
    // The signature is replaced by another one, so the section keeps it.
    let kept = headers.signature_at().and_then(|at| usize::try_from(at).ok());
    let (rest, signature) = image.split_at(kept.unwrap_or(image.len()).min(image.len()));
    let info = BaseInfo {
        head: &image[..HEAD_LENGTH.min(image.len())],
        length: rest.len() as u64,
        cut: at,
        gap: 0,
    };
    let length = info.to_header(signature).len() as u64 + payload.length();
    let mut segment = NewSegment { length, signature_length: 0 };
    let section_header = BaseInfo { gap: segment.padded(), ..info }.to_header(signature);
    let section = Section { at, length };

    let mut base = rest.to_vec();
    if headers.signature_at().is_some() {
        segment.signature_length =
            code_signature::length(rest.len() as u64 + segment.padded(), seal);
    }
    headers.insert(&segment, &mut base);
    put(&mut base, stamp_at, &Stamp::Packed(section).bytes());
    let (before, linkedit) = base.split_at(usize::try_from(at).unwrap_or(base.len()));
    let write_all = |to: &mut dyn Sink| -> io::Result<()> {
        to.write_all(before)?;
        to.write_all(&section_header)?;
        payload.write(to)?;
        to.write_zeros(segment.padded() - length)?;
        to.write_all(linkedit)
    };
    if headers.signature_at().is_some() {
        let mut signed = SignedSink::new(to);
        write_all(&mut signed)?;
        signed.finish(headers.text(), seal)?;
    } else {
        write_all(to)?;
    }
    Ok(Packed { stamp_at: stamp_at as u64, section })
}
