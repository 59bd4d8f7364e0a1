//! The resources of a file: contents, entity tags and heads.

use std::{
    io,
    time::{Duration, UNIX_EPOCH},
};

use chapbook_format::{ContentCoding, SiteInfo, digest, digest::Hash};

use super::{
    coding_policy::{is_compressible, is_no_transform},
    decoded::DecodedForm,
    head::{self, HeadFields},
    media_type::media_type,
    precompressed,
    sample::Sample,
};
use crate::{
    content::StoredContent,
    lint::FileUse,
    model::{CompiledRepresentation, CompiledResource},
    routing::plan::Variant,
    rules::headers::{CONTENT_ENCODING, Field},
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
    /// Decides how to represent a file. `decode` returns what a precompressed one decodes to, if
    /// it is intact.
    pub(crate) fn new(
        source: Source<'a>,
        variants: &'a [Variant],
        decode: impl FnOnce(ContentCoding) -> io::Result<Option<DecodedForm>>,
    ) -> io::Result<Self> {
        let (path, sample) = (source.path, &source.sample);
        // There is one content coding at most that the bytes can be decoded from.
        let coding = |it: &Variant| precompressed::coding_of(path, &it.fields, &sample.start);
        let decoded = match variants.iter().find_map(coding) {
            Some(coding) => decode(coding)?,
            None => None,
        };
        let precompressed = decoded.map(|decoded| precompressed_contents(&source, decoded));
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

    /// The bytes of the file.
    pub(crate) fn original(&self) -> &StoredContent {
        &self.source.original
    }

    /// Stores the bytes of the file elsewhere.
    pub(crate) fn set_original(&mut self, original: StoredContent) {
        self.source.original = original;
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

/// The contents of a precompressed file.
fn precompressed_contents(source: &Source<'_>, decoded: DecodedForm) -> Contents {
    let DecodedForm { coding, content, sample } = decoded;
    let path = precompressed::decoded_path(source.path, coding);
    let media_type = media_type(path, source.file_use, &sample);
    let identity = (ContentCoding::Identity, content);
    Contents { media_type, by_coding: vec![identity, (coding, source.original.clone())] }
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
mod tests;
