//! The media type of a file.

use std::{cmp::Ordering, path::Path};

use super::{encoding, sample::Sample};
use crate::{lint::FileUse, parse::encoding::is_iso_2022_jp};

/// See `build.rs`.
const MEDIA_TYPES: &str = include_str!(concat!(env!("OUT_DIR"), "/media_types.txt"));

const SVG: &str = "image/svg+xml";

/// The media type for the extension, or else for the use of the file, or else for its bytes, with
/// `charset=utf-8` if it is text in UTF-8: text in another encoding declares it itself, and the
/// field would override that.
pub(crate) fn media_type(path: &str, file_use: Option<FileUse>, sample: &Sample<'_>) -> String {
    let media_type = match (in_table(path), file_use) {
        // Browsers cannot show compressed SVG without its content coding.
        (Some(MediaType { name: SVG, .. }), _) if sample.start.starts_with(b"\x1f\x8b") => {
            "application/gzip"
        }
        (Some(MediaType { of_text: Some(of_text), .. }), _) if sample.is_text => of_text,
        (Some(MediaType { name, .. }), _) => name,
        (None, Some(FileUse::Script)) => "text/javascript",
        (None, Some(FileUse::StyleSheet)) => "text/css",
        // LICENSE, Makefile, notes.unknown: with `nosniff`, browsers would download them instead of
        // showing them.
        (None, None) if sample.is_text || is_iso_2022_jp(&sample.start) => "text/plain",
        (None, None) => "application/octet-stream",
    };
    if media_type.starts_with("text/") && encoding::is_utf_8(media_type, sample) {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_owned()
    }
}

/// The media type that the name of a file determines, if any.
pub(crate) fn by_name(path: &str) -> Option<&'static str> {
    in_table(path).map(|it| it.name)
}

/// Whether the name of a file determines a media type with which browsers block this use of it.
pub(crate) fn has_wrong_type(path: &str, file_use: FileUse) -> bool {
    by_name(path).is_some_and(|media_type| !is_accepted(media_type, file_use))
}

