//! This file owns the step from a file to its answer: media type, content codings, entity tag and
//! head. It knows neither routes nor requests.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    coding::Coder,
    content_coding::ContentCoding,
    digest, fingerprint,
    head::{Fields, Head, Status},
    model::{Representation, Resource},
    source::File,
};

/// What the heads of a whole site have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Common {
    /// The site's date as a field value.
    pub(crate) last_modified: Option<String>,
}

/// The answers that one file gives.
#[derive(Debug)]
pub(crate) struct Represented {
    /// With status 200.
    pub(crate) found: Resource,
    /// With status 404, where the file is a page for what is not found.
    pub(crate) not_found: Option<Resource>,
}

/// Represents all files, on all cores: coding is nearly all of the work of a build.
pub(crate) fn represent_all(files: &[File], common: &Common, coder: &Coder) -> Vec<Represented> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Represented)>> = Mutex::new(Vec::with_capacity(files.len()));
    let work = || {
        while let Some((index, file)) = take(&next, files) {
            let represented = represent(file, common, coder);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((index, represented));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(files.len()) {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, represented)| represented).collect()
}

fn take<'a>(next: &AtomicUsize, files: &'a [File]) -> Option<(usize, &'a File)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, files.get(index)?))
}

fn represent(file: &File, common: &Common, coder: &Coder) -> Represented {
    let media_type = media_type(file);
    let mut contents = vec![(ContentCoding::Identity, file.bytes.clone())];
    if is_compressible(&media_type) {
        contents.extend(coder.code(&file.bytes));
    }
    let varies = contents.len() > 1;
    let cache_control = fingerprint::cache_control(file.name());
    let head = |status, coding: ContentCoding, content: &[u8], entity_tag: &str| {
        Head::new(&Fields {
            status,
            content_length: content.len(),
            content_type: &media_type,
            content_encoding: (coding != ContentCoding::Identity).then(|| coding.token()),
            entity_tag,
            last_modified: common.last_modified.as_deref(),
            cache_control,
            varies,
        })
    };
    let resource = |status| Resource {
        representations: contents
            .iter()
            .map(|(coding, content)| {
                let entity_tag = entity_tag(content);
                let head = head(status, *coding, content, &entity_tag);
                Representation { coding: *coding, content: content.clone(), entity_tag, head }
            })
            .collect(),
    };
    Represented {
        found: resource(Status::Ok),
        not_found: (file.name() == "404.html").then(|| resource(Status::NotFound)),
    }
}

/// The media type by the extension, with `charset=utf-8` where the content is text and UTF-8: text
/// in an older encoding says so itself, and the field would overrule it.
fn media_type(file: &File) -> String {
    let is_utf8 = std::str::from_utf8(&file.bytes).is_ok();
    let guess = mime_guess::from_path(&file.path).first();
    match guess {
        // The name that RFC 9239 made obsolete, which mime_guess keeps for `.mjs`.
        Some(guess) if guess.essence_str() == "application/javascript" => {
            "text/javascript; charset=utf-8".to_owned()
        }
        Some(guess) if guess.type_() == "text" && is_utf8 => {
            format!("{}; charset=utf-8", guess.essence_str())
        }
        Some(guess) => guess.essence_str().to_owned(),
        // LICENSE, Makefile, notes.unknown: with `nosniff` a browser would save, not show them.
        None if is_utf8 && !file.bytes.contains(&0) => "text/plain; charset=utf-8".to_owned(),
        None => "application/octet-stream".to_owned(),
    }
}

/// Whether it is worth trying: these formats are compressed in themselves, and the highest level of
/// brotli spends half a second a megabyte to find out.
fn is_compressible(media_type: &str) -> bool {
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

/// A strong entity tag: half of the SHA-256 of exactly these bytes, which no other representation
/// shares (RFC 9110 section 8.8.1).
fn entity_tag(content: &[u8]) -> String {
    format!("\"{}\"", &digest::hexadecimal(content)[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, bytes: &[u8]) -> File {
        File { path: path.to_owned(), bytes: bytes.to_vec() }
    }

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
        ];
        for (path, bytes, expected) in rows {
            assert_eq!(media_type(&file(path, bytes)), *expected, "{path}");
        }
    }

    #[test]
    fn a_coding_is_kept_where_it_pays_and_each_has_its_own_tag() {
        let text = "all work and no play makes jack a dull boy\n".repeat(40);
        let represented =
            represent(&file("a.txt", text.as_bytes()), &Common::default(), &Coder::default());
        let representations = &represented.found.representations;
        let codings: Vec<_> = representations.iter().map(|it| it.coding).collect();
        assert_eq!(codings[0], ContentCoding::Identity);
        assert_eq!(codings.len(), 3);
        let mut tags: Vec<_> = representations.iter().map(|it| &it.entity_tag).collect();
        tags.dedup();
        assert_eq!(tags.len(), 3);
        for it in representations {
            assert!(it.head.text.contains("Vary: Accept-Encoding"), "{:?}", it.coding);
        }
        let tiny = represent(&file("b.txt", b"x"), &Common::default(), &Coder::default());
        assert_eq!(tiny.found.representations.len(), 1);
        assert!(!tiny.found.representations[0].head.text.contains("Vary"));
    }

    #[test]
    fn every_line_of_a_head_is_a_field_and_tells_the_truth() {
        let page = "<!doctype html>".repeat(30);
        let represented =
            represent(&file("404.html", page.as_bytes()), &Common::default(), &Coder::default());
        let not_found = represented.not_found.expect("404.html has an answer with status 404");
        let all = [represented.found, not_found];
        for representation in all.iter().flat_map(|it| &it.representations) {
            let mut lines = representation.head.text.split_terminator("\r\n");
            let status_line = lines.next().unwrap();
            assert!(status_line.starts_with("HTTP/1.1 "), "{status_line}");
            for line in lines {
                let (name, value) = line.split_once(": ").expect("a name and a value");
                assert!(name.bytes().all(|it| it.is_ascii_alphabetic() || it == b'-'), "{line}");
                assert!(value.bytes().all(|it| it == b' ' || it.is_ascii_graphic()), "{line}");
                if name == "Content-Length" {
                    assert_eq!(value, representation.content.len().to_string());
                }
            }
        }
    }
}
