//! Rendering of files: short ones in memory, long ones in pieces.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chapbook_format::{ContentCoding, digest::Hash};

use super::{
    chunks::{CHUNK_MAX, ChunkPosition},
    compress::Effort,
    context::RenderContext,
    decoded::DecodedForm,
    fingerprint::Fingerprints,
    long_file::{self, CompressedChunk, LongFile, PIECE_LENGTH},
    reload,
    rendered_files::RenderedFiles,
    represent::{Represented, SiteFields, Source, Uncompressed},
    sample::{SHORT_MAX, Sample, SampledContent},
};
use crate::{
    compile_cache::RenderKey,
    content::{StoredContent, StoredPart},
    file_identity::FileIdentity,
    folder_file::{FolderFile, UnusableFile},
    lint::{FileUse, FirstRead},
    parallel,
    progress::Step,
    routing::plan::PlannedFile,
    site_folder::{FileVersion, SiteFolder},
};

/// In a preview, longer files are only sampled, except for short ones that are compressed: reading
/// gigabytes of pictures would delay its start.
const SAMPLED_MIN: u64 = 256 << 10;

/// Bytes of files, without compressed forms, that a preview keeps in memory. Few sites have more
/// without their media.
pub(super) const LOADED_MAX: u64 = 256 << 20;

/// Renders the files of a plan.
pub(super) struct FileRenderer<'a> {
    pub(super) folder: &'a SiteFolder,
    /// The version of each file that was linted, by index.
    pub(super) versions: &'a [Option<FileVersion>],
    /// What each file is used as, by index.
    pub(super) uses: &'a [Option<FileUse>],
    /// What linting has read of each file, by index.
    pub(super) first_reads: &'a [FirstRead],
    pub(super) fingerprints: Fingerprints,
    pub(super) site_fields: &'a SiteFields,
    pub(super) context: &'a RenderContext,
    /// The number of bytes that a preview may still keep in memory.
    pub(super) loadable: AtomicU64,
}

