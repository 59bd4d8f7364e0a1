//! Which files are compressed: those that browsers load as a whole.
//!
//! Readers of databases, archives and videos request ranges and rely on the length that `HEAD`
//! returns, and a page cannot keep browsers from requesting a content coding.

use super::sample::Sample;
use crate::rules::headers::Field;

/// Whether to try compression. Brotli at its highest level needs half a second per megabyte, so
/// formats that are compressed already are excluded before.
pub(super) fn is_compressible(media_type: &str, sample: &Sample<'_>) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    !is_read_by_ranges(&media_type)
        && !has_excluded_signature(&sample.start)
        && (is_loaded_as_a_whole(&media_type) || sample.is_text)
}

/// Whether the author's fields forbid content codings: they are transformations (RFC 9110 section
/// 7.7), which `Cache-Control: no-transform` switches off (RFC 9111 section 5.2.2.6).
pub(super) fn is_no_transform(fields: &[Field]) -> bool {
    let mut values = fields.iter().filter(|it| it.is("Cache-Control")).map(|it| &it.value);
    values.any(|value| {
        // Quoted arguments contain no directives.
        let mut unquoted = value.split('"').step_by(2).flat_map(|it| it.split(','));
        unquoted.any(|it| it.trim().eq_ignore_ascii_case("no-transform"))
    })
}

/// Media types that programs read by ranges, and those of unknown binary files.
fn is_read_by_ranges(media_type: &str) -> bool {
    media_type.starts_with("audio/")
        || media_type.starts_with("video/")
        || matches!(
            media_type,
            "application/octet-stream"
                | "application/pdf"
                | "application/vnd.apache.parquet"
                | "application/vnd.apache.arrow.file"
                | "application/vnd.apache.arrow.stream"
                | "application/vnd.sqlite3"
                | "application/x-sqlite3"
                | "application/geopackage+sqlite3"
                | "application/vnd.pmtiles"
                | "application/vnd.las"
                | "application/vnd.laszip"
                | "application/netcdf"
                | "application/x-netcdf"
                | "application/x-hdf5"
                | "application/x-iso9660-image"
                | "application/warc"
                | "image/fits"
                | "image/tiff"
        )
}

/// Media types of binary formats that browsers load as a whole. Text is compressed whatever its
/// media type is.
fn is_loaded_as_a_whole(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || media_type.starts_with("model/")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
        || matches!(
            media_type,
            "application/cbor"
                | "application/font-sfnt"
                | "application/javascript"
                | "application/json"
                | "application/vnd.mapbox-vector-tile"
                | "application/vnd.ms-fontobject"
                | "application/vnd.msgpack"
                | "application/wasm"
                | "application/x-font-ttf"
                | "application/x-javascript"
                | "application/x-protobuf"
                | "application/xml"
                | "font/collection"
                | "font/otf"
                | "font/sfnt"
                | "font/ttf"
                | "image/bmp"
                | "image/ktx"
                | "image/ktx2"
                | "image/vnd.microsoft.icon"
                | "image/vnd.ms-dds"
                | "image/x-icon"
                | "image/x-tga"
        )
}

