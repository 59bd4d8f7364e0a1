//! The resources of a file: contents, entity tags and heads.

use std::{
    io::{self, BufRead, Write},
    time::{Duration, UNIX_EPOCH},
};

use chapbook_format::{ContentCoding, SiteInfo, digest, digest::Hash};

use super::{
    coding_policy::{is_compressible, is_no_transform},
    head::{self, HeadFields},
    media_type::media_type,
    precompressed,
    sample::{Sample, Sampler},
};
use crate::{
    content::{ContentWriter, StoredContent},
    lint::FileUse,
    model::{CompiledRepresentation, CompiledResource},
    routing::plan::Variant,
    rules::headers::{CONTENT_ENCODING, Field},
    spill_file::SpillFile,
};

/// The end of the year 9999, the last that an IMF-fixdate can express (RFC 9110 section 5.6.7).
const DATE_MAX: u64 = 253_402_300_799;

/// Longer files are not compressed: no browser can load them as a whole. Strings in Chromium have
/// at most 512 MiB.
const COMPRESSED_MAX: u64 = 512 << 20;

/// Shorter files are not compressed: the fields of a content coding (`Content-Encoding` and `Vary`)
/// are longer than what it can save.
const COMPRESSED_MIN: u64 = 64;

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
    pub(crate) path: &'a str,
    pub(crate) file_use: Option<FileUse>,
    pub(crate) cache_control: &'static str,
    pub(crate) sample: Sample<'a>,
    /// The bytes of the file.
    pub(crate) original: StoredContent,
}

/// The result of representing a file.
#[derive(Debug, Clone)]
pub(crate) struct Represented {
    /// One for each variant.
    pub(crate) resources: Vec<CompiledResource>,
    /// The bytes of the file if it is precompressed, so that identity is not its own content.
    pub(crate) original: Option<StoredContent>,
    /// The hash of the content if it was compressed, but no form saves enough.
    pub(crate) incompressible: Option<Hash>,
}

/// Which contents of a file a variant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The file only.
    AsItIs,
    /// The file, and its compressed forms.
    Compressed,
    /// The file is a representation with a content coding; identity is decoded.
    Precompressed,
}

/// The contents of a file in one form, identity first, the others from small to large.
#[derive(Debug)]
struct Contents {
    media_type: String,
    by_coding: Vec<(ContentCoding, StoredContent)>,
}

/// A file whose compressed forms are still missing.
#[derive(Debug)]
pub(crate) struct Uncompressed<'a> {
    source: Source<'a>,
    media_type: String,
    variants: &'a [Variant],
    /// One for each variant.
    forms: Vec<Form>,
    precompressed: Option<Contents>,
}

impl<'a> Uncompressed<'a> {
    /// Decides how to represent a file. A precompressed one is decoded from what `open` returns.
    /// Fails only if that cannot be read, or a content cannot be written to the spill file.
    pub(crate) fn new<'r>(
        source: Source<'a>,
        variants: &'a [Variant],
        open: impl FnOnce() -> io::Result<Box<dyn BufRead + 'r>>,
        spill_file: Option<&SpillFile>,
    ) -> io::Result<Self> {
        let (path, sample) = (source.path, &source.sample);
        // There is one content coding at most that the bytes can be decoded from.
        let coding = |it: &Variant| precompressed::coding_of(path, &it.fields, &sample.start);
        let precompressed = match variants.iter().find_map(coding) {
            Some(coding) => decode(&source, coding, &mut *open()?, spill_file)?,
            None => None,
        };
        let media_type = media_type(path, source.file_use, sample);
        let form = |variant: &Variant| match precompressed {
            Some(_) if coding(variant).is_some() => Form::Precompressed,
            _ if is_compressed(variant, &media_type, &source) => Form::Compressed,
            _ => Form::AsItIs,
        };
        let forms = variants.iter().map(form).collect();
        Ok(Self { source, media_type, variants, forms, precompressed })
    }

    /// Whether any variant has compressed forms.
    pub(crate) fn is_compressed(&self) -> bool {
        self.forms.contains(&Form::Compressed)
    }

    /// The resources with these compressed forms. The variants share the contents.
    pub(crate) fn finish(
        self,
        compressed: Vec<(ContentCoding, StoredContent)>,
        site_fields: &SiteFields,
    ) -> Represented {
        let is_incompressible = self.is_compressed() && compressed.is_empty();
        let Self { source, media_type, variants, forms, precompressed } = self;
        let incompressible = is_incompressible.then(|| *source.original.hash());
        let identity = (ContentCoding::Identity, source.original.clone());
        let by_coding = std::iter::once(identity).chain(compressed).collect();
        let plain = Contents { media_type, by_coding };
        let resource = |(variant, form): (&Variant, &Form)| {
            let contents = match form {
                Form::Precompressed => precompressed.as_ref().unwrap_or(&plain),
                Form::Compressed | Form::AsItIs => &plain,
            };
            let count = if *form == Form::AsItIs { 1 } else { contents.by_coding.len() };
            let (media_type, cache_control) = (&contents.media_type, source.cache_control);
            let shared = SharedFields { site_fields, cache_control, media_type };
            let representations = representations(&contents.by_coding[..count], variant, shared);
            CompiledResource { path: source.path.to_owned(), representations }
        };
        let resources = variants.iter().zip(&forms).map(resource).collect();
        let original = precompressed.is_some().then_some(source.original);
        Represented { resources, original, incompressible }
    }
}