/// Whether browsers accept a media type for a use (MIME Sniffing standard, section 4.6).
pub(crate) fn is_accepted(media_type: &str, file_use: FileUse) -> bool {
    match file_use {
        FileUse::StyleSheet => media_type == "text/css",
        FileUse::Script => matches!(
            media_type,
            "text/javascript"
                | "text/ecmascript"
                | "text/jscript"
                | "text/livescript"
                | "text/x-ecmascript"
                | "text/x-javascript"
                | "application/ecmascript"
                | "application/javascript"
                | "application/x-ecmascript"
                | "application/x-javascript"
        ),
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
struct MediaType {
    name: &'static str,
    /// The media type of text with this extension, if another one.
    of_text: Option<&'static str>,
}

/// The row for the extension of a path. Binary search: the lines are sorted by extension.
fn in_table(path: &str) -> Option<MediaType> {
    let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    let mut lines = MEDIA_TYPES;
    while !lines.is_empty() {
        let middle = lines.len() / 2;
        let start = memchr::memrchr(b'\n', &lines.as_bytes()[..middle]).map_or(0, |at| at + 1);
        let (before, from_start) = lines.split_at(start);
        let (line, after) = from_start.split_at(memchr::memchr(b'\n', from_start.as_bytes())?);
        let (key, row) = line.split_once('\t')?;
        lines = match extension.as_str().cmp(key) {
            Ordering::Less => before,
            Ordering::Greater => &after[1..],
            Ordering::Equal => {
                return Some(match row.split_once('\t') {
                    Some((name, of_text)) => MediaType { name, of_text: Some(of_text) },
                    None => MediaType { name: row, of_text: None },
                });
            }
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_comes_from_the_extension_and_the_charset_from_the_bytes() {
        let rows: &[(&str, &[u8], &str)] = &[
            ("index.html", b"<p>", "text/html; charset=utf-8"),
            ("tiles/0/0/0.pbf", b"\x1a\0", "application/x-protobuf"),
            ("tiles/0/0/0.mvt", b"\x1a\0", "application/vnd.mapbox-vector-tile"),
            ("style.php", b"p {}", "application/x-httpd-php"),
            ("old.html", b"caf\xe9", "text/html"),
            ("jp.html", b"<meta charset=iso-2022-jp>\x1b$BF|K\\\x1b(B", "text/html"),
            ("jp.txt", b"\x1b$BF|K\\\x1b(B", "text/plain"),
            ("JP", b"\x1b$BF|K\\\x1b(B", "text/plain"),
            ("log.txt", b"\x1b[1mbold\x1b(B", "text/plain; charset=utf-8"),
            ("book.json", b"{}", "application/json"),
            ("style.css", b"", "text/css; charset=utf-8"),
            ("app.js", b"", "text/javascript; charset=utf-8"),
            ("app.mjs", b"", "text/javascript; charset=utf-8"),
            ("app.cjs", b"", "text/javascript; charset=utf-8"),
            ("icon.svg", b"<svg/>", "image/svg+xml"),
            ("x.wasm", b"\0asm", "application/wasm"),
            ("site.webmanifest", b"{}", "application/manifest+json"),
            ("a.woff2", b"", "font/woff2"),
            ("LICENSE", b"MIT", "text/plain; charset=utf-8"),
            ("COPYING", b"\xa9 2024\n", "text/plain"),
            ("blob", b"\0\xff", "application/octet-stream"),
            ("UPPER.PNG", b"", "image/png"),
            ("video.ts", b"G@\x11\0", "video/mp2t"),
            ("code.ts", b"export const n = 1", "text/plain; charset=utf-8"),
            ("old.ts", b"// caf\xe9\n", "text/plain"),
            ("encrypted.ts", b"\x93\xe9\x01\x7f", "video/mp2t"),
            ("talk.key", b"PK\x03\x04\0", "application/vnd.apple.keynote"),
            ("server.key", b"-----BEGIN", "text/plain; charset=utf-8"),
            ("first.123", b"", "application/vnd.lotus-1-2-3"),
            ("last.zmm", b"", "application/vnd.handheld-entertainment+xml"),
            (".png", b"", "text/plain; charset=utf-8"),
            ("x.", b"", "text/plain; charset=utf-8"),
            ("x.css\ttext", b"", "text/plain; charset=utf-8"),
            ("x.\n", b"", "text/plain; charset=utf-8"),
            ("a.b/c", b"", "text/plain; charset=utf-8"),
        ];
        for (path, bytes, expected) in rows {
            assert_eq!(media_type(path, None, &Sample::of(bytes)), *expected, "{path}");
        }
    }

    #[test]
    fn a_correction_overrides_the_table() {
        let rows = [
            ("usdz", "model/vnd.usdz+zip"),
            ("obj", "model/obj"),
            ("stl", "model/stl"),
            ("mtl", "model/mtl"),
            ("3mf", "model/3mf"),
            ("rpm", "application/x-rpm"),
            ("woff", "font/woff"),
            ("otf", "font/otf"),
            ("m4a", "audio/mp4"),
            ("m4s", "video/iso.segment"),
            ("m3u8", "application/vnd.apple.mpegurl"),
            ("yaml", "application/yaml"),
            ("yml", "application/yaml"),
            ("toml", "application/toml"),
            ("wgsl", "text/wgsl"),
            ("ktx2", "image/ktx2"),
            ("msix", "application/msix"),
            ("map", "application/json"),
            ("rar", "application/vnd.rar"),
            ("geojson", "application/geo+json"),
            ("parquet", "application/vnd.apache.parquet"),
            ("sqlite", "application/vnd.sqlite3"),
            ("vcf", "text/vcard"),
            ("rs", "text/plain"),
            ("svgz", "image/svg+xml"),
        ];
        for (extension, expected) in rows {
            assert_eq!(by_name(&format!("f.{extension}")), Some(expected));
        }
    }

    #[test]
    fn a_name_without_a_media_type_gets_that_of_its_use() {
        use FileUse::{Script, StyleSheet};
        let rows = [
            ("lib/core", Script, "text/javascript; charset=utf-8", false),
            ("f.js?v=2", Script, "text/javascript; charset=utf-8", false),
            ("g.js@1.2", Script, "text/javascript; charset=utf-8", false),
            ("b.es6", Script, "text/javascript; charset=utf-8", false),
            ("d.iife", Script, "text/javascript; charset=utf-8", false),
            ("s.css?v=2", StyleSheet, "text/css; charset=utf-8", false),
            ("a.js", Script, "text/javascript; charset=utf-8", false),
            ("a.cjs", Script, "text/javascript; charset=utf-8", false),
            ("d.js.txt", Script, "text/plain; charset=utf-8", true),
            ("d.ts", Script, "text/plain; charset=utf-8", true),
            ("data.json", Script, "application/json", true),
            ("a.css", Script, "text/css; charset=utf-8", true),
            ("s.scss", StyleSheet, "text/x-scss; charset=utf-8", true),
            ("a.css", StyleSheet, "text/css; charset=utf-8", false),
        ];
        for (path, file_use, expected, is_wrong) in rows {
            assert_eq!(media_type(path, Some(file_use), &Sample::of(b"x")), expected, "{path}");
            assert_eq!(has_wrong_type(path, file_use), is_wrong, "{path}");
        }
    }
}
