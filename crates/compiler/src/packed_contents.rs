//! The compressed contents of a packed site, which need not be compressed again.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use chapbook_format::{
    ContentCoding,
    digest::Hash,
    payload::{ContentHasher, ContentRecord, Directory, Header, Record},
};

use crate::{content::StoredContent, spill_file::SpillFile};

/// The compressed contents of a site that was packed before. They stay in its file.
#[derive(Debug, Clone)]
pub struct PackedContents(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    file: SpillFile,
    /// See [`Header::compression`].
    compression: u32,
    /// The compressed forms of a content, by its hash.
    forms: HashMap<Hash, Vec<Form>>,
}

/// A compressed form, and where it is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    coding: ContentCoding,
    hash: Hash,
    at: u64,
    length: u64,
}

impl PackedContents {
    /// The contents of a book, which consists of a payload; `None` if there is none, or if it is
    /// damaged.
    #[must_use]
    pub fn of_book(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        Self::in_file(file, 0, length)
    }

    /// The contents of the payload at this offset of a file; `None` if it is damaged.
    #[must_use]
    pub fn in_file(mut file: File, payload_at: u64, payload_length: u64) -> Option<Self> {
        let mut bytes = read_at(&mut file, payload_at, Header::LENGTH as u64).ok()?;
        let header = Header::parse(&bytes).ok()?;
        let length = header.directory_length().filter(|length| *length <= payload_length)?;
        if header.compression == 0 {
            return None;
        }
        bytes = read_at(&mut file, payload_at, length).ok()?;
        let directory = Directory::open(&bytes, payload_length).ok()?;
        if !(0..directory.blocks()).all(|number| directory.is_block_intact(number)) {
            return None;
        }
        let forms = forms(&directory, payload_at.checked_add(directory.contents_at())?);
        let (file, compression) = (SpillFile::new(file), header.compression);
        Some(Self(Arc::new(Opened { file, compression, forms })))
    }

    /// The compressed forms of the content with this hash, if they were compressed in this way and
    /// are intact.
    pub(crate) fn compressed(
        &self,
        compression: u32,
        content: &Hash,
    ) -> Option<Vec<(ContentCoding, StoredContent)>> {
        let opened = &*self.0;
        let forms = opened.forms.get(content).filter(|_| opened.compression == compression)?;
        let stored = forms.iter().map(|form| {
            let mut sink = ContentHasher::default();
            opened.file.copy(form.at, form.length, &mut sink).ok()?;
            let stored =
                StoredContent::in_file_at(sink.finish(), form.length, &opened.file, form.at);
            (*stored.hash() == form.hash).then_some((form.coding, stored))
        });
        stored.collect()
    }
}

/// The compressed forms of each content that was compressed, the smallest first; none if they were
/// not much shorter.
fn forms(directory: &Directory<'_>, contents_at: u64) -> HashMap<Hash, Vec<Form>> {
    // The originals of precompressed files, which were not compressed here.
    let mut originals = HashSet::new();
    for at in directory.positions() {
        if let Some(Record::File { is_rule_file: true, .. }) = directory.record(at) {
            originals.extend(directory.representations(at).map(|it| it.content.number));
        }
    }
    let form = |coding: ContentCoding, content: ContentRecord| {
        let at = contents_at.checked_add(content.offset)?;
        let hash = *directory.hash(content.number)?;
        Some(Form { coding, hash, at, length: content.length })
    };
    let mut forms = HashMap::new();
    for at in directory.positions() {
        if let Some(Record::Incompressible { content }) = directory.record(at) {
            forms.extend(directory.hash(content).map(|hash| (*hash, Vec::new())));
            continue;
        }
        let mut representations = directory.representations(at);
        let identity = representations.next().filter(|it| it.coding == ContentCoding::Identity);
        let hash = identity.and_then(|it| directory.hash(it.content.number));
        let others: Vec<_> = representations.collect();
        if others.is_empty() || others.iter().any(|it| originals.contains(&it.content.number)) {
            continue;
        }
        let others: Option<Vec<Form>> =
            others.into_iter().map(|it| form(it.coding, it.content)).collect();
        if let (Some(hash), Some(others)) = (hash, others) {
            forms.insert(*hash, others);
        }
    }
    forms
}

/// These bytes, which must exist.
fn read_at(file: &mut File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    let read = (&*file).take(length).read_to_end(&mut bytes)?;
    if read as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests;
