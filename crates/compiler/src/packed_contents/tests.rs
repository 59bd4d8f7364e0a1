//! Contents of payloads with several kinds of files, intact and damaged.

use chapbook_format::{Head, Representation, SharedHead, digest};

use super::*;
use crate::{
    model::{CompiledResource, CompiledSite, RuleFile},
    render::{compress::Compressor, precompressed::decode},
    write::Payload,
};

const TEXT: &[u8] = b"all work and no play makes jack a dull boy\n";

const INCOMPRESSIBLE: &[u8] = b"a font";

/// How the payload is compressed.
const COMPRESSION: u32 = 7;

fn resource(path: &str, contents: &[(ContentCoding, Vec<u8>)]) -> CompiledResource {
    let representation = |(coding, bytes): &(ContentCoding, Vec<u8>)| Representation {
        coding: *coding,
        content: StoredContent::new(bytes, None).unwrap(),
        head: Head {
            shared: SharedHead::without_content(200, String::new()),
            own: String::new(),
            entity_tag_line: 0,
        },
    };
    let representations = contents.iter().map(representation).collect();
    CompiledResource { path: path.to_owned(), representations }
}

/// A file in three forms, one that its author has compressed, and one in one form only.
fn payload(compression: u32) -> Vec<u8> {
    let identity = |text: &[u8]| vec![(ContentCoding::Identity, text.to_vec())];
    let compressed = |text: &[u8]| [identity(text), Compressor::default().compress(text)].concat();
    let by_author = compressed(&TEXT.repeat(20));
    let rule_files = by_author.iter().skip(1).map(|(_, bytes)| RuleFile {
        path: "b.txt.gz".to_owned(),
        content: StoredContent::new(bytes, None).unwrap(),
    });
    let site = CompiledSite {
        resources: vec![
            resource("a.txt", &compressed(&TEXT.repeat(40))),
            resource("b.txt.gz", &by_author),
            resource("c.txt", &identity(TEXT)),
            resource("d.eot", &identity(INCOMPRESSIBLE)),
        ],
        incompressible: vec![digest::of(INCOMPRESSIBLE)],
        rule_files: rule_files.collect(),
        compression,
        ..CompiledSite::default()
    };
    Payload::new(&site).unwrap().to_bytes().unwrap()
}

fn contents(bytes: &[u8]) -> Option<PackedContents> {
    let mut file = tempfile::tempfile().unwrap();
    io::Write::write_all(&mut file, &[b"before", bytes].concat()).unwrap();
    PackedContents::in_file(file, 6, bytes.len() as u64)
}

#[test]
fn compressed_contents_are_found_if_they_were_compressed_in_the_same_way() {
    let packed = contents(&payload(COMPRESSION)).unwrap();
    let hash = digest::of(&TEXT.repeat(40));
    let found = packed.compressed(COMPRESSION, &hash).unwrap();
    assert_eq!(found.len(), 2);
    for (coding, content) in found {
        let (bytes, mut text) = (content.bytes().unwrap(), Vec::new());
        decode(coding, &mut &bytes[..], u64::MAX, &mut text).unwrap().unwrap();
        assert_eq!(text, TEXT.repeat(40), "{coding}");
    }
    let tried = packed.compressed(COMPRESSION, &digest::of(INCOMPRESSIBLE));
    assert!(tried.is_some_and(|forms| forms.is_empty()));
    let rows = [
        ("another effort", COMPRESSION + 1, hash),
        ("another content", COMPRESSION, digest::of(b"x")),
        ("not compressed", COMPRESSION, digest::of(TEXT)),
        ("compressed by the author", COMPRESSION, digest::of(&TEXT.repeat(20))),
    ];
    for (what, compression, hash) in rows {
        assert!(packed.compressed(compression, &hash).is_none(), "{what}");
    }
    assert!(contents(&payload(0)).is_none());
}

#[test]
fn damaged_contents_are_not_used() {
    let payload = payload(COMPRESSION);
    let hash = digest::of(&TEXT.repeat(40));
    let forms = |packed: &PackedContents| packed.0.forms.get(&hash).cloned();
    let intact = contents(&payload).unwrap();
    for form in forms(&intact).unwrap() {
        let mut damaged = payload.clone();
        damaged[usize::try_from(form.at).unwrap() - 6] ^= 1;
        let packed = contents(&damaged).unwrap();
        assert!(packed.compressed(COMPRESSION, &hash).is_none());
    }
    let directory_length = Header::parse(&payload).unwrap().directory_length().unwrap();
    for at in (0..usize::try_from(directory_length).unwrap()).step_by(7) {
        let mut damaged = payload.clone();
        damaged[at] ^= 1;
        assert!(contents(&damaged).is_none(), "{at}");
    }
    assert!(contents(&payload[..payload.len() - 1]).is_none());
}
