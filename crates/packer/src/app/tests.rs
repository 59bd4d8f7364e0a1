//! Pictures and icons as they are found in sites, and as an attacker would make them.

use std::{fs, io::Write, path::Path};

use chapbook_compiler::{LintedSite, Options};
use flate2::{Compression, Crc, write::ZlibEncoder};

use super::{
    ico,
    icon::Icon,
    image::{Image, SIDE_MAX},
    png::{self, CUT_SHORT, DAMAGED, TOO_LARGE, UNSUPPORTED},
    png_encoder,
    site_icon::SiteIcon,
};
/// A PNG file with these chunks between its header and its end.
fn png_file(header: [u8; 13], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = png::SIGNATURE.to_vec();
    for (kind, data) in [(b"IHDR", &header[..])].iter().chain(chunks).chain(&[(b"IEND", &[][..])]) {
        let checked = [&kind[..], data].concat();
        let mut crc = Crc::new();
        crc.update(&checked);
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        file.extend(checked);
        file.extend(crc.sum().to_be_bytes());
    }
    file
}

fn header(width: u8, height: u8, depth: u8, color: u8, interlace: u8) -> [u8; 13] {
    [0, 0, 0, width, 0, 0, 0, height, depth, color, 0, 0, interlace]
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn pixels(image: &Image) -> Vec<Vec<u8>> {
    image.rows().map(<[u8]>::to_vec).collect()
}

fn icon_of(root: &Path) -> SiteIcon {
    let options = Options { root: root.to_owned(), ..Options::default() };
    SiteIcon::of_site(&LintedSite::new(&options).unwrap())
}

#[test]
fn each_kind_of_png_is_decoded() {
    /// Size, depth, colour type and interlacing; palette; transparency; rows; pixels.
    type Row = ([u8; 5], &'static [u8], &'static [u8], &'static [u8], &'static [&'static [u8]]);
    let rows: &[Row] = &[
        ([2, 1, 8, 6, 0], &[], &[], &[0, 1, 2, 3, 4, 5, 6, 7, 8], &[&[1, 2, 3, 4, 5, 6, 7, 8]]),
        ([1, 1, 16, 6, 0], &[], &[], &[0, 1, 9, 2, 9, 3, 9, 4, 9], &[&[1, 2, 3, 4]]),
        ([1, 1, 8, 2, 0], &[], &[], &[0, 1, 2, 3], &[&[1, 2, 3, 255]]),
        ([1, 1, 8, 2, 0], &[], &[0, 1, 0, 2, 0, 3], &[0, 1, 2, 3], &[&[1, 2, 3, 0]]),
        ([1, 1, 8, 2, 0], &[], &[0, 1, 0, 2, 0, 4], &[0, 1, 2, 3], &[&[1, 2, 3, 255]]),
        ([1, 1, 16, 2, 0], &[], &[1, 9, 2, 9, 3, 9], &[0, 1, 9, 2, 9, 3, 9], &[&[1, 2, 3, 0]]),
        ([1, 1, 8, 4, 0], &[], &[], &[0, 7, 8], &[&[7, 7, 7, 8]]),
        ([1, 1, 16, 0, 0], &[], &[7, 1], &[0, 7, 0], &[&[7, 7, 7, 255]]),
        ([2, 1, 4, 0, 0], &[], &[0, 15], &[0, 0x1F], &[&[17, 17, 17, 255, 255, 255, 255, 0]]),
        ([2, 1, 2, 0, 0], &[], &[], &[0, 0b0110_0000], &[&[85, 85, 85, 255, 170, 170, 170, 255]]),
        ([2, 1, 1, 0, 0], &[], &[], &[0, 0b0100_0000], &[&[0, 0, 0, 255, 255, 255, 255, 255]]),
        (
            [2, 1, 1, 3, 0],
            &[1, 2, 3, 4, 5, 6],
            &[9],
            &[0, 0b0100_0000],
            &[&[1, 2, 3, 9, 4, 5, 6, 255]],
        ),
        // Each filter: left, above, their mean, and the nearest one.
        ([2, 1, 8, 4, 0], &[], &[], &[1, 1, 2, 3, 4], &[&[1, 1, 1, 2, 4, 4, 4, 6]]),
        ([1, 2, 8, 4, 0], &[], &[], &[0, 1, 2, 2, 3, 4], &[&[1, 1, 1, 2], &[4, 4, 4, 6]]),
        ([1, 2, 8, 4, 0], &[], &[], &[0, 4, 8, 3, 1, 255], &[&[4, 4, 4, 8], &[3, 3, 3, 3]]),
        (
            [2, 2, 8, 4, 0],
            &[],
            &[],
            &[0, 1, 2, 3, 4, 4, 1, 1, 1, 1],
            &[&[1, 1, 1, 2, 3, 3, 3, 4], &[2, 2, 2, 3, 4, 4, 4, 5]],
        ),
        // Three passes have pixels: the corner, its right neighbour, and the row below.
        (
            [2, 2, 8, 4, 1],
            &[],
            &[],
            &[0, 1, 2, 0, 3, 4, 0, 5, 6, 7, 8],
            &[&[1, 1, 1, 2, 3, 3, 3, 4], &[5, 5, 5, 6, 7, 7, 7, 8]],
        ),
    ];
    for ([width, height, depth, color, interlace], palette, transparency, data, expected) in rows {
        let header = header(*width, *height, *depth, *color, *interlace);
        let data = zlib(data);
        // The data may be in several chunks.
        let (start, end) = data.split_at(3);
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"tEXt", b"Comment")];
        chunks.extend(Some((b"PLTE", *palette)).filter(|it| !it.1.is_empty()));
        chunks.extend(Some((b"tRNS", *transparency)).filter(|it| !it.1.is_empty()));
        chunks.extend([(b"IDAT", start), (b"IDAT", end)]);
        let decoded = png::decode(&png_file(header, &chunks));
        assert_eq!(
            decoded.as_ref().map(pixels),
            Ok(expected.iter().map(|it| it.to_vec()).collect())
        );
    }
}

#[test]
fn a_png_that_cannot_be_decoded_has_a_reason() {
    let gray = header(1, 1, 8, 0, 0);
    let good = png_file(gray, &[(b"IDAT", &zlib(&[0, 1]))]);
    assert!(png::decode(&good).is_ok());
    let bomb = zlib(&vec![0; 50_000_000]);
    let side = u32::try_from(SIDE_MAX + 1).unwrap().to_be_bytes();
    let mut too_wide = gray;
    too_wide[..4].copy_from_slice(&side);
    let mut huge = gray;
    huge[..8].fill(255);
    let mut flipped = good.clone();
    flipped[20] ^= 1;
    let rows: &[(&str, &[u8], &str)] = &[
        ("no file", &[], UNSUPPORTED),
        ("another format", b"GIF89a", UNSUPPORTED),
        ("only the signature", png::SIGNATURE, CUT_SHORT),
        ("no end", &good[..good.len() - 12], CUT_SHORT),
        ("a flipped bit", &flipped, DAMAGED),
        ("no header", &png_file(gray, &[])[..33].repeat(2), CUT_SHORT),
        ("no data", &png_file(gray, &[]), CUT_SHORT),
        (
            "too little data",
            &png_file(header(2, 2, 8, 0, 0), &[(b"IDAT", &zlib(&[0, 1]))]),
            CUT_SHORT,
        ),
        ("invalid data", &png_file(gray, &[(b"IDAT", b"\x78\x9C\xFF\xFF")]), DAMAGED),
        ("no palette", &png_file(header(1, 1, 8, 3, 0), &[(b"IDAT", &zlib(&[0, 1]))]), DAMAGED),
        ("an unknown filter", &png_file(gray, &[(b"IDAT", &zlib(&[5, 1]))]), DAMAGED),
        ("an unknown colour type", &png_file(header(1, 1, 8, 1, 0), &[]), UNSUPPORTED),
        ("an unknown depth", &png_file(header(1, 1, 3, 0, 0), &[]), UNSUPPORTED),
        ("no columns", &png_file(header(0, 1, 8, 0, 0), &[]), TOO_LARGE),
        ("too many columns", &png_file(too_wide, &[(b"IDAT", &bomb)]), TOO_LARGE),
        ("huge", &png_file(huge, &[(b"IDAT", &bomb)]), TOO_LARGE),
    ];
    for (name, file, expected) in rows {
        assert_eq!(png::decode(file).err(), Some(*expected), "{name}");
    }
    // What follows the last row is not decompressed.
    assert!(png::decode(&png_file(gray, &[(b"IDAT", &bomb)])).is_ok());
    for at in 0..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 0x80;
        assert!(png::decode(&damaged).is_err(), "{at}");
        assert!(png::decode(&good[..at]).is_err(), "{at}");
    }
}