/// The contents of a precompressed file; `None` if it cannot be decoded.
fn decode(
    source: &Source<'_>,
    coding: ContentCoding,
    from: &mut dyn BufRead,
    spill_file: Option<&SpillFile>,
) -> io::Result<Option<Contents>> {
    let mut decoded =
        Decoded { content: ContentWriter::new(spill_file), sampler: Sampler::default() };
    let length_max = precompressed::decoded_max(source.original.length());
    if precompressed::decode(coding, from, length_max, &mut decoded)?.is_err() {
        return Ok(None);
    }
    let Decoded { content, sampler } = decoded;
    let path = precompressed::decoded_path(source.path, coding);
    let media_type = media_type(path, source.file_use, &sampler.finish());
    let identity = (ContentCoding::Identity, content.finish()?);
    Ok(Some(Contents { media_type, by_coding: vec![identity, (coding, source.original.clone())] }))
}

/// The decoded form of a file.
struct Decoded<'a> {
    content: ContentWriter<'a>,
    sampler: Sampler,
}

impl Write for Decoded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sampler.update(bytes);
        self.content.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether to compress a variant. The author's media type takes precedence.
fn is_compressed(variant: &Variant, media_type: &str, source: &Source<'_>) -> bool {
    let by_author = variant.fields.iter().find(|it| it.is("Content-Type"));
    let media_type = by_author.map_or(media_type, |it| it.value.as_str());
    (COMPRESSED_MIN..=COMPRESSED_MAX).contains(&source.original.length())
        && !is_no_transform(&variant.fields)
        && is_compressible(media_type, &source.sample)
}

/// The values of fields that the representations of a variant share.
#[derive(Debug, Clone, Copy)]
struct SharedFields<'a> {
    site_fields: &'a SiteFields,
    cache_control: &'static str,
    media_type: &'a str,
}

fn representations(
    contents: &[(ContentCoding, StoredContent)],
    variant: &Variant,
    shared: SharedFields<'_>,
) -> Vec<CompiledRepresentation> {
    // The head has a value for each representation.
    let is_in_head = |it: &&Field| !it.is(CONTENT_ENCODING);
    let author_fields: Vec<Field> = variant.fields.iter().filter(is_in_head).cloned().collect();
    let representation = |(coding, content): &(ContentCoding, StoredContent)| {
        let entity_tag = entity_tag(content);
        let head = head::resource(&HeadFields {
            status: variant.status,
            content_length: content.length(),
            content_type: shared.media_type,
            content_encoding: (*coding != ContentCoding::Identity).then(|| coding.token()),
            entity_tag: &entity_tag,
            last_modified: shared.site_fields.last_modified.as_deref(),
            cache_control: shared.cache_control,
            varies: contents.len() > 1,
            author_fields: &author_fields,
        });
        CompiledRepresentation { coding: *coding, content: content.clone(), head }
    };
    contents.iter().map(representation).collect()
}

/// A strong entity tag: half of the SHA-256 of exactly these bytes, which no other representation
/// shares (RFC 9110 section 8.8.1).
fn entity_tag(content: &StoredContent) -> String {
    format!("\"{}\"", &digest::hexadecimal(content.hash())[..32])
}

#[cfg(test)]
mod tests {
    use super::{super::compress::Compressor, *};

    fn variant(status: u16, fields: &[(&str, &str)]) -> Variant {
        let field = |(name, value): &(&str, &str)| {
            let (name, value) = ((*name).to_owned(), (*value).to_owned());
            Field { name, value }
        };
        Variant { status, fields: fields.iter().map(field).collect() }
    }

    fn in_variants(path: &str, bytes: &[u8], variants: &[Variant]) -> Represented {
        let original = StoredContent::new(bytes.to_vec(), None).unwrap();
        let (sample, cache_control) = (Sample::of(bytes), "no-cache");
        let source = Source { path, file_use: None, cache_control, sample, original };
        let uncompressed =
            Uncompressed::new(source, variants, || Ok(Box::new(bytes)), None).unwrap();
        let mut compressed = Vec::new();
        if uncompressed.is_compressed() {
            for (coding, bytes) in Compressor::default().compress(bytes) {
                compressed.push((coding, StoredContent::new(bytes, None).unwrap()));
            }
        }
        uncompressed.finish(compressed, &SiteFields::default())
    }

    fn represented(path: &str, bytes: &[u8], status: u16) -> CompiledResource {
        in_variants(path, bytes, &[variant(status, &[])]).resources.remove(0)
    }

