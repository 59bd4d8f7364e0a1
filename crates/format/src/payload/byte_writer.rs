//! Writing numbers and byte strings for [`super::byte_reader`].

use std::fmt;

/// The site has more or longer files, names or fields than the integers of the format can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadTooLarge;

impl fmt::Display for PayloadTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot store the site: it has more files than the format can hold")
    }
}

impl std::error::Error for PayloadTooLarge {}

/// Appends a length or count.
pub(super) fn push_length(to: &mut Vec<u8>, length: usize) -> Result<(), PayloadTooLarge> {
    to.extend(u32::try_from(length).map_err(|_| PayloadTooLarge)?.to_le_bytes());
    Ok(())
}

/// Appends a number of at most 40 bits.
pub(super) fn push_u40(to: &mut Vec<u8>, number: u64) -> Result<(), PayloadTooLarge> {
    let [bytes @ .., 0, 0, 0] = number.to_le_bytes() else { return Err(PayloadTooLarge) };
    to.extend(bytes);
    Ok(())
}

/// Appends a number with seven bits in each byte, the lowest first.
pub(super) fn push_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    to.push((number & 0x7F) as u8);
}

/// Appends bytes after their length.
pub(super) fn push_text(to: &mut Vec<u8>, text: &[u8]) -> Result<(), PayloadTooLarge> {
    let length = u32::try_from(text.len()).map_err(|_| PayloadTooLarge)?;
    push_number(to, length.into());
    to.extend(text);
    Ok(())
}

/// Appends a part that starts with its length. Returns the position of the part.
pub(super) fn push_part(
    to: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), PayloadTooLarge>,
) -> Result<u32, PayloadTooLarge> {
    let start = to.len();
    to.extend([0; 4]);
    write(to)?;
    let length = u32::try_from(to.len() - start).map_err(|_| PayloadTooLarge)?;
    to[start..start + 4].copy_from_slice(&length.to_le_bytes());
    u32::try_from(start).map_err(|_| PayloadTooLarge)
}
