//! The media type of a file, and whether to compress it.

use std::path::Path;

use crate::{lint::FileUse, walk::SourceFile};

/// See `build.rs`.
const MEDIA_TYPES: &str = include_str!(concat!(env!("OUT_DIR"), "/media_types.txt"));

/// The media type for the extension, with `charset=utf-8` if the content is text and UTF-8: text in
/// another encoding declares it itself, and the field would override that.
pub(crate) fn media_type(file: &SourceFile, bytes: &[u8]) -> String {
    let is_utf8 = std::str::from_utf8(bytes).is_ok();
    match by_name(&file.path) {
        // `mime_guess` has the name for `.mjs` that RFC 9239 made obsolete.
        Some("application/javascript") => "text/javascript; charset=utf-8".to_owned(),
        Some(known) if known.starts_with("text/") && is_utf8 => format!("{known}; charset=utf-8"),
        Some(known) => known.to_owned(),
        // LICENSE, Makefile, notes.unknown: with `nosniff`, browsers would download them instead of
        // showing them.
        None if is_utf8 && !bytes.contains(&0) => "text/plain; charset=utf-8".to_owned(),
        None => "application/octet-stream".to_owned(),
    }
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

/// The media type that the name of a file determines, if any. An extension with a line break cannot
/// match across two lines: a media type contains a `/`, and an extension does not.
pub(crate) fn by_name(path: &str) -> Option<&'static str> {
    let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    let line = format!("\n{extension}\t");
    let at = memchr::memmem::find(MEDIA_TYPES.as_bytes(), line.as_bytes())? + line.len();
    MEDIA_TYPES[at..].lines().next()
}

/// Whether to try compression. The excluded formats are compressed already, and brotli at its
/// highest level needs half a second per megabyte to find that out.
pub(crate) fn is_compressible(media_type: &str) -> bool {
    const COMPRESSED: [&str; 10] = [
        "application/gzip",
        "application/java-archive",
        "application/vnd.rar",
        "application/x-7z-compressed",
        "application/x-bzip2",
        "application/x-xz",
        "application/zip",
        "application/zstd",
        "font/woff",
        "font/woff2",
    ];
    let (kind, name) = media_type.split_once('/').unwrap_or((media_type, ""));
    match kind {
        "image" => matches!(name, "svg+xml" | "bmp" | "x-icon" | "vnd.microsoft.icon"),
        "audio" | "video" => false,
        _ => !COMPRESSED.contains(&media_type),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_comes_from_the_extension_and_the_charset_from_the_bytes() {
        let rows: &[(&str, &[u8], &str)] = &[
            ("index.html", b"<p>", "text/html; charset=utf-8"),
            ("old.html", b"caf\xe9", "text/html"),
            ("book.json", b"{}", "application/json"),
            ("style.css", b"", "text/css; charset=utf-8"),
            ("app.js", b"", "text/javascript; charset=utf-8"),
            ("app.mjs", b"", "text/javascript; charset=utf-8"),
            ("icon.svg", b"<svg/>", "image/svg+xml"),
            ("x.wasm", b"\0asm", "application/wasm"),
            ("site.webmanifest", b"{}", "application/manifest+json"),
            ("a.woff2", b"", "font/woff2"),
            ("LICENSE", b"MIT", "text/plain; charset=utf-8"),
            ("blob", b"\0\xff", "application/octet-stream"),
            ("UPPER.PNG", b"", "image/png"),
            ("first.123", b"", "application/vnd.lotus-1-2-3"),
            ("last.zmm", b"", "application/vnd.handheld-entertainment+xml"),
            (".png", b"", "text/plain; charset=utf-8"),
            ("x.", b"", "text/plain; charset=utf-8"),
            ("x.css\ttext", b"", "text/plain; charset=utf-8"),
            ("x.\n", b"", "text/plain; charset=utf-8"),
            ("a.b/c", b"", "text/plain; charset=utf-8"),
        ];
        for (path, bytes, expected) in rows {
            let file = SourceFile { path: (*path).to_owned() };
            assert_eq!(media_type(&file, bytes), *expected, "{path}");
        }
    }
}