#[test]
fn no_header_and_no_data_panic() {
    let noise: Vec<u8> =
        (0..2000_u32).map(|it| it.wrapping_mul(2_654_435_761).to_le_bytes()[3] % 5).collect();
    let data = zlib(&noise);
    for depth in [0, 1, 2, 3, 4, 8, 16, 17, 255] {
        for (color, interlace) in (0..8).flat_map(|color| (0..3).map(move |it| (color, it))) {
            for side in [1, 3, 9] {
                let header = header(side, 10 - side, depth, color, interlace);
                for (palette, transparency) in
                    [(&[][..], &[][..]), (&[1, 2, 3, 4], &[1]), (&[9; 768], &[0; 6])]
                {
                    let chunks: [(&[u8; 4], &[u8]); 3] =
                        [(b"PLTE", palette), (b"tRNS", transparency), (b"IDAT", &data)];
                    let _ = Icon::read(&png_file(header, &chunks));
                }
            }
        }
    }
}

#[test]
fn a_picture_is_decoded_as_it_was_encoded() {
    for size in [1, 16, 48, 256] {
        let mut image = Image::new(size, size).unwrap();
        for (at, number) in (0..size * size).zip((0..=250).cycle()) {
            image.set(at % size, at / size, [number, 255 - number, number / 2, number | 0x80]);
        }
        image.set(0, 0, [0; 4]);
        assert_eq!(png::decode(&png_encoder::encode(&image)), Ok(image.clone()));
        let file = ico_file(&[ico::encode(&image)]);
        let mut decoded = Vec::new();
        ico::decode(&file, |image| decoded.push(image.clone())).unwrap();
        assert_eq!(decoded, [image]);
    }
}

