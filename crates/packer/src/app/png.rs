//! Decoding PNG pictures (PNG specification, third edition). Rows are decoded one by one, so the
//! memory is that of the picture, whatever its data expands to.

use std::io::Read;

use flate2::{Crc, read::ZlibDecoder};

use super::image::{Image, PIXEL};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

pub(super) const CUT_SHORT: &str = "it is cut short";
pub(super) const DAMAGED: &str = "it is damaged";
pub(super) const UNSUPPORTED: &str = "it has an unsupported format";
pub(super) const TOO_LARGE: &str = "it is larger than 4096 × 4096 pixels";

/// The pixels of a pass of an interlaced picture: the first column and row, and the steps.
type Pass = [usize; 4];

const ONE_PASS: [Pass; 1] = [[0, 0, 1, 1]];
const INTERLACED: [Pass; 7] = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
];

/// The header of a picture (section 11.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    width: usize,
    height: usize,
    /// Bits per sample.
    depth: usize,
    color: Color,
    is_interlaced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Color {
    Gray,
    Rgb,
    Palette,
    GrayAlpha,
    Rgba,
}

impl Color {
    /// The number of samples of a pixel.
    fn samples(self) -> usize {
        match self {
            Self::Gray | Self::Palette => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

impl Header {
    fn read(data: &[u8]) -> Result<Self, &'static str> {
        let data: &[u8; 13] = data.try_into().map_err(|_| DAMAGED)?;
        let number =
            |at: usize| data[at..at + 4].iter().fold(0, |sum, it| sum << 8 | usize::from(*it));
        let [.., depth, color, compression, filter, interlace] = *data;
        let (color, depths): (_, &[u8]) = match color {
            0 => (Color::Gray, &[1, 2, 4, 8, 16]),
            2 => (Color::Rgb, &[8, 16]),
            3 => (Color::Palette, &[1, 2, 4, 8]),
            4 => (Color::GrayAlpha, &[8, 16]),
            6 => (Color::Rgba, &[8, 16]),
            _ => return Err(UNSUPPORTED),
        };
        if !depths.contains(&depth) || compression != 0 || filter != 0 || interlace > 1 {
            return Err(UNSUPPORTED);
        }
        let (width, height) = (number(0), number(4));
        Ok(Self { width, height, depth: depth.into(), color, is_interlaced: interlace == 1 })
    }

    /// The number of bytes of a row with this number of pixels.
    fn row_length(&self, width: usize) -> usize {
        (width * self.color.samples() * self.depth).div_ceil(8)
    }
}

/// The chunks that matter, before decompression.
#[derive(Debug, Default)]
struct Chunks<'a> {
    header: Option<Header>,
    palette: &'a [u8],
    transparency: &'a [u8],
    data: Vec<u8>,
}

impl<'a> Chunks<'a> {
    fn read(file: &'a [u8]) -> Result<Self, &'static str> {
        let mut chunks = Self::default();
        let mut rest = file.strip_prefix(SIGNATURE).ok_or(UNSUPPORTED)?;
        loop {
            let (length, after) = rest.split_first_chunk().ok_or(CUT_SHORT)?;
            let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| CUT_SHORT)?;
            let end = length.checked_add(4).ok_or(CUT_SHORT)?;
            let (checked, after) = after.split_at_checked(end).ok_or(CUT_SHORT)?;
            let (sum, after) = after.split_first_chunk().ok_or(CUT_SHORT)?;
            let mut crc = Crc::new();
            crc.update(checked);
            if crc.sum() != u32::from_be_bytes(*sum) {
                return Err(DAMAGED);
            }
            let (kind, data) = checked.split_at(4);
            match (kind, chunks.header) {
                (b"IHDR", None) => chunks.header = Some(Header::read(data)?),
                (_, None) => return Err(DAMAGED),
                (b"PLTE", _) => chunks.palette = data,
                (b"tRNS", _) => chunks.transparency = data,
                (b"IDAT", _) => chunks.data.extend(data),
                (b"IEND", _) => return Ok(chunks),
                _ => {}
            }
            rest = after;
        }
    }

