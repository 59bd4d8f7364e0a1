//! Unpacking any archive: it is rejected, or its site is in the folder for it. Nothing else is
//! written, whatever its paths and links say.

use std::{fs, io::Write, path::Path};

use chapbook_compiler::{Progress, Unpack};
use flate2::{Compression, Crc, write};
use tar::{EntryType, Header};

/// Bytes that may be unpacked in one run.
const BYTES_MAX: u64 = 1 << 20;

/// Unpacks an archive beside a file and a folder, which must not change.
pub fn run(input: &[u8]) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("scratch")).expect("it can be created");
    fs::write(at("archive"), input).expect("it can be written");
    fs::write(at("beside"), "beside").expect("it can be written");
    let unpack = Unpack {
        archive: &at("archive"),
        below: Path::new(""),
        scratch: &at("scratch"),
        available: Some(BYTES_MAX),
        progress: Progress::default(),
    };
    let unpacked = unpack.run();
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .expect("it can be listed")
        .map(|it| it.expect("it can be listed").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["archive", "beside", "scratch"]);
    assert_eq!(fs::read(at("beside")).ok().as_deref(), Some(&b"beside"[..]));
    assert_eq!(fs::read(at("archive")).ok().as_deref(), Some(input));
    let (site, _) = match unpacked {
        Ok(unpacked) => unpacked,
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains(char::is_control), "{message:?}");
            return;
        }
    };
    let canonical = |path: &Path| fs::canonicalize(path).expect("it exists");
    let root = canonical(&at("scratch"));
    assert!(canonical(&site).starts_with(&root), "{}", site.display());
    let mut bytes = 0;
    each_entry(&site, &mut |path, metadata| {
        bytes += if metadata.is_file() { metadata.len() } else { 0 };
        if let Ok(target) = fs::canonicalize(path) {
            assert!(target.starts_with(&root), "{} leads out", path.display());
        }
    });
    assert!(bytes <= BYTES_MAX, "{bytes} bytes");
}

/// Calls a function for each file, folder and link below a folder.
fn each_entry(folder: &Path, visit: &mut dyn FnMut(&Path, &fs::Metadata)) {
    for entry in fs::read_dir(folder).expect("it can be listed") {
        let path = entry.expect("it can be listed").path();
        let metadata = fs::symlink_metadata(&path).expect("it exists");
        visit(&path, &metadata);
        if metadata.is_dir() {
            each_entry(&path, visit);
        }
    }
}

/// An entry of a zip archive.
#[derive(Debug, Clone, Copy)]
pub struct ZipEntry<'a> {
    /// The path in the archive.
    pub path: &'a [u8],
    /// The content, or the target of a link.
    pub content: &'a [u8],
    /// The mode of Unix, with the type of the file.
    pub mode: u32,
    /// The compression method: 0 for none, 8 for deflate.
    pub method: u16,
    /// The general purpose flags: 1 for an encrypted entry.
    pub flags: u16,
    /// The length that the archive claims; `None` for the true one.
    pub claimed: Option<u32>,
}

impl<'a> ZipEntry<'a> {
    /// A compressed file, or a folder if the path ends with `/`.
    pub fn new(path: &'a str, content: &'a [u8]) -> Self {
        let mode = if path.ends_with('/') { 0o040_755 } else { 0o100_644 };
        let path = path.as_bytes();
        Self { path, content, mode, method: 8, flags: 0, claimed: None }
    }
}

/// A zip archive.
pub fn zip(entries: &[ZipEntry<'_>]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut crc = Crc::new();
        crc.update(entry.content);
        let content = if entry.method == 8 {
            let mut encoder = write::DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(entry.content).expect("there is memory");
            encoder.finish().expect("there is memory")
        } else {
            entry.content.to_vec()
        };
        let claimed = entry.claimed.unwrap_or_else(|| length(entry.content));
        let at = length(&archive);
        // Both headers have these fields, from the version needed to the length of the extra field.
        let mut shared = Vec::new();
        for number in [20, entry.flags, entry.method, 0, 0x21] {
            shared.extend(number.to_le_bytes());
        }
        for number in [crc.sum(), length(&content), claimed, length(entry.path)] {
            shared.extend(number.to_le_bytes());
        }
        archive.extend(b"PK\x03\x04");
        archive.extend(&shared);
        archive.extend(entry.path);
        archive.extend(&content);
        // Made on Unix.
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&shared);
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(entry.path);
    }
    let count = u16::try_from(entries.len()).expect("there are few entries").to_le_bytes();
    let (at, size) = (length(&archive), length(&directory));
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count, count].concat());
    archive.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    archive.extend([0; 2]);
    archive
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("it is short")
}

