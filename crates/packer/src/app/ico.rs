//! Windows icons: files with a picture per size, each a bitmap or a PNG.

use super::{
    image::{Image, PIXEL},
    png::{self, CUT_SHORT, DAMAGED, UNSUPPORTED},
    png_encoder,
};

/// The start of a file: a reserved number, and the type of its pictures.
pub(super) const SIGNATURE: &[u8] = b"\0\0\x01\0";
const DIRECTORY: usize = 6;
const ENTRY: usize = 16;
const BITMAP_HEADER: usize = 40;
/// Maximum number of pictures that are read. Each size and colour depth has one.
const PICTURES_MAX: usize = 32;
/// Maximum width and height of one of them. An icon has 256 pixels at most.
const PICTURE_SIDE_MAX: usize = 1024;
/// From this size on, a picture is stored as PNG: some programs read smaller ones as bitmaps only.
const PNG_FROM: usize = 256;

/// The entries of the directory of an icon file, those with alpha first.
fn entries(file: &[u8]) -> Option<Vec<&[u8]>> {
    let count = usize::from(u16::from_le_bytes([*file.get(4)?, *file.get(5)?]));
    let table = file.get(DIRECTORY..)?.chunks_exact(ENTRY);
    let entries = table.take(count.min(PICTURES_MAX));
    // The number of bits of a pixel.
    let (mut entries, others): (Vec<_>, Vec<_>) = entries.partition(|entry| entry[6] == 32);
    entries.extend(others);
    file.starts_with(SIGNATURE).then_some(entries)
}

/// The size of the largest picture, as the first bytes of the file claim.
pub(super) fn size(file: &[u8]) -> Option<usize> {
    let width = |entry: &&[u8]| if entry[0] == 0 { 256 } else { usize::from(entry[0]) };
    entries(file)?.iter().map(width).max()
}

/// Decodes the pictures of an icon file, and passes each to `add`. Those that cannot be used are
/// left out, unless none can.
pub(super) fn decode(file: &[u8], mut add: impl FnMut(&Image)) -> Result<(), &'static str> {
    let mut result = Err(DAMAGED);
    for entry in entries(file).ok_or(DAMAGED)? {
        let picture = picture(file, entry).and_then(|picture| match png::size(picture) {
            Some((width, height)) if width.max(height) > PICTURE_SIDE_MAX => Err(UNSUPPORTED),
            Some(_) => png::decode(picture),
            None => decode_bitmap(picture),
        });
        match picture {
            Ok(image) => {
                add(&image);
                result = Ok(());
            }
            Err(reason) => result = result.map_err(|_| reason),
        }
    }
    result
}

/// The picture of an entry of the directory.
fn picture<'a>(file: &'a [u8], entry: &[u8]) -> Result<&'a [u8], &'static str> {
    let (length, at) = (number(entry, 8)?, number(entry, 12)?);
    file.get(at..at.checked_add(length).ok_or(CUT_SHORT)?).ok_or(CUT_SHORT)
}

/// A number with 32 bits.
fn number(bytes: &[u8], at: usize) -> Result<usize, &'static str> {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk).ok_or(CUT_SHORT)?;
    usize::try_from(u32::from_le_bytes(*field)).map_err(|_| DAMAGED)
}

/// Decodes a bitmap: its header, its palette, its colours, and a mask with a bit for each
/// transparent pixel. Rows begin at the bottom and have a multiple of four bytes.
fn decode_bitmap(bytes: &[u8]) -> Result<Image, &'static str> {
    let header_length = number(bytes, 0)?;
    let (width, doubled) = (number(bytes, 4)?, number(bytes, 8)?);
    // The height includes the mask.
    let height = doubled / 2;
    let bits = number(bytes, 12)? >> 16;
    let is_compressed = number(bytes, 16)? != 0;
    let is_large = width.max(height) > PICTURE_SIDE_MAX;
    let is_known = !is_compressed && [1, 4, 8, 24, 32].contains(&bits);
    if header_length < BITMAP_HEADER || is_large || !is_known {
        return Err(UNSUPPORTED);
    }
    let mut image = Image::new(width, height).ok_or(png::TOO_LARGE)?;
    let colors = match number(bytes, 32)? {
        _ if bits > 8 => 0,
        0 => 1 << bits,
        used => used.min(1 << bits),
    };
    let palette = bytes.get(header_length..).ok_or(CUT_SHORT)?;
    let (palette, data) = palette.split_at_checked(colors * 4).ok_or(CUT_SHORT)?;
    let row_length = (width * bits).div_ceil(32) * 4;
    let (rows, mask) = data.split_at_checked(row_length * height).ok_or(CUT_SHORT)?;
    let mask_length = width.div_ceil(32) * 4;
    // Pictures with alpha often have no mask. Before Windows XP, the fourth byte was zero.
    let has_alpha = bits == 32 && rows.iter().skip(3).step_by(4).any(|alpha| *alpha != 0);
    for (number, row) in rows.chunks_exact(row_length).enumerate() {
        let mask_row = mask.get(number * mask_length..).unwrap_or_default();
        for x in 0..width {
            let pixel = bitmap_pixel(row, palette, bits, x).ok_or(DAMAGED)?;
            let is_masked = mask_row.get(x / 8).is_some_and(|byte| byte >> (7 - x % 8) & 1 == 1);
            let alpha = match (has_alpha, is_masked) {
                (true, _) => row[x * 4 + 3],
                (false, masked) => {
                    if masked {
                        0
                    } else {
                        255
                    }
                }
            };
            let [blue, green, red] = pixel;
            image.set(x, height - 1 - number, [red, green, blue, alpha]);
        }
    }
    Ok(image)
}

/// The blue, green and red of a pixel; `None` if its colour is not in the palette.
fn bitmap_pixel(row: &[u8], palette: &[u8], bits: usize, x: usize) -> Option<[u8; 3]> {
    if bits > 8 {
        return row.get(x * bits / 8..)?.first_chunk().copied();
    }
    let byte = usize::from(*row.get(x * bits / 8)?);
    let index = byte >> (8 - bits - x * bits % 8) & ((1 << bits) - 1);
    palette.get(index * 4..)?.first_chunk().copied()
}

/// A square picture as it is stored in an icon file or in a resource.
pub(super) fn encode(image: &Image) -> Vec<u8> {
    let size = image.size();
    if size >= PNG_FROM {
        return png_encoder::encode(image);
    }
    let mask_length = size.div_ceil(32) * 4;
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = Vec::new();
    for field in [BITMAP_HEADER, size, size * 2, 32 << 16 | 1, 0] {
        bytes.extend(number(field));
    }
    bytes.extend(number(size * (size * PIXEL + mask_length)));
    bytes.extend([0; 16]);
    for row in image.rows().rev() {
        for pixel in row.chunks_exact(PIXEL) {
            bytes.extend([pixel[2], pixel[1], pixel[0], pixel[3]]);
        }
    }
    for row in image.rows().rev() {
        let mut mask = vec![0_u8; mask_length];
        for (x, pixel) in row.chunks_exact(PIXEL).enumerate() {
            if pixel[3] == 0 {
                mask[x / 8] |= 0x80 >> (x % 8);
            }
        }
        bytes.extend(mask);
    }
    bytes
}