/// An icon file with these pictures.
fn ico_file(pictures: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(pictures.len()).unwrap();
    let mut file = [&b"\0\0\x01\0"[..], &count.to_le_bytes()].concat();
    let mut at = 6 + 16 * pictures.len();
    for picture in pictures {
        file.extend([16, 16, 0, 0, 1, 0, 32, 0]);
        for number in [picture.len(), at] {
            file.extend(u32::try_from(number).unwrap().to_le_bytes());
        }
        at += picture.len();
    }
    [file, pictures.concat()].concat()
}

/// A bitmap with a row of two pixels.
fn bitmap(bits: u8, palette: &[u8], row: [u8; 8], mask: u8) -> Vec<u8> {
    let mut bytes = vec![0; 40];
    (bytes[0], bytes[4], bytes[8], bytes[12], bytes[14]) = (40, 2, 2, 1, bits);
    bytes[32] = u8::try_from(palette.len() / 4).unwrap();
    let row_length = usize::from(bits * 2).div_ceil(32) * 4;
    [&bytes, palette, &row[..row_length], &[mask, 0, 0, 0]].concat()
}

#[test]
fn each_kind_of_bitmap_is_decoded() {
    const PALETTE: &[u8] = &[3, 2, 1, 0, 6, 5, 4, 0];
    let rows = [
        (bitmap(32, &[], [3, 2, 1, 9, 6, 5, 4, 255], 0), [1, 2, 3, 9, 4, 5, 6, 255]),
        (bitmap(32, &[], [3, 2, 1, 0, 6, 5, 4, 0], 0x40), [1, 2, 3, 255, 4, 5, 6, 0]),
        (bitmap(24, &[], [3, 2, 1, 6, 5, 4, 0, 0], 0x80), [1, 2, 3, 0, 4, 5, 6, 255]),
        (bitmap(8, PALETTE, [0, 1, 0, 0, 0, 0, 0, 0], 0), [1, 2, 3, 255, 4, 5, 6, 255]),
        (bitmap(4, PALETTE, [0x01, 0, 0, 0, 0, 0, 0, 0], 0), [1, 2, 3, 255, 4, 5, 6, 255]),
        (bitmap(1, PALETTE, [0x40, 0, 0, 0, 0, 0, 0, 0], 0), [1, 2, 3, 255, 4, 5, 6, 255]),
    ];
    for (bitmap, expected) in rows {
        let mut decoded = Vec::new();
        ico::decode(&ico_file(&[bitmap]), |image| decoded.push(pixels(image))).unwrap();
        assert_eq!(decoded, [[expected]]);
    }
}

#[test]
fn a_damaged_icon_file_is_an_error_and_no_panic() {
    let bitmap = bitmap(8, &[0; 8], [0, 1, 0, 0, 0, 0, 0, 0], 0);
    let file = ico_file(&[bitmap.clone(), bitmap]);
    let is_readable = |file: &[u8]| ico::decode(file, |_| {}).is_ok();
    assert!(is_readable(&file));
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut damaged = file.clone();
            damaged[at] ^= 1 << bit;
            let _ = Icon::read(&damaged);
        }
        let _ = is_readable(&file[..at]);
    }
    assert!(!is_readable(&file[..50]));
    let rows: [&[u8]; 4] = [b"", b"\0\0\x01\0", b"\0\0\x01\0\xFF\xFF", b"<svg>"];
    for file in rows {
        assert!(Icon::read(file).is_err());
    }
}

