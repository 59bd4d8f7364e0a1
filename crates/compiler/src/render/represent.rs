//! This file owns the step from a file to its answers: media type, content codings, entity tags and
//! heads. It knows neither routes nor requests.

use std::{
    io,
    time::{Duration, UNIX_EPOCH},
};

use super::{
    compress::Coder,
    fingerprint,
    head::Fields,
    media_type::{is_compressible, media_type},
};
use chapbook_format::{ContentCoding, digest};

use crate::{
    content::{Content, SpillFile},
    model::{Head, Representation, Resource},
    routing::plan::Variant,
    walk::File,
};

/// The end of the year 9999, the last that an IMF-fixdate can write (RFC 9110 section 5.6.7).
const DATE_MAX: u64 = 253_402_300_799;

/// What the heads of a whole site have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Common {
    /// The site's date in seconds since 1970.
    pub(crate) last_modified_seconds: Option<u64>,
    /// The same as a field value.
    last_modified: Option<String>,
}

impl Common {
    /// What a site has that was made at this time.
    pub(crate) fn new(last_modified: Option<u64>) -> Self {
        let seconds = last_modified.map(|seconds| seconds.min(DATE_MAX));
        let date = |seconds| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
        Self { last_modified_seconds: seconds, last_modified: seconds.map(date) }
    }
}

/// The answers that are made of a file, one for each variant, all with the same contents. It fails
/// only where contents cannot be set aside.
pub(crate) fn represent(
    file: &File,
    bytes: Vec<u8>,
    variants: &[Variant],
    common: &Common,
    coder: &Coder,
    aside: Option<&SpillFile>,
) -> io::Result<Vec<Resource>> {
    let media_type = media_type(file, &bytes);
    let codings = if is_compressible(&media_type) { coder.code(&bytes) } else { Vec::new() };
    let mut contents = vec![(ContentCoding::Identity, Content::new(bytes, aside)?)];
    for (coding, bytes) in codings {
        contents.push((coding, Content::new(bytes, aside)?));
    }
    let varies = contents.len() > 1;
    let cache_control = fingerprint::cache_control(file.name());
    let represent_as = |variant: &Variant, coding: ContentCoding, content: &Content| {
        let entity_tag = entity_tag(content);
        let head = Head::new(&Fields {
            status: variant.status,
            content_length: content.length(),
            content_type: &media_type,
            content_encoding: (coding != ContentCoding::Identity).then(|| coding.token()),
            entity_tag: &entity_tag,
            last_modified: common.last_modified.as_deref(),
            cache_control,
            varies,
            of_author: &variant.fields,
        });
        Representation { coding, content: content.clone(), entity_tag, head }
    };
    let resource = |variant| Resource {
        path: file.path.clone(),
        representations: contents
            .iter()
            .map(|(coding, content)| represent_as(variant, *coding, content))
            .collect(),
    };
    Ok(variants.iter().map(resource).collect())
}

/// A strong entity tag: half of the SHA-256 of exactly these bytes, which no other representation
/// shares (RFC 9110 section 8.8.1).
fn entity_tag(content: &Content) -> String {
    format!("\"{}\"", &digest::hexadecimal(content.hash())[..32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::head::Status;

    fn represented(path: &str, bytes: &[u8], status: Status) -> Resource {
        let file = File { path: path.to_owned() };
        let variant = Variant { status, fields: Vec::new() };
        let (common, coder) = (Common::default(), Coder::default());
        represent(&file, bytes.to_vec(), &[variant], &common, &coder, None).unwrap().remove(0)
    }

    #[test]
    fn a_coding_is_kept_where_it_pays_and_each_has_its_own_tag() {
        let text = "all work and no play makes jack a dull boy\n".repeat(40);
        let resource = represented("a.txt", text.as_bytes(), Status::Ok);
        let representations = &resource.representations;
        let codings: Vec<_> = representations.iter().map(|it| it.coding).collect();
        assert_eq!(codings[0], ContentCoding::Identity);
        assert_eq!(codings.len(), 3);
        let mut tags: Vec<_> = representations.iter().map(|it| &it.entity_tag).collect();
        tags.dedup();
        assert_eq!(tags.len(), 3);
        for it in representations {
            assert!(it.head.text.contains("Vary: Accept-Encoding"), "{:?}", it.coding);
        }
        let tiny = represented("b.txt", b"x", Status::Ok);
        assert_eq!(tiny.representations.len(), 1);
        assert!(!tiny.representations[0].head.text.contains("Vary"));
    }

    #[test]
    fn every_line_of_a_head_is_a_field_and_tells_the_truth() {
        let page = "<!doctype html>".repeat(30);
        let all = [Status::Ok, Status::NotFound]
            .map(|status| represented("404.html", page.as_bytes(), status));
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
