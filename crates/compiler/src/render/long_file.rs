//! Long files: read in pieces for their hash and a sample, and compressed in chunks.

use std::{
    io::{self, Read},
    ops::Range,
    sync::Arc,
};

use chapbook_format::ContentCoding;
use flate2::Crc;

use super::{
    chunks::{self, ChunkPosition},
    compress::saves_enough,
    context::RenderContext,
    represent::{Represented, SiteFields, Uncompressed},
    sample::{ContentSampler, SampledContent},
};
use crate::{
    content::{StoredContent, StoredPart},
    folder_file::FolderFile,
    progress::{Progress, Step},
    spill_file::SpillFile,
};

/// A long file that was read once.
pub(super) struct LongFile<'a> {
    pub(super) file: Arc<FolderFile>,
    /// Its bytes, if it must not be read again.
    pub(super) stored: Option<StoredPart>,
    pub(super) uncompressed: Uncompressed<'a>,
    /// Its compressed forms, if they need not be compressed again.
    pub(super) packed: Option<Vec<(ContentCoding, StoredContent)>>,
}

impl LongFile<'_> {
    /// The chunks to compress.
    pub(super) fn chunks(&self) -> impl Iterator<Item = ChunkPosition> + use<> {
        let is_compressed = self.packed.is_none() && self.uncompressed.is_compressed();
        ChunkPosition::all(self.file.length()).filter(move |_| is_compressed)
    }

    pub(super) fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        match &self.stored {
            Some(stored) => stored.read_range(range),
            None => self.file.read_range(range),
        }
    }

    /// The resources with these chunks.
    pub(super) fn finish(
        self,
        chunks: Vec<CompressedChunk>,
        spill_file: Option<&SpillFile>,
        site_fields: &SiteFields,
    ) -> io::Result<Represented> {
        let mut uncompressed = self.uncompressed;
        if let Some(packed) = self.packed {
            return Ok(uncompressed.finish(packed, site_fields));
        }
        let forms = join(chunks, self.file.length(), spill_file)?;
        if let Some((coding, parts)) = forms.last.filter(|_| self.stored.is_none()) {
            // To copy it from the folder would be the third read.
            let original = uncompressed.original().clone();
            uncompressed.set_original(original.decoded_from(coding, parts));
        }
        Ok(uncompressed.finish(forms.kept, site_fields))
    }
}

/// The bytes that are read at a time.
pub(super) const PIECE_LENGTH: usize = 256 << 10;

/// Reads a file once, without keeping its bytes.
pub(super) fn sample(file: &FolderFile, progress: &Progress) -> io::Result<SampledContent> {
    let mut sampler = ContentSampler::default();
    let mut open = file.open()?;
    let mut piece = vec![0; PIECE_LENGTH];
    loop {
        let count = open.read(&mut piece)?;
        if count == 0 {
            return Ok(sampler.finish());
        }
        sampler.update(&piece[..count]);
        progress.report(Step::Compressed { bytes: count as u64 });
    }
}

/// A chunk in each content coding.
#[derive(Debug)]
pub(super) struct CompressedChunk {
    by_coding: Vec<(ContentCoding, StoredPart)>,
    checksum: Crc,
}

/// Compresses the chunk with these bytes.
pub(super) fn compress(
    bytes: &[u8],
    position: ChunkPosition,
    context: &RenderContext,
) -> io::Result<CompressedChunk> {
    let chunk = position.chunk(bytes);
    let mut by_coding = Vec::new();
    for (coding, bytes) in context.compressor.compress_chunk(chunk) {
        by_coding.push((coding, StoredPart::new(&bytes, context.spill_file.as_ref())?));
    }
    context.progress.report(Step::Compressed { bytes: position.length() });
    Ok(CompressedChunk { by_coding, checksum: chunks::checksum(chunk) })
}

/// The compressed forms of a content.
#[derive(Debug, Default)]
pub(super) struct CompressedForms {
    /// Those that save enough, the smallest first.
    pub(super) kept: Vec<(ContentCoding, StoredContent)>,
    /// The parts of the last coding that was tried, whatever it saves. Brotli is decoded in a third
    /// of the time that gzip takes.
    pub(super) last: Option<(ContentCoding, Vec<StoredPart>)>,
}