#[test]
fn an_icon_is_not_enlarged_much() {
    let rows: [(usize, &[usize]); 7] = [
        (512, &[256, 48, 32, 16]),
        (256, &[256, 48, 32, 16]),
        (180, &[256, 48, 32, 16]),
        (64, &[48, 32, 16]),
        (32, &[48, 32, 16]),
        (16, &[16]),
        (1, &[1]),
    ];
    for (size, expected) in rows {
        let image = Image::new(size, size).unwrap();
        let icon = Icon::read(&png_encoder::encode(&image)).unwrap();
        let sizes: Vec<_> = icon.for_windows().iter().map(|it| it.size).collect();
        assert_eq!(sizes, expected, "{size}");
    }
    let sizes: Vec<_> = Icon::fallback().for_windows().iter().map(|it| it.size).collect();
    assert_eq!(sizes, [256, 48, 32, 16]);
}

fn png_of(size: usize) -> Vec<u8> {
    png_encoder::encode(&Image::new(size, size).unwrap())
}

#[test]
fn the_largest_icon_that_can_be_used_is_chosen() {
    const MANIFEST: &str = "<link rel=manifest href=m.json>";
    const MASKABLE: &str = r#"{"icons": [{"src": "256.png", "purpose": "maskable"},
        {"src": "48.png", "purpose": "monochrome any"},
        {"src": "512.png", "purpose": "monochrome"}]}"#;
    let rows: &[(&str, &str, Option<&str>, &[&str])] = &[
        ("", "", Some("favicon.ico"), &[]),
        (
            "<link rel=icon href=32.png><link rel=apple-touch-icon href=180.png>",
            "",
            Some("180.png"),
            &[],
        ),
        (
            "<link rel=icon href=bad.png><link rel=icon href=32.png>",
            "",
            Some("32.png"),
            &["bad.png"],
        ),
        (
            "<link rel=icon href=photo.jpg><link rel=icon href=gone.png>",
            "",
            Some("favicon.ico"),
            &[],
        ),
        ("<link rel=icon href=icon.svg>", "", Some("favicon.ico"), &[]),
        ("<link rel=icon href=long.png>", "", Some("long.png"), &[]),
        (MANIFEST, MASKABLE, Some("48.png"), &[]),
    ];
    let mut bad = png_of(512);
    bad.truncate(60);
    let mut long = png_of(100);
    long.resize(100_000, 0);
    for (head, manifest, expected, problems) in rows {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        write("index.html", head.as_bytes());
        write("m.json", manifest.as_bytes());
        for size in [32, 48, 180, 256, 512] {
            write(&format!("{size}.png"), &png_of(size));
        }
        write("favicon.ico", &ico_file(&[png_of(16)]));
        write("bad.png", &bad);
        write("long.png", &long);
        write("icon.svg", b"<?xml version='1.0'?><svg/>");
        write("photo.jpg", b"\xFF\xD8\xFF");
        let icon = icon_of(folder.path());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(icon.file.as_deref().map(name).as_deref(), *expected, "{head}");
        let reported: Vec<_> = icon.problems.iter().map(|(path, _)| name(path)).collect();
        assert_eq!(reported, *problems, "{head}");
        assert_eq!(icon.svg.is_some(), head.contains(".svg"), "{head}");
    }
}

#[test]
fn a_site_whose_icons_cannot_be_used_has_the_default_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "<link rel=icon href=photo.webp>").unwrap();
    fs::write(folder.path().join("photo.webp"), "RIFF").unwrap();
    fs::write(folder.path().join("favicon.ico"), "<html>").unwrap();
    let icon = icon_of(folder.path());
    assert_eq!(icon.file, None);
    let reasons: Vec<_> = icon.problems.iter().map(|(_, reason)| reason.as_str()).collect();
    assert_eq!(reasons, ["it is neither a PNG nor an ICO file"; 2]);
}

#[test]
fn an_icon_that_the_author_names_must_be_usable() {
    let folder = tempfile::tempdir().unwrap();
    let rows: [(&str, Vec<u8>, bool); 5] = [
        ("a.png", png_of(16), true),
        ("b", ico_file(&[png_of(16)]), true),
        ("c.svg", b"\xEF\xBB\xBF<!-- --><svg></svg>".to_vec(), true),
        ("d.png", b"RIFF".to_vec(), false),
        ("e.png", vec![0; 5 << 20], false),
    ];
    for (name, bytes, is_usable) in rows {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        assert_eq!(SiteIcon::of_file(&path).is_ok(), is_usable, "{name}");
    }
    assert!(SiteIcon::of_file(folder.path()).is_err());
    assert!(SiteIcon::of_file(&folder.path().join("gone")).is_err());
}
