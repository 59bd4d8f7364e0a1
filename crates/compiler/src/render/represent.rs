//! The resources of a file: media type, content codings, entity tags and heads.

use std::{
    io,
    time::{Duration, UNIX_EPOCH},
};

use super::{
    context::RenderContext,
    head::{self, HeadFields},
    media_type::{is_compressible, media_type},
};
use chapbook_format::{ContentCoding, SiteInfo, digest};

use crate::{
    content::StoredContent,
    lint::FileUse,
    model::{CompiledRepresentation, CompiledResource},
    routing::plan::Variant,
    walk::SourceFile,
};

/// The end of the year 9999, the last that an IMF-fixdate can express (RFC 9110 section 5.6.7).
const DATE_MAX: u64 = 253_402_300_799;

/// The values that all heads of a site share.
#[derive(Debug, Clone, Default)]
pub(crate) struct SiteFields {
    /// Facts about the site, with a date that a field can express.
    pub(crate) info: SiteInfo<String>,
    last_modified: Option<String>,
}

impl SiteFields {
    pub(crate) fn new(info: &SiteInfo<String>) -> Self {
        let mut info = info.clone();
        info.last_modified = info.last_modified.map(|seconds| seconds.min(DATE_MAX));
        let date = |seconds| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
        Self { last_modified: info.last_modified.map(date), info }
    }
}

/// A file to represent.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a SourceFile,
    pub(crate) file_use: Option<FileUse>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) cache_control: &'static str,
}

/// The resources of a file, one for each variant, all with the same contents. Fails only if a
/// content cannot be written to the spill file.
pub(crate) fn represent(
    source: Source<'_>,
    variants: &[Variant],
    site_fields: &SiteFields,
    context: &RenderContext,
) -> io::Result<Vec<CompiledResource>> {
    let spill_file = context.spill_file.as_ref();
    let Source { file, file_use, bytes, cache_control } = source;
    let media_type = media_type(&file.path, file_use, &bytes);
    let compressed =
        if is_compressible(&media_type) { context.compressor.compress(&bytes) } else { Vec::new() };
    let mut contents = vec![(ContentCoding::Identity, StoredContent::new(bytes, spill_file)?)];
    for (coding, bytes) in compressed {
        contents.push((coding, StoredContent::new(bytes, spill_file)?));
    }
    let varies = contents.len() > 1;
    let representation = |variant: &Variant, coding: ContentCoding, content: &StoredContent| {
        let entity_tag = entity_tag(content);
        let head = head::resource(&HeadFields {
            status: variant.status,
            content_length: content.length(),
            content_type: &media_type,
            content_encoding: (coding != ContentCoding::Identity).then(|| coding.token()),
            entity_tag: &entity_tag,
            last_modified: site_fields.last_modified.as_deref(),
            cache_control,
            varies,
            author_fields: &variant.fields,
        });
        CompiledRepresentation { coding, content: content.clone(), entity_tag, head }
    };
    let resource = |variant| CompiledResource {
        path: file.path.clone(),
        representations: contents
            .iter()
            .map(|(coding, content)| representation(variant, *coding, content))
            .collect(),
    };
    Ok(variants.iter().map(resource).collect())
}

/// A strong entity tag: half of the SHA-256 of exactly these bytes, which no other representation
/// shares (RFC 9110 section 8.8.1).
fn entity_tag(content: &StoredContent) -> String {
    format!("\"{}\"", &digest::hexadecimal(content.hash())[..32])
}

#[cfg(test)]
mod tests {
    use super::{super::compress::Compressor, *};
    use crate::progress::Progress;

    fn represented(path: &str, bytes: &[u8], status: u16) -> CompiledResource {
        let file = SourceFile { path: path.to_owned() };
        let variant = Variant { status, fields: Vec::new() };
        let context = RenderContext {
            info: SiteInfo::default(),
            compressor: Compressor::default(),
            spill_file: None,
            progress: Progress::default(),
        };
        let bytes = bytes.to_vec();
        let source = Source { file: &file, file_use: None, bytes, cache_control: "no-cache" };
        represent(source, &[variant], &SiteFields::default(), &context).unwrap().remove(0)
    }

    #[test]
    fn a_coding_is_kept_if_it_saves_enough_and_each_has_its_own_tag() {
        let text = "all work and no play makes jack a dull boy\n".repeat(40);
        let resource = represented("a.txt", text.as_bytes(), 200);
        let representations = &resource.representations;
        let codings: Vec<_> = representations.iter().map(|it| it.coding).collect();
        assert_eq!(codings[0], ContentCoding::Identity);
        assert_eq!(codings.len(), ContentCoding::ALL.len());
        let mut tags: Vec<_> = representations.iter().map(|it| &it.entity_tag).collect();
        tags.dedup();
        assert_eq!(tags.len(), ContentCoding::ALL.len());
        for it in representations {
            assert!(it.head.text.contains("Vary: Accept-Encoding"), "{:?}", it.coding);
        }
        let tiny = represented("b.txt", b"x", 200);
        assert_eq!(tiny.representations.len(), 1);
        assert!(!tiny.representations[0].head.text.contains("Vary"));
    }

    #[test]
    fn every_line_of_a_head_is_a_field_with_the_right_value() {
        let page = "<!doctype html>".repeat(30);
        let all = [200, 404].map(|status| represented("404.html", page.as_bytes(), status));
        for representation in all.iter().flat_map(|it| &it.representations) {
            let mut lines = representation.head.text.split_terminator("\r\n");
            let status_line = lines.next().unwrap();
            assert!(status_line.starts_with("HTTP/1.1 "), "{status_line}");
            for line in lines {
                let (name, value) = line.split_once(": ").expect("a name and a value");
                assert!(name.bytes().all(|it| it.is_ascii_alphabetic() || it == b'-'), "{line}");
                assert!(value.bytes().all(|it| it == b' ' || it.is_ascii_graphic()), "{line}");
                if name == "Content-Length" {
                    assert_eq!(value, representation.content.length().to_string());
                }
            }
        }
    }
}
