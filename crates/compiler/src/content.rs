//! Contents between rendering and writing: in memory, in a spill file, or in the site folder.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read, Write},
    ops::Range,
    sync::Arc,
};

use chapbook_format::{
    ContentCoding,
    digest::Hash,
    payload::{ContentHasher, ContentHashes},
};

use crate::{folder_file::FolderFile, render::precompressed, sink::Sink, spill_file::SpillFile};

/// Content; clones share the bytes.
#[derive(Debug, Clone)]
pub struct StoredContent {
    hashes: Arc<ContentHashes>,
    length: u64,
    storage: Storage,
}

#[derive(Debug, Clone)]
enum Storage {
    Memory(Arc<[u8]>),
    /// In a spill file, at this offset.
    SpillFile(SpillFile, u64),
    /// The content of a file of the site.
    File(Arc<FolderFile>),
    /// The same, stored elsewhere so that the file is not read again.
    FileCopy(Arc<StoredPart>),
    /// The bytes that a stream of events begins with, before it stays open.
    EventStream(Arc<[u8]>),
    /// One after the other.
    Parts(Arc<[StoredPart]>),
    /// What these parts decode to.
    Compressed(ContentCoding, Arc<[StoredPart]>),
}

/// A part of a content, which fits into memory.
#[derive(Debug, Clone)]
pub(crate) struct StoredPart {
    length: u64,
    storage: Storage,
}

/// Shorter files are stored as other contents are: to open them again would take longer.
const FILE_LENGTH_MIN: usize = 32 << 10;

impl StoredContent {
    /// Stores content in the spill file, or in memory if there is no spill file.
    pub(crate) fn new(bytes: &[u8], spill_file: Option<&SpillFile>) -> io::Result<Self> {
        let hashes = ContentHashes::of(bytes).into();
        let StoredPart { length, storage } = StoredPart::new(bytes, spill_file)?;
        Ok(Self { hashes, length, storage })
    }

    /// The content of a file, which was read. A long one stays in the file.
    pub(crate) fn of_file(
        bytes: &[u8],
        file: impl FnOnce() -> io::Result<Arc<FolderFile>>,
        spill_file: Option<&SpillFile>,
    ) -> io::Result<Self> {
        if bytes.len() < FILE_LENGTH_MIN {
            return Self::new(bytes, spill_file);
        }
        Ok(Self::in_file(ContentHashes::of(bytes), file()?))
    }

    /// Content that is never in a spill file.
    pub(crate) fn in_memory(bytes: Vec<u8>) -> Self {
        let hashes = ContentHashes::of(&bytes).into();
        Self { hashes, length: bytes.len() as u64, storage: Storage::Memory(bytes.into()) }
    }

    /// A stream of events, which begins with this text. Its length has a byte more, which is never
    /// sent, so that it has no end.
    pub(crate) fn event_stream(text: &[u8]) -> Self {
        let hashes = ContentHashes::of(text).into();
        Self { hashes, length: text.len() as u64 + 1, storage: Storage::EventStream(text.into()) }
    }

    /// The content of a file, which has these hashes.
    pub(crate) fn in_file(hashes: ContentHashes, file: Arc<FolderFile>) -> Self {
        Self { hashes: hashes.into(), length: file.length(), storage: Storage::File(file) }
    }

    /// The content at this offset of a file.
    pub(crate) fn in_file_at(
        hashes: ContentHashes,
        length: u64,
        file: &SpillFile,
        at: u64,
    ) -> Self {
        Self { hashes: hashes.into(), length, storage: Storage::SpillFile(file.clone(), at) }
    }

    /// The content that consists of these parts.
    pub(crate) fn of_parts(parts: Vec<StoredPart>) -> io::Result<Self> {
        let mut sink = ContentHasher::default();
        parts.iter().try_for_each(|part| part.copy(&mut sink))?;
        let length = parts.iter().map(|part| part.length).sum();
        let hashes = sink.finish().into();
        Ok(Self { hashes, length, storage: Storage::Parts(parts.into()) })
    }

