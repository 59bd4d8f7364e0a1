//! Rendering of files: short ones in memory, long ones in pieces.

use std::{
    io::{self, BufReader, Read},
    sync::Arc,
};

use chapbook_format::payload::ContentHasher;

use super::{
    context::RenderContext,
    fingerprint::Fingerprints,
    represent::{Represented, SiteFields, Source, Uncompressed},
    sample::{Sample, Sampler},
};
use crate::{
    content::StoredContent,
    folder_file::{FolderFile, UnusableFile},
    lint::FileUse,
    parallel,
    progress::Step,
    routing::plan::PlannedFile,
    site_folder::{FileVersion, SiteFolder},
};

/// Longer files are read in pieces.
const SHORT_MAX: u64 = 4 << 20;

/// In a preview, longer files are only sampled, except for short ones that are compressed: reading
/// gigabytes of pictures would delay its start.
const SAMPLED_MIN: u64 = 256 << 10;

/// The bytes that are read of a long file at a time.
const PIECE_LENGTH: usize = 256 << 10;

/// Renders the files of a plan.
pub(super) struct FileRenderer<'a> {
    pub(super) folder: &'a SiteFolder,
    /// The version of each file that was linted, by index.
    pub(super) versions: &'a [Option<FileVersion>],
    /// What each file is used as, by index.
    pub(super) uses: &'a [Option<FileUse>],
    pub(super) fingerprints: Fingerprints,
    pub(super) site_fields: &'a SiteFields,
    pub(super) context: &'a RenderContext,
}

impl FileRenderer<'_> {
    /// Renders files. Results are in the order of the files.
    pub(super) fn files(&self, files: &[PlannedFile]) -> Vec<io::Result<Represented>> {
        let lengths = || files.iter().map(|it| self.length(it.file));
        let (bytes, longest) = (lengths().sum(), lengths().max().unwrap_or(0));
        self.context.progress.report(Step::Linted { bytes });
        // Compressing is nearly all of the work of a build, so each file is compressed once, for
        // all of its variants.
        let in_progress_max = in_progress_max(bytes, longest);
        let work = |(): &mut (), _, planned: &PlannedFile| {
            let length = self.length(planned.file);
            if self.context.is_preview && length > SAMPLED_MIN {
                self.sampled(planned)
            } else if length > SHORT_MAX {
                self.long(planned)
            } else {
                self.short(planned)
            }
        };
        parallel::map_within(in_progress_max, files, |it| self.length(it.file), work)
    }

    fn short(&self, planned: &PlannedFile) -> io::Result<Represented> {
        let bytes = self.read(planned.file)?;
        let spill_file = self.context.spill_file.as_ref();
        let file = || self.folder_file(planned.file).map(Arc::new);
        let original = StoredContent::of_file(&bytes, file, spill_file)?;
        let source = self.source(planned, Sample::of(&bytes), original);
        let open = || Ok(Box::new(&bytes[..]) as Box<_>);
        let uncompressed = Uncompressed::new(source, &planned.variants, open, spill_file)?;
        let mut compressed = Vec::new();
        if uncompressed.is_compressed() {
            for (coding, bytes) in self.context.compressor.compress(&bytes) {
                compressed.push((coding, StoredContent::new(bytes, spill_file)?));
            }
        }
        self.context.progress.report(Step::Compressed { bytes: bytes.len() as u64 });
        Ok(uncompressed.finish(compressed, self.site_fields))
    }

    fn long(&self, planned: &PlannedFile) -> io::Result<Represented> {
        let spill_file = self.context.spill_file.as_ref();
        let file = Arc::new(self.folder_file(planned.file)?);
        let (sample, original) = sample_and_content(&file)?;
        let source = self.source(planned, sample, original);
        let open = || {
            let reader = BufReader::with_capacity(PIECE_LENGTH, file.open()?);
            Ok(Box::new(reader) as Box<_>)
        };
        let uncompressed = Uncompressed::new(source, &planned.variants, open, spill_file)?;
        let mut compressed = Vec::new();
        if uncompressed.is_compressed() {
            let bytes = self.read(planned.file)?;
            for (coding, bytes) in self.context.compressor.compress(&bytes) {
                compressed.push((coding, StoredContent::new(bytes, spill_file)?));
            }
        }
        self.context.progress.report(Step::Compressed { bytes: file.length() });
        Ok(uncompressed.finish(compressed, self.site_fields))
    }

    /// Renders a long file of a preview by its first bytes, with the hash of its version, and
    /// without compressed forms.
    fn sampled(&self, planned: &PlannedFile) -> io::Result<Represented> {
        let file = Arc::new(self.folder_file(planned.file)?);
        let mut start = Vec::new();
        file.open()?.take(PIECE_LENGTH as u64).read_to_end(&mut start)?;
        let sample = Sample::of_start(&start);
        let original = StoredContent::in_file(file.version_hashes(), Arc::clone(&file));
        let source = self.source(planned, sample, original);
        let open = || {
            let reader = BufReader::with_capacity(PIECE_LENGTH, file.open()?);
            Ok(Box::new(reader) as Box<_>)
        };
        let spill_file = self.context.spill_file.as_ref();
        let uncompressed = Uncompressed::new(source, &planned.variants, open, spill_file)?;
        if uncompressed.is_compressed() && file.length() <= SHORT_MAX {
            return self.short(planned);
        }
        self.context.progress.report(Step::Compressed { bytes: file.length() });
        Ok(uncompressed.finish(Vec::new(), self.site_fields))
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
        self.folder_file(index)?.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Reads a long file once, without keeping its bytes.
fn sample_and_content(file: &Arc<FolderFile>) -> io::Result<(Sample<'static>, StoredContent)> {
    let (mut sampler, mut hasher) = (Sampler::default(), ContentHasher::default());
    let mut open = file.open()?;
    let mut piece = vec![0; PIECE_LENGTH];
    loop {
        let count = open.read(&mut piece)?;
        if count == 0 {
            let content = StoredContent::in_file(hasher.finish(), Arc::clone(file));
            return Ok((sampler.finish(), content));
        }
        sampler.update(&piece[..count]);
        hasher.update(&piece[..count]);
    }
}

/// Maximum number of bytes to compress at a time. It bounds the memory, for any number of cores, to
/// the size of the site plus three times its longest file: brotli allocates about 22 bytes for each
/// byte (measured with files of 0.1 to 4 MB), and the rest is for the file, its compressed forms
/// and the plan.
fn in_progress_max(bytes: u64, longest: u64) -> u64 {
    const MEMORY_PER_BYTE: u64 = 30;
    bytes.saturating_add(longest.saturating_mul(3)) / MEMORY_PER_BYTE
}