impl FileRenderer<'_> {
    fn is_preview(&self) -> bool {
        self.context.compressor.effort() == Effort::Preview
    }

    /// Renders files. Results are in the order of the files.
    pub(super) fn files(&self, files: &[PlannedFile]) -> Vec<io::Result<Represented>> {
        let bytes = files.iter().map(|it| self.length(it.file)).sum();
        self.context.progress.report(Step::Linted { bytes });
        let is_long = |it: &PlannedFile| !self.is_preview() && self.is_long(it);
        let long: Vec<usize> = (0..files.len()).filter(|at| is_long(&files[*at])).collect();
        let length = |at: &usize| self.length(files[*at].file);
        let read = |(): &mut (), _, at: &usize| self.read_long(&files[*at]);
        let long = parallel::map_within(u64::MAX, &long, length, read);

        // Compressing is nearly all of the work of a build. Chunks and short files are taken
        // together, so that no core waits for the last chunk of a file.
        let mut tasks = Vec::with_capacity(files.len());
        let mut read = long.iter();
        for planned in files {
            if is_long(planned) {
                let Some(Ok(file)) = read.next() else { continue };
                let chunk = |position| Task::Chunk { file, position };
                tasks.extend(file.chunks().map(chunk));
            } else {
                tasks.push(Task::Short(planned));
            }
        }
        let reused = RenderedFiles::of_context(self.context);
        let work = |(): &mut (), _, task: &Task<'_>| match *task {
            Task::Short(planned) => self.short(planned, &reused).map(Done::Short),
            Task::Chunk { file, position } => {
                let bytes = file.read_range(position.range())?;
                long_file::compress(&bytes, position, self.context).map(Done::Chunk)
            }
        };
        let weight = |task: &Task<'_>| match *task {
            Task::Short(planned) => self.length(planned.file),
            Task::Chunk { position, .. } => position.length(),
        };
        let mut done = parallel::map_within(in_progress_max(), &tasks, weight, work).into_iter();
        drop(tasks);

        let mut long = long.into_iter();
        let mut finish = |planned: &PlannedFile| {
            if is_long(planned) {
                return Some(long.next()?.and_then(|file| self.finish(file, &mut done)));
            }
            match done.next()? {
                Ok(Done::Short(represented)) => Some(Ok(represented)),
                Ok(Done::Chunk(_)) => None,
                Err(error) => Some(Err(error)),
            }
        };
        let results: Vec<_> = files.iter().filter_map(&mut finish).collect();
        let kept = files.iter().zip(&results).filter_map(|(planned, result)| {
            let (path, identity) = (self.path(planned), self.identity(planned));
            Some((path, identity, self.render_key(planned), result.as_ref().ok()?))
        });
        reused.keep(kept);
        results
    }

    /// Reads a long file, and decides whether to compress it.
    fn read_long<'s>(&'s self, planned: &'s PlannedFile) -> io::Result<LongFile<'s>> {
        let file = Arc::new(self.folder_file(planned.file)?);
        let (sample, hashes) = if let Some((first, _)) = self.first_read(planned).sampled() {
            self.context.progress.report(Step::Compressed { bytes: file.length() });
            (first.sample.borrowed(), first.hashes.clone())
        } else {
            let SampledContent { sample, hashes } =
                long_file::sample(&file, &self.context.progress)?;
            (sample, hashes)
        };
        let hash = hashes.content;
        let stored = self.stored(planned.file);
        let mut original = StoredContent::in_file(hashes, Arc::clone(&file));
        if let Some(stored) = &stored {
            original = original.copied_to(stored.clone());
        }
        let uncompressed = self.uncompressed(planned, &file, sample, original)?;
        let mut packed = None;
        if uncompressed.is_compressed() {
            packed = self.context.packed(&hash);
            if packed.is_none() {
                self.context.progress.report(Step::ToCompress { bytes: file.length() });
            }
        }
        Ok(LongFile { file, stored, uncompressed, packed })
    }

    /// The resources of a long file, whose chunks are the next results.
    fn finish(
        &self,
        file: LongFile<'_>,
        results: &mut impl Iterator<Item = io::Result<Done>>,
    ) -> io::Result<Represented> {
        let chunks: Vec<io::Result<CompressedChunk>> = file
            .chunks()
            .filter_map(|_| results.next())
            .filter_map(|result| match result {
                Ok(Done::Chunk(chunk)) => Some(Ok(chunk)),
                Ok(Done::Short(_)) => None,
                Err(error) => Some(Err(error)),
            })
            .collect();
        let chunks = chunks.into_iter().collect::<io::Result<Vec<_>>>()?;
        file.finish(chunks, self.context.spill_file.as_ref(), self.site_fields)
    }

    /// Whether a file is not rendered in memory: it is long, or need not be read for it.
    fn is_long(&self, planned: &PlannedFile) -> bool {
        let is_decoded = matches!(self.first_read(planned), FirstRead::Precompressed(_));
        is_decoded || self.length(planned.file) > SHORT_MAX
    }

    /// Decides how to represent a long file.
    fn uncompressed<'s>(
        &'s self,
        planned: &'s PlannedFile,
        file: &FolderFile,
        sample: Sample<'s>,
        original: StoredContent,
    ) -> io::Result<Uncompressed<'s>> {
        let source = self.source(planned, sample, original);
        let decode = |coding| {
            let decoded = self.first_read(planned).sampled().and_then(|(_, decoded)| decoded);
            if let Some(decoded) = decoded.filter(|it| it.coding == coding) {
                return Ok(Some(decoded.clone()));
            }
            let mut from = BufReader::with_capacity(PIECE_LENGTH, file.open()?);
            self.decode(coding, &mut from, file.length())
        };
        Uncompressed::new(source, &planned.variants, decode)
    }

    /// What a precompressed file of this length decodes to, if it is intact.
    fn decode(
        &self,
        coding: ContentCoding,
        from: &mut dyn BufRead,
        length: u64,
    ) -> io::Result<Option<DecodedForm>> {
        Ok(DecodedForm::of(coding, from, length, self.context.spill_file.as_ref())?.ok())
    }

    fn short(&self, planned: &PlannedFile, reused: &RenderedFiles<'_>) -> io::Result<Represented> {
        let (path, identity) = (self.path(planned), self.identity(planned));
        let length = self.length(planned.file);
        if let Some(represented) = reused.get(path, identity, || self.render_key(planned))
            && self.is_loaded(usize::try_from(length).unwrap_or(usize::MAX))
        {
            self.context.progress.report(Step::Compressed { bytes: length });
            return Ok(represented);
        }
        if self.is_preview() && length > SAMPLED_MIN {
            return self.sampled(planned);
        }
        self.loaded(planned)
    }

    fn loaded(&self, planned: &PlannedFile) -> io::Result<Represented> {
        let mut bytes = self.read(planned.file)?;
        let added = self.context.reload_element.as_ref();
        let added = added.filter(|_| reload::is_document(self.path(planned), &bytes));
        if let Some(element) = added {
            bytes.extend(element.as_bytes());
        }
        let spill_file = self.context.spill_file.as_ref();
        let file = || self.folder_file(planned.file).map(Arc::new);
        let original = if added.is_some() || self.is_loaded(bytes.len()) {
            StoredContent::new(&bytes, spill_file)?
        } else {
            StoredContent::of_file(&bytes, file, spill_file)?
        };
        let hash = *original.hash();
        let source = self.source(planned, Sample::of(&bytes), original);
        let decode = |coding| self.decode(coding, &mut &bytes[..], bytes.len() as u64);
        let mut uncompressed = Uncompressed::new(source, &planned.variants, decode)?;
        let compressed =
            if uncompressed.is_compressed() { self.compress(&hash, &bytes)? } else { Vec::new() };
        let was_read = self.folder.reads.is_read(planned.file);
        if was_read && uncompressed.original().folder_file().is_some() {
            // To copy it from the folder would be the third read.
            let original = uncompressed.original().clone();
            uncompressed.set_original(match (compressed.first(), self.stored(planned.file)) {
                (Some((coding, form)), _) => {
                    original.decoded_from(*coding, vec![form.clone().into_part()])
                }
                (None, Some(stored)) => original.copied_to(stored),
                (None, None) => original.copied_to(StoredPart::new(&bytes, spill_file)?),
            });
        }
        self.context.progress.report(Step::Compressed { bytes: bytes.len() as u64 });
        Ok(uncompressed.finish(compressed, self.site_fields))
    }

    /// Whether a content of this length is kept in memory: in a preview, so that it can be served
    /// while the folder is being rebuilt.
    fn is_loaded(&self, length: usize) -> bool {
        let take = |left: u64| left.checked_sub(length as u64);
        self.is_preview()
            && length as u64 <= SAMPLED_MIN
            && self.loadable.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Renders a long file of a preview by its first bytes, with the hash of its version, and
    /// without compressed forms.
    fn sampled(&self, planned: &PlannedFile) -> io::Result<Represented> {
        let file = Arc::new(self.folder_file(planned.file)?);
        let mut start = Vec::new();
        file.open()?.take(PIECE_LENGTH as u64).read_to_end(&mut start)?;
        let sample = Sample::of_start(&start);
        let original = StoredContent::in_file(file.version_hashes(), Arc::clone(&file));
        let uncompressed = self.uncompressed(planned, &file, sample, original)?;
        if uncompressed.is_compressed() && file.length() <= SHORT_MAX {
            return self.loaded(planned);
        }
        self.context.progress.report(Step::Compressed { bytes: file.length() });
        Ok(uncompressed.finish(Vec::new(), self.site_fields))
    }

    /// The compressed forms of a content with this hash.
    fn compress(
        &self,
        hash: &Hash,
        bytes: &[u8],
    ) -> io::Result<Vec<(ContentCoding, StoredContent)>> {
        if let Some(packed) = self.context.packed(hash) {
            return Ok(packed);
        }
        let compressed = self.context.compressor.compress(bytes).into_iter();
        let stored = compressed.map(|(coding, bytes)| {
            Ok((coding, StoredContent::new(&bytes, self.context.spill_file.as_ref())?))
        });
        stored.collect()
    }

    fn path(&self, planned: &PlannedFile) -> &str {
        &self.folder.files[planned.file].path
    }

    /// The identity that the file had when the folder was walked, if that version was linted.
    fn identity(&self, planned: &PlannedFile) -> Option<FileIdentity> {
        let version = self.versions.get(planned.file).copied().flatten();
        self.folder.files[planned.file].identity.filter(|it| version == Some(it.version))
    }

    fn first_read(&self, planned: &PlannedFile) -> &FirstRead {
        self.first_reads.get(planned.file).unwrap_or(&FirstRead::Nothing)
    }

    fn render_key(&self, planned: &PlannedFile) -> RenderKey {
        RenderKey {
            variants: planned.variants.clone(),
            file_use: self.uses.get(planned.file).copied().flatten(),
            cache_control: self.fingerprints.cache_control(self.path(planned)),
        }
    }

    fn source<'s>(
        &'s self,
        planned: &PlannedFile,
        sample: Sample<'s>,
        original: StoredContent,
    ) -> Source<'s> {
        let path = self.folder.files[planned.file].path.as_str();
        let file_use = self.uses.get(planned.file).copied().flatten();
        let cache_control = self.fingerprints.cache_control(path);
        Source { path, file_use, cache_control, sample, original }
    }

    fn length(&self, file: usize) -> u64 {
        self.versions.get(file).copied().flatten().map_or(0, |version| version.length)
    }

    /// The version of a file that was linted.
    fn folder_file(&self, index: usize) -> io::Result<FolderFile> {
        let file = &self.folder.files[index];
        let version = self.versions.get(index).copied().flatten().ok_or_else(|| {
            let diagnostic = self.folder.cannot_include(&file.path, "it could not be read");
            UnusableFile(Box::new(diagnostic))
        })?;
        Ok(self.folder.file(file, version))
    }

    /// The bytes of a file, which must not have changed.
    pub(super) fn read(&self, index: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.length(index)).unwrap_or(0));
        match self.stored(index) {
            Some(stored) => stored.copy(&mut bytes)?,
            None => drop(self.folder_file(index)?.open()?.read_to_end(&mut bytes)?),
        }
        Ok(bytes)
    }

    /// The bytes of a file that was read twice, if they are those that were linted.
    fn stored(&self, index: usize) -> Option<StoredPart> {
        let (stored, version) = self.folder.reads.stored(index)?;
        (self.versions.get(index).copied().flatten() == Some(version)).then_some(stored)
    }
}

/// A part of the work.
enum Task<'a> {
    Short(&'a PlannedFile),
    Chunk { file: &'a LongFile<'a>, position: ChunkPosition },
}

/// The result of a task.
enum Done {
    Short(Represented),
    Chunk(CompressedChunk),
}

/// Maximum number of bytes to compress at a time. It bounds the memory for any site: brotli
/// allocates about 22 bytes for each byte (measured with files of 0.1 to 4 MB), so two cores need
/// 140 MB, and each further one 70 MB.
fn in_progress_max() -> u64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    CHUNK_MAX * cores.max(2) as u64
}