/// An offset and the bytes there.
type Signature = (usize, &'static [u8]);

/// Whether the bytes have a format that is compressed already, or one that is read by ranges.
fn has_excluded_signature(bytes: &[u8]) -> bool {
    let has = |(at, signature): &Signature| {
        bytes.get(*at..).is_some_and(|from| from.starts_with(signature))
    };
    COMPRESSED.iter().chain(&READ_BY_RANGES).any(has)
}

/// Compressed formats. Zip stands for many: Office documents, EPUB, Java and Android packages.
const COMPRESSED: [Signature; 37] = [
    (0, b"PK\x03\x04"),       // zip
    (0, b"PK\x05\x06"),       // zip without members
    (0, b"PK\x07\x08"),       // zip in parts
    (0, b"\x1f\x8b\x08"),     // gzip
    (0, b"\x1f\x9d"),         // compress
    (0, b"\x28\xb5\x2f\xfd"), // zstd
    (1, b"\x2a\x4d\x18"),     // zstd and lz4, a skippable frame
    (0, b"\x04\x22\x4d\x18"), // lz4
    (0, b"\xfd7zXZ\0"),       // xz
    (0, b"BZh11AY&SY"),       // bzip2, by its levels
    (0, b"BZh21AY&SY"),
    (0, b"BZh31AY&SY"),
    (0, b"BZh41AY&SY"),
    (0, b"BZh51AY&SY"),
    (0, b"BZh61AY&SY"),
    (0, b"BZh71AY&SY"),
    (0, b"BZh81AY&SY"),
    (0, b"BZh91AY&SY"),
    (0, b"LZIP\x01"),           // lzip
    (0, b"\x5d\0\0"),           // lzma
    (0, b"\xff\x06\0\0sNaPpY"), // snappy
    (0, b"7z\xbc\xaf\x27\x1c"), // 7z
    (0, b"Rar!\x1a\x07"),       // rar
    (0, b"MSCF\0\0\0\0"),       // cab
    (0, b"xar!\0"),             // xar, macOS packages
    (0, b"\xed\xab\xee\xdb"),   // rpm
    (0, b"!<arch>\ndebian"),    // deb
    (0, b"Cr24"),               // Chrome extensions
    (0, b"\x89PNG\r\n\x1a\n"),  // PNG
    (0, b"\xff\xd8\xff"),       // JPEG
    (0, b"GIF8"),               // GIF
    (8, b"WEBP"),               // WebP in RIFF
    (0, b"\xff\x0a"),           // JPEG XL
    (0, b"\0\0\0\x0cJXL \r\n"), // JPEG XL in a container
    (0, b"wOFF"),               // WOFF
    (0, b"wOF2"),               // WOFF 2
    (0, b"hsqs"),               // squashfs
];

/// Media and formats of which programs read ranges.
const READ_BY_RANGES: [Signature; 25] = [
    (4, b"ftyp"),             // MP4, AVIF, HEIC
    (0, b"\x1a\x45\xdf\xa3"), // Matroska, WebM
    (0, b"OggS\0"),           // Ogg
    (0, b"fLaC"),             // FLAC
    (0, b"ID3\x03"),          // MP3 with tags, by their versions
    (0, b"ID3\x04"),
    (0, b"%PDF-"),             // PDF
    (0, b"PAR1"),              // Parquet
    (0, b"PARE"),              // Parquet, encrypted
    (0, b"ARROW1\0"),          // Arrow, Feather 2
    (0, b"FEA1"),              // Feather 1
    (0, b"Obj\x01"),           // Avro
    (0, b"SQLite format 3\0"), // SQLite, MBTiles, GeoPackage
    (8, b"DUCK"),              // DuckDB
    (0, b"PMTiles"),           // PMTiles
    (0, b"fgb\x03"),           // FlatGeobuf
    (0, b"LASF"),              // LAS, LAZ, COPC
    (0, b"II*\0"),             // TIFF, GeoTIFF
    (0, b"MM\0*"),             // TIFF, big-endian
    (0, b"II+\0"),             // BigTIFF
    (0, b"\x89HDF\r\n\x1a\n"), // HDF5, NetCDF 4
    (0, b"CDF\x01"),           // NetCDF
    (0, b"GGUF"),              // GGUF
    (0, b"ZIM\x04"),           // ZIM
    (32769, b"CD001"),         // ISO 9660
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_load_compressible_files_as_a_whole() {
        let rows: &[(&str, &[u8], bool)] = &[
            ("text/html; charset=utf-8", b"<p>", true),
            ("text/html", b"caf\xe9", true),
            ("application/json", b"{}", true),
            ("application/ld+json", b"{}", true),
            ("image/svg+xml", b"<svg/>", true),
            ("application/wasm", b"\0asm", true),
            ("font/ttf", b"\0\x01\0\0", true),
            ("image/bmp", b"BM\0\0", true),
            ("image/x-icon", b"\0\0\x01\0", true),
            ("model/gltf-binary", b"glTF\x02\0", true),
            ("application/vnd.apple.mpegurl", b"#EXTM3U", true),
            ("application/x-unknown", b"text", true),
            ("application/x-unknown", b"\0\x01", false),
            ("application/octet-stream", b"text", false),
            ("Application/Octet-Stream ; a=b", b"text", false),
            ("application/pdf", b"text", false),
            ("application/vnd.sqlite3", b"text", false),
            ("video/mp4", b"text", false),
            ("audio/midi", b"MThd", false),
            ("image/tiff", b"text", false),
            ("image/png", b"\0", false),
            ("application/x-tar", b"a\0", false),
        ];
        for (media_type, bytes, expected) in rows {
            let shown = bytes.escape_ascii();
            assert_eq!(
                is_compressible(media_type, &Sample::of(bytes)),
                *expected,
                "{media_type}: {shown}"
            );
        }
    }

    fn is_text_compressible(bytes: &[u8]) -> bool {
        is_compressible("text/plain", &Sample::of(bytes))
    }

    #[test]
    fn a_signature_excludes_a_file_whatever_its_media_type() {
        for (at, signature) in COMPRESSED.iter().chain(&READ_BY_RANGES) {
            let bytes = [&vec![b' '; *at][..], signature, b" more"].concat();
            let shown = signature.escape_ascii();
            assert!(!is_text_compressible(&bytes), "{shown}");
            // The signature at another place is not one.
            assert!(is_text_compressible(&[b" ", &bytes[..]].concat()), "{shown}");
            assert!(is_text_compressible(&bytes[..at + signature.len() - 1]), "{shown}");
        }
    }

    #[test]
    fn no_transform_is_a_directive_of_cache_control() {
        let rows = [
            ("Cache-Control", "no-transform", true),
            ("cache-control", "public, max-age=60, No-Transform", true),
            ("Cache-Control", "private=\"a, b\" ,no-transform", true),
            ("Cache-Control", "private=\"no-transform\"", false),
            ("Cache-Control", "no-transformation", false),
            ("Cache-Control", "no-cache", false),
            ("X-Cache-Control", "no-transform", false),
        ];
        for (name, value, expected) in rows {
            let field = Field { name: name.to_owned(), value: value.to_owned() };
            assert_eq!(is_no_transform(&[field]), expected, "{name}: {value}");
        }
    }
}