/// The compressed forms of a content of this length.
pub(super) fn join(
    chunks: Vec<CompressedChunk>,
    length: u64,
    spill_file: Option<&SpillFile>,
) -> io::Result<CompressedForms> {
    let mut checksum = Crc::new();
    let mut by_coding: Vec<(ContentCoding, Vec<StoredPart>)> = Vec::new();
    for chunk in chunks {
        checksum.combine(&chunk.checksum);
        for (coding, part) in chunk.by_coding {
            match by_coding.iter_mut().find(|(it, _)| *it == coding) {
                Some((_, parts)) => parts.push(part),
                None => by_coding.push((coding, vec![part])),
            }
        }
    }
    let mut forms = CompressedForms::default();
    for (coding, mut parts) in by_coding {
        if coding == ContentCoding::Gzip {
            let trailer = chunks::gzip_trailer(&checksum);
            parts.push(StoredPart::new(&trailer, spill_file)?);
        }
        if saves_enough(length, parts.iter().map(StoredPart::length).sum()) {
            forms.kept.push((coding, StoredContent::of_parts(parts.clone())?));
        }
        forms.last = Some((coding, parts));
    }
    forms.kept.sort_by_key(|(_, content)| content.length());
    Ok(forms)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use chapbook_format::{SiteInfo, digest};

    use super::*;
    use crate::{
        folder_file::FileVersion,
        render::{
            compress::{Compressor, Effort},
            precompressed,
        },
        site_root::SiteRoot,
    };

    #[test]
    fn the_chunks_of_a_file_are_one_content_in_each_coding() {
        let spill_file = SpillFile::new(tempfile::tempfile().unwrap());
        let lines = (0..).map(|number: u64| format!("{} {}\n", number, number * number % 9973));
        let text: String = lines.take(560_000).collect();
        let chunk_max = usize::try_from(chunks::CHUNK_MAX).unwrap();
        assert!(text.len() > 2 * chunk_max);
        for length in [2 * chunk_max, chunk_max + 1] {
            let text = &text.as_bytes()[..length];
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("x"), text).unwrap();
            let version = FileVersion::of(&fs::metadata(folder.path().join("x")).unwrap());
            let root = Arc::new(SiteRoot::new(folder.path()));
            let paths = ("x", Path::new("x"));
            let file = Arc::new(FolderFile::new(root, paths, "x".to_owned(), version));
            let context = RenderContext {
                info: SiteInfo::default(),
                compressor: Compressor::new(Effort::Fast, None),
                packed: None,
                compile_cache: None,
                reload_element: None,
                spill_file: Some(spill_file.clone()),
                progress: Progress::default(),
            };
            let sampled = sample(&file, &context.progress).unwrap();
            assert!(sampled.sample.is_text);
            assert_eq!(sampled.hashes.content, digest::of(text));
            let positions = ChunkPosition::all(file.length());
            let bytes = |it: ChunkPosition| file.read_range(it.range()).unwrap();
            let chunks = positions.map(|it| compress(&bytes(it), it, &context).unwrap()).collect();
            let joined = join(chunks, file.length(), Some(&spill_file)).unwrap();
            let (coding, parts) = joined.last.unwrap();
            let identity = StoredContent::in_file(sampled.hashes, Arc::clone(&file));
            assert!(identity.decoded_from(coding, parts).bytes().unwrap() == text);
            assert_eq!(joined.kept.len(), 2);
            for (coding, content) in joined.kept {
                let (bytes, mut decoded) = (content.bytes().unwrap(), Vec::new());
                let result = precompressed::decode(coding, &mut &bytes[..], u64::MAX, &mut decoded);
                assert_eq!(result.unwrap(), Ok(()), "{coding}");
                assert!(decoded == text, "{coding}, {length} bytes");
                assert_eq!(*content.hash(), digest::of(&bytes));
            }
        }
    }
}