    /// The same content, decoded from a compressed form in parts when it is written. The file that
    /// the content is from is not read again then, and the spill file has it only once.
    pub(crate) fn decoded_from(self, coding: ContentCoding, parts: Vec<StoredPart>) -> Self {
        Self { storage: Storage::Compressed(coding, parts.into()), ..self }
    }

    /// The same content, which is that of a file of the site and has the bytes of the part.
    pub(crate) fn copied_to(self, part: StoredPart) -> Self {
        Self { storage: Storage::FileCopy(Arc::new(part)), ..self }
    }

    /// The content as one part, which must fit into memory.
    pub(crate) fn into_part(self) -> StoredPart {
        StoredPart { length: self.length, storage: self.storage }
    }

    /// The SHA-256 of the bytes.
    #[must_use]
    pub fn hash(&self) -> &Hash {
        &self.hashes.content
    }

    /// The SHA-256 of the bytes and of each block.
    #[must_use]
    pub fn hashes(&self) -> &ContentHashes {
        &self.hashes
    }

    /// The file of the site that holds the bytes.
    pub(crate) fn folder_file(&self) -> Option<&Arc<FolderFile>> {
        match &self.storage {
            Storage::File(file) => Some(file),
            _ => None,
        }
    }

    /// The text that a stream of events begins with.
    pub(crate) fn events(&self) -> Option<&Arc<[u8]>> {
        match &self.storage {
            Storage::EventStream(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the content is one of the last in a payload: a preview does not have the bytes in
    /// it. The order must not depend on whether a compressed form was taken from an old output, or
    /// on how often a file was read.
    pub(crate) fn is_external(&self) -> bool {
        match &self.storage {
            Storage::File(_)
            | Storage::FileCopy(_)
            | Storage::EventStream(_)
            | Storage::Compressed(..) => true,
            Storage::Memory(_) | Storage::SpillFile(..) | Storage::Parts(_) => false,
        }
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be read back.
    pub fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        if let Storage::Memory(bytes) = &self.storage {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or(0));
        self.copy(&mut bytes)?;
        Ok(Cow::Owned(bytes))
    }

    /// Writes the bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be read back, or cannot be written. An [`UnusableFile`] is in the error if a
    /// file of the site has changed.
    ///
    /// [`UnusableFile`]: crate::UnusableFile
    pub fn copy(&self, to: &mut dyn Sink) -> io::Result<()> {
        self.storage.copy(self.length, to)
    }
}

impl StoredPart {
    /// Stores a part in the spill file, or in memory if there is no spill file.
    pub(crate) fn new(bytes: &[u8], spill_file: Option<&SpillFile>) -> io::Result<Self> {
        let length = bytes.len() as u64;
        let storage = match spill_file {
            Some(file) => Storage::SpillFile(file.clone(), file.append(bytes)?),
            None => Storage::Memory(bytes.into()),
        };
        Ok(Self { length, storage })
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Writes the bytes.
    pub(crate) fn copy(&self, to: &mut dyn Sink) -> io::Result<()> {
        self.storage.copy(self.length, to)
    }

    /// Reads these bytes, which must exist.
    pub(crate) fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Storage::SpillFile(file, at) = &self.storage {
            file.copy(at + range.start, range.end.saturating_sub(range.start), &mut bytes)?;
            return Ok(bytes);
        }
        self.copy(&mut bytes)?;
        let [start, end] = [range.start, range.end].map(usize::try_from);
        let part = start.ok().zip(end.ok()).and_then(|(start, end)| bytes.get(start..end));
        Ok(part.ok_or(io::ErrorKind::UnexpectedEof)?.to_vec())
    }
}

impl Storage {
    fn copy(&self, length: u64, to: &mut dyn Sink) -> io::Result<()> {
        match self {
            Self::Memory(bytes) | Self::EventStream(bytes) => to.write_all(bytes),
            Self::SpillFile(file, at) => file.copy(*at, length, to),
            Self::File(file) => file.copy(to),
            Self::FileCopy(part) => part.copy(to),
            Self::Parts(parts) => parts.iter().try_for_each(|part| part.copy(to)),
            Self::Compressed(coding, parts) => {
                let mut from = PartsReader { parts: parts.iter(), bytes: Vec::new(), at: 0 };
                let decoded = precompressed::decode(*coding, &mut from, length, to)?;
                decoded.map_err(|_| io::ErrorKind::InvalidData.into())
            }
        }
    }
}

/// Reads parts one after the other, each into memory.
struct PartsReader<'a> {
    parts: std::slice::Iter<'a, StoredPart>,
    bytes: Vec<u8>,
    at: usize,
}

impl BufRead for PartsReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.bytes.len() {
            let Some(part) = self.parts.next() else { break };
            self.bytes.clear();
            self.at = 0;
            part.copy(&mut self.bytes)?;
        }
        Ok(&self.bytes[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl Read for PartsReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// Stores content that is written in pieces.
#[derive(Debug)]
pub(crate) struct ContentWriter<'a> {
    spill_file: Option<&'a SpillFile>,
    hasher: ContentHasher,
    parts: Vec<StoredPart>,
    /// The bytes after the last part.
    bytes: Vec<u8>,
}

/// The length from which bytes in memory become a part in the spill file.
const PART_LENGTH: usize = 1 << 20;

impl<'a> ContentWriter<'a> {
    pub(crate) fn new(spill_file: Option<&'a SpillFile>) -> Self {
        Self { spill_file, hasher: ContentHasher::default(), parts: Vec::new(), bytes: Vec::new() }
    }

    /// The content.
    pub(crate) fn finish(mut self) -> io::Result<StoredContent> {
        let bytes = std::mem::take(&mut self.bytes);
        let last = StoredPart::new(&bytes, self.spill_file)?;
        let hashes = self.hasher.finish().into();
        let length = self.parts.iter().map(|part| part.length).sum::<u64>() + last.length;
        let storage = if self.parts.is_empty() {
            last.storage
        } else {
            self.parts.push(last);
            Storage::Parts(self.parts.into())
        };
        Ok(StoredContent { hashes, length, storage })
    }
}

impl Write for ContentWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.bytes.extend_from_slice(bytes);
        if self.spill_file.is_some() && self.bytes.len() >= PART_LENGTH {
            let bytes = std::mem::take(&mut self.bytes);
            self.parts.push(StoredPart::new(&bytes, self.spill_file)?);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chapbook_format::digest;

    use super::*;

    #[test]
    fn content_is_read_back_from_the_spill_file() {
        let file = SpillFile::new(tempfile::tempfile().unwrap());
        let long = vec![b'x'; 2 * PART_LENGTH + 1];
        let texts = [&b"one"[..], b"", b"three, which is longer", &long];
        let contents = texts.map(|text| StoredContent::new(text, Some(&file)).unwrap());
        let in_pieces = texts.map(|text| {
            let mut writer = ContentWriter::new(Some(&file));
            text.chunks(100_000).for_each(|piece| writer.write_all(piece).unwrap());
            writer.finish().unwrap()
        });
        let of_parts = texts.map(|text| {
            let parts = text.chunks(PART_LENGTH);
            let parts = parts.map(|it| StoredPart::new(it, Some(&file)).unwrap());
            StoredContent::of_parts(parts.collect()).unwrap()
        });
        for contents in [contents, in_pieces, of_parts] {
            for (content, text) in contents.iter().zip(texts).rev() {
                assert_eq!(content.bytes().unwrap(), text);
                let expected = (text.len() as u64, digest::of(text));
                assert_eq!((content.length(), *content.hash()), expected);
            }
        }
    }
}
