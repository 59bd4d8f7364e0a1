//! Encoding PNG pictures.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};

use super::{
    image::{Image, PIXEL},
    png::SIGNATURE,
};

/// The filters that are tried: none, the pixel to the left, and the one above. The other two are
/// for photographs.
const FILTERS: [u8; 3] = [0, 1, 2];

/// The file with a square picture, with eight bits per sample and alpha.
pub(super) fn encode(image: &Image) -> Vec<u8> {
    let side = u32::try_from(image.size()).unwrap_or(u32::MAX).to_be_bytes();
    let header = [&side[..], &side, &[8, 6, 0, 0, 0]].concat();
    let compressed = FILTERS.into_iter().map(|filter| compress(image, filter));
    let shortest = compressed.min_by_key(Vec::len).unwrap_or_default();
    let mut file = SIGNATURE.to_vec();
    for (kind, data) in [(b"IHDR", header.as_slice()), (b"IDAT", &shortest), (b"IEND", &[])] {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        file.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        file.extend(kind);
        file.extend(data);
        file.extend(crc.sum().to_be_bytes());
    }
    file
}

/// The compressed rows, each after its filter.
fn compress(image: &Image, filter: u8) -> Vec<u8> {
    let mut previous = vec![0; image.size() * PIXEL];
    let mut filtered = Vec::new();
    for row in image.rows() {
        filtered.push(filter);
        filtered.extend(row.iter().enumerate().map(|(at, byte)| {
            let predicted = match filter {
                0 => 0,
                1 => at.checked_sub(PIXEL).map_or(0, |at| row[at]),
                _ => previous[at],
            };
            byte.wrapping_sub(predicted)
        }));
        previous.copy_from_slice(row);
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(&filtered);
    encoder.finish().unwrap_or_default()
}