/// An entry of a tar archive.
#[derive(Debug, Clone, Copy)]
pub struct TarEntry<'a> {
    /// The path in the archive, of at most 100 bytes.
    pub path: &'a [u8],
    /// The content.
    pub content: &'a [u8],
    /// The type: `0` for a file, `1` and `2` for links, `5` for a folder.
    pub kind: u8,
    /// The target of a link, of at most 100 bytes.
    pub target: &'a [u8],
    /// The length that the archive claims; `None` for the true one.
    pub claimed: Option<u64>,
}

impl<'a> TarEntry<'a> {
    /// A file, or a folder if the path ends with `/`.
    pub fn new(path: &'a str, content: &'a [u8]) -> Self {
        let kind = if path.ends_with('/') { b'5' } else { b'0' };
        Self { path: path.as_bytes(), content, kind, target: b"", claimed: None }
    }

    /// A symbolic link.
    pub fn link(path: &'a str, target: &'a str) -> Self {
        Self { kind: b'2', target: target.as_bytes(), ..Self::new(path, b"") }
    }
}

/// A tar archive.
pub fn tar(entries: &[TarEntry<'_>]) -> Vec<u8> {
    let mut archive = Vec::new();
    for entry in entries {
        let mut header = Header::new_ustar();
        let old = header.as_old_mut();
        old.name[..entry.path.len()].copy_from_slice(entry.path);
        old.linkname[..entry.target.len()].copy_from_slice(entry.target);
        header.set_entry_type(EntryType::new(entry.kind));
        header.set_mode(0o644);
        header.set_size(entry.claimed.unwrap_or(entry.content.len() as u64));
        header.set_cksum();
        archive.extend(header.as_bytes());
        archive.extend(entry.content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// The bytes, compressed.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("there is memory");
    encoder.finish().expect("there is memory")
}

/// Archives with each kind of entry.
pub fn seeds() -> Vec<Vec<u8>> {
    let files = [("index.html", "<!doctype html>"), ("a/b.css", "b{}"), ("a/", "")];
    let zipped = files.map(|(path, content)| ZipEntry::new(path, content.as_bytes()));
    let link = ZipEntry { mode: 0o120_777, ..ZipEntry::new("a/link", b"../index.html") };
    let stored = ZipEntry { method: 0, ..ZipEntry::new("stored", b"stored") };
    let tarred = files.map(|(path, content)| TarEntry::new(path, content.as_bytes()));
    let hard = TarEntry { kind: b'1', target: b"a/b.css", ..TarEntry::new("hard", b"") };
    let long = TarEntry { kind: b'L', ..TarEntry::new("././@LongLink", b"long/name\0") };
    let attributes = TarEntry { kind: b'x', ..TarEntry::new("pax", b"12 path=new\n") };
    let links = [TarEntry::link("a/link", "../index.html"), TarEntry::link("link", "a")];
    let tar_archive =
        tar(&[&tarred[..], &links, &[hard, long, tarred[0], attributes, tarred[1]]].concat());
    let inner = ZipEntry::new("artifact.tar", &tar_archive);
    vec![
        zip(&[&zipped[..], &[link, stored]].concat()),
        zip(&[inner]),
        gzip(&tar_archive),
        tar_archive.clone(),
        zip(&[]),
    ]
}

/// Pieces of paths that lead elsewhere, and of both formats.
pub const PIECES: &[&[u8]] = &[b"../", b"/", b"\\", b"\0", b"index.html", b"PK\x01\x02", b"ustar"];
