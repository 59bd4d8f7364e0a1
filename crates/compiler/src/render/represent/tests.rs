//! Which contents and heads the resources of files have.

use super::{super::compress::Compressor, *};

fn variant(status: u16, fields: &[(&str, &str)]) -> Variant {
    let field = |(name, value): &(&str, &str)| {
        let (name, value) = ((*name).to_owned(), (*value).to_owned());
        Field { name, value }
    };
    Variant { status, fields: fields.iter().map(field).collect() }
}

fn in_variants(path: &str, bytes: &[u8], variants: &[Variant]) -> Represented {
    let original = StoredContent::new(bytes, None).unwrap();
    let (sample, cache_control) = (Sample::of(bytes), "no-cache");
    let source = Source { path, file_use: None, cache_control, sample, original };
    let decode = |coding| Ok(DecodedForm::of(coding, &mut &bytes[..], u64::MAX, None)?.ok());
    let uncompressed = Uncompressed::new(source, variants, decode).unwrap();
    let mut compressed = Vec::new();
    if uncompressed.is_compressed() {
        for (coding, bytes) in Compressor::default().compress(bytes) {
            compressed.push((coding, StoredContent::new(&bytes, None).unwrap()));
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
        assert_eq!(coded.head.shared.text.to_lowercase().matches("content-encoding").count(), 1);
        assert!(coded.head.shared.text.contains(&line));
        assert!(!identity.head.shared.text.contains("ncoding: g"), "{}", identity.head.shared.text);
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