    fn codings(resource: &CompiledResource) -> Vec<ContentCoding> {
        resource.representations.iter().map(|it| it.coding).collect()
    }

    #[test]
    fn each_variant_has_the_content_codings_that_its_fields_permit() {
        let text = b"all work and no play makes jack a dull boy\n".repeat(40);
        let variants = [
            variant(200, &[]),
            variant(200, &[("Cache-Control", "no-transform")]),
            variant(404, &[]),
            variant(200, &[("Content-Type", "application/octet-stream")]),
        ];
        let represented = in_variants("a.json", &text, &variants);
        let counts: Vec<usize> =
            represented.resources.iter().map(|it| it.representations.len()).collect();
        assert_eq!(counts, [3, 1, 3, 1]);
        assert!(represented.original.is_none());
        let head = &represented.resources[1].representations[0].head.shared.text;
        assert!(!head.contains("Vary"), "{head}");
    }

    #[test]
    fn a_precompressed_file_is_a_representation_of_its_decoded_form() {
        let text = b"function start() { return 1 }\n".repeat(40);
        let compressed = Compressor::default().compress(&text);
        for (coding, bytes) in &compressed {
            let labelled = variant(200, &[("content-encoding", coding.token())]);
            let represented = in_variants("a.js.gz", bytes, &[variant(200, &[]), labelled]);
            let [plain, labelled] = &represented.resources[..] else { panic!("two resources") };
            assert_eq!(codings(plain), [ContentCoding::Identity]);
            assert_eq!(codings(labelled), [ContentCoding::Identity, *coding]);
            let [identity, coded] = &labelled.representations[..] else { panic!("two of them") };
            assert_eq!(identity.content.bytes().unwrap(), text);
            assert_eq!(coded.content.bytes().unwrap(), *bytes);
            assert_eq!(represented.original.unwrap().bytes().unwrap(), *bytes);
            let line = format!("Content-Encoding: {}\r\n", coding.token());
            assert_eq!(
                coded.head.shared.text.to_lowercase().matches("content-encoding").count(),
                1
            );
            assert!(coded.head.shared.text.contains(&line));
            assert!(
                !identity.head.shared.text.contains("ncoding: g"),
                "{}",
                identity.head.shared.text
            );
            if *coding == ContentCoding::Gzip {
                let media_type = "Content-Type: text/javascript; charset=utf-8";
                assert!(
                    identity.head.shared.text.contains(media_type),
                    "{}",
                    identity.head.shared.text
                );
            }
        }
    }

    #[test]
    fn svgz_is_svg_if_it_is_gzip() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>".repeat(9);
        let compressed = Compressor::default().compress(&svg);
        let gzip = &compressed.iter().find(|it| it.0 == ContentCoding::Gzip).unwrap().1;
        let both = [ContentCoding::Identity, ContentCoding::Gzip];
        let rows: [(&[u8], &str, &[ContentCoding]); 3] = [
            (gzip, "image/svg+xml", &both),
            (&gzip[..gzip.len() - 1], "application/gzip", &both[..1]),
            (b"<svg/>", "image/svg+xml", &both[..1]),
        ];
        for (bytes, media_type, expected) in rows {
            let resource = represented("a.svgz", bytes, 200);
            assert_eq!(codings(&resource), expected);
            let head = &resource.representations[0].head.shared.text;
            assert!(head.contains(&format!("Content-Type: {media_type}\r\n")), "{head}");
        }
    }

    #[test]
    fn a_coding_is_kept_if_it_saves_enough_and_each_has_its_own_tag() {
        let text = "all work and no play makes jack a dull boy\n".repeat(40);
        let resource = represented("a.txt", text.as_bytes(), 200);
        let representations = &resource.representations;
        let codings: Vec<_> = representations.iter().map(|it| it.coding).collect();
        assert_eq!(codings[0], ContentCoding::Identity);
        assert_eq!(codings.len(), ContentCoding::ALL.len());
        let mut tags: Vec<_> = representations.iter().map(|it| it.head.entity_tag()).collect();
        tags.dedup();
        assert_eq!(tags.len(), ContentCoding::ALL.len());
        for it in representations {
            assert!(it.head.shared.text.contains("Vary: Accept-Encoding"), "{:?}", it.coding);
        }
        let tiny = represented("b.txt", b"x", 200);
        assert_eq!(tiny.representations.len(), 1);
        assert!(!tiny.representations[0].head.shared.text.contains("Vary"));
    }

    #[test]
    fn every_line_of_a_head_is_a_field_with_the_right_value() {
        let page = "<!doctype html>".repeat(30);
        let all = [200, 404].map(|status| represented("404.html", page.as_bytes(), status));
        for representation in all.iter().flat_map(|it| &it.representations) {
            let text = String::from_utf8(representation.head.text()).unwrap();
            let mut lines = text.split_terminator("\r\n");
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
