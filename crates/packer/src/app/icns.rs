//! Icons of macOS: a file with a PNG picture per size.

use super::{icon::Icon, png_encoder};

/// The types of pictures, with the number of pixels of a side. There is no picture of 16 pixels:
/// only those from 32 on may be PNG in each version of macOS, and it scales them down. Sizes that
/// occur twice are for displays with a low and a high resolution.
const TYPES: [(&[u8; 4], usize); 7] = [
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
];

/// The file with an icon.
#[must_use]
pub(super) fn encode(icon: &Icon) -> Vec<u8> {
    let length = |data: &[u8]| u32::try_from(data.len() + 8).unwrap_or(u32::MAX).to_be_bytes();
    let mut pictures = Vec::new();
    for (kind, size) in TYPES {
        if let Some(image) = icon.sized(size) {
            let data = png_encoder::encode(&image);
            pictures.extend([&kind[..], &length(&data), &data].concat());
        }
    }
    [b"icns", &length(&pictures)[..], &pictures].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_picture_per_size() {
        let file = encode(&Icon::fallback());
        let (head, mut rest) = file.split_at(8);
        assert_eq!(&head[..4], b"icns");
        assert_eq!(head[4..], u32::try_from(file.len()).unwrap().to_be_bytes());
        let mut types = Vec::new();
        while let Some((kind, after)) = rest.split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*after.first_chunk().unwrap()) as usize;
            assert_eq!(&rest[8..12], b"\x89PNG");
            types.push(std::str::from_utf8(kind).unwrap().to_owned());
            rest = &rest[length..];
        }
        // The default picture has 256 pixels, and is not scaled to twice its size.
        assert_eq!(types, ["ic11", "ic12", "ic07", "ic13", "ic08"]);
    }
}