    /// The pixel at a position in a row.
    fn pixel(&self, header: &Header, row: &[u8], at: usize) -> Result<[u8; PIXEL], &'static str> {
        let Header { depth, color, .. } = *header;
        let sample = |number| sample(row, depth, at * color.samples() + number);
        // The samples of a pixel that is transparent (section 11.3.1).
        let is_clear = |samples: &[u16]| {
            let key =
                self.transparency.chunks_exact(2).map(|it| u16::from_be_bytes([it[0], it[1]]));
            !self.transparency.is_empty() && key.eq(samples.iter().copied())
        };
        let alpha = |samples: &[u16]| if is_clear(samples) { 0 } else { 255 };
        Ok(match color {
            Color::Gray => {
                let gray = sample(0);
                let value = eight_bits(gray, depth);
                [value, value, value, alpha(&[gray])]
            }
            Color::Rgb => {
                let samples = [sample(0), sample(1), sample(2)];
                let [red, green, blue] = samples.map(|it| eight_bits(it, depth));
                [red, green, blue, alpha(&samples)]
            }
            Color::Palette => {
                let index = usize::from(sample(0));
                let color = self.palette.get(index * 3..index * 3 + 3).ok_or(DAMAGED)?;
                let alpha = self.transparency.get(index).copied().unwrap_or(255);
                [color[0], color[1], color[2], alpha]
            }
            Color::GrayAlpha => {
                let [gray, alpha] = [sample(0), sample(1)].map(|it| eight_bits(it, depth));
                [gray, gray, gray, alpha]
            }
            Color::Rgba => [0, 1, 2, 3].map(|number| eight_bits(sample(number), depth)),
        })
    }
}

/// The sample at an index in a row.
fn sample(row: &[u8], depth: usize, index: usize) -> u16 {
    let byte = |at: usize| row.get(at).copied().map_or(0, u16::from);
    match depth {
        16 => byte(index * 2) << 8 | byte(index * 2 + 1),
        8 => byte(index),
        _ => {
            let bit = index * depth;
            byte(bit / 8) >> (8 - depth - bit % 8) & ((1 << depth) - 1)
        }
    }
}

/// A sample with this number of bits as one with eight.
fn eight_bits(sample: u16, depth: usize) -> u8 {
    let max = (1_u32 << depth) - 1;
    let scaled = (u32::from(sample) * 255 + max / 2) / max;
    u8::try_from(scaled).unwrap_or(u8::MAX)
}

/// The width and height that the first bytes of a picture claim.
pub(super) fn size(file: &[u8]) -> Option<(usize, usize)> {
    let data = file.strip_prefix(SIGNATURE)?.strip_prefix(b"\0\0\0\x0DIHDR")?;
    let header = Header::read(data.get(..13)?).ok()?;
    Some((header.width, header.height))
}

/// Decodes a picture. The error is a reason.
pub(super) fn decode(file: &[u8]) -> Result<Image, &'static str> {
    let chunks = Chunks::read(file)?;
    let header = chunks.header.ok_or(DAMAGED)?;
    let Header { width, height, .. } = header;
    let mut image = Image::new(width, height).ok_or(TOO_LARGE)?;
    let mut data = ZlibDecoder::new(chunks.data.as_slice());
    let passes: &[Pass] = if header.is_interlaced { &INTERLACED } else { &ONE_PASS };
    for [left, top, right, down] in passes {
        let columns = width.saturating_sub(*left).div_ceil(*right);
        // An empty pass has no bytes for its rows either.
        let rows = if columns == 0 { 0 } else { height.saturating_sub(*top).div_ceil(*down) };
        let length = header.row_length(columns);
        let (mut row, mut previous) = (vec![0; length + 1], vec![0; length + 1]);
        for y in 0..rows {
            data.read_exact(&mut row).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => CUT_SHORT,
                _ => DAMAGED,
            })?;
            unfilter(&mut row, &previous, (header.color.samples() * header.depth).div_ceil(8))?;
            for x in 0..columns {
                let pixel = chunks.pixel(&header, &row[1..], x)?;
                image.set(left + x * right, top + y * down, pixel);
            }
            std::mem::swap(&mut row, &mut previous);
        }
    }
    Ok(image)
}

/// Reverses the filter of a row, whose first byte is its type (section 9). `step` is the distance
/// of the byte to the left, in bytes.
fn unfilter(row: &mut [u8], previous: &[u8], step: usize) -> Result<(), &'static str> {
    let filter = row[0];
    if filter > 4 {
        return Err(DAMAGED);
    }
    for at in 1..row.len() {
        let (left, corner) = if at > step { (row[at - step], previous[at - step]) } else { (0, 0) };
        let above = previous[at];
        let predicted = match filter {
            0 => 0,
            1 => left,
            2 => above,
            3 => left.midpoint(above),
            _ => paeth(left, above, corner),
        };
        row[at] = row[at].wrapping_add(predicted);
    }
    Ok(())
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(above) - i16::from(corner);
    let distance = |it: u8| (estimate - i16::from(it)).abs();
    // The first one wins.
    let mut nearest = left;
    for candidate in [above, corner] {
        if distance(candidate) < distance(nearest) {
            nearest = candidate;
        }
    }
    nearest
}
