//! Compression with every content coding. Results that save too little are dropped, and results are
//! cached between builds.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

use chapbook_format::{ContentCoding, digest};

use super::chunks::{self, Chunk};

/// A coding that saves less than this percentage is dropped: it costs decompression in the client,
/// bytes in the executable and a second entity tag.
const SAVING_PERCENT_MIN: u64 = 5;

/// The prefix of the names in the cache, and a part of the number in payloads. To be changed when
/// compression gives other bytes.
const GENERATION: u32 = 3;

/// How hard to compress.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Effort {
    /// As far as possible, for content that is compressed once and sent often.
    #[default]
    Best,
    /// In a tenth of the time, to try a site.
    Fast,
    /// Quickly, to serve a site from its folder: only gzip, at its lowest level. Long files are
    /// neither hashed nor compressed.
    Preview,
}

impl Effort {
    /// The codings that are tried.
    fn codings(self) -> &'static [ContentCoding] {
        match self {
            Self::Best | Self::Fast => &[ContentCoding::Gzip, ContentCoding::Brotli],
            Self::Preview => &[ContentCoding::Gzip],
        }
    }

    fn gzip_level(self) -> Compression {
        match self {
            Self::Best => Compression::best(),
            Self::Fast => Compression::default(),
            Self::Preview => Compression::fast(),
        }
    }

    fn brotli_quality(self) -> i32 {
        match self {
            Self::Best => 11,
            // From quality 7 on, clearing 8 MB for each file takes longer than compressing most.
            Self::Fast | Self::Preview => 5,
        }
    }
}

/// Compresses contents.
#[derive(Debug, Default)]
pub(crate) struct Compressor {
    effort: Effort,
    /// The folder for compressed contents, if they are cached.
    cache: Option<PathBuf>,
}

impl Compressor {
    pub(crate) fn new(effort: Effort, cache: Option<PathBuf>) -> Self {
        Self { effort, cache }
    }

    pub(super) fn effort(&self) -> Effort {
        self.effort
    }

    /// See [`chapbook_format::payload::Header::compression`].
    pub(crate) fn compression(&self) -> u32 {
        GENERATION << 8
            | match self.effort {
                Effort::Best => 1,
                Effort::Fast => 2,
                Effort::Preview => 3,
            }
    }

    /// The compressed forms of `content` that save enough, the smallest first.
    pub(crate) fn compress(&self, content: &[u8]) -> Vec<(ContentCoding, Vec<u8>)> {
        let name = || digest::hexadecimal(&digest::of(content));
        let compress = |coding: &ContentCoding| {
            let compressed = || match coding {
                ContentCoding::Identity => content.to_vec(),
                ContentCoding::Gzip => gzip(content, self.effort.gzip_level()),
                ContentCoding::Brotli => brotli(content, self.effort.brotli_quality()),
            };
            (*coding, self.cached(*coding, name, compressed))
        };
        let all = self.effort.codings().iter().map(compress);
        let is_kept = |bytes: &[u8]| saves_enough(content.len() as u64, bytes.len() as u64);
        let mut kept: Vec<_> = all.filter(|(_, bytes)| is_kept(bytes)).collect();
        kept.sort_by_key(|(_, bytes)| bytes.len());
        kept
    }

    /// The compressed forms of a chunk of a long content.
    pub(super) fn compress_chunk(&self, chunk: Chunk<'_>) -> Vec<(ContentCoding, Vec<u8>)> {
        let name = || {
            let name = digest::hexadecimal(&digest::of(chunk.bytes));
            let position = match (chunk.is_first, chunk.is_last) {
                (true, true) => "only",
                (true, false) => "first",
                (false, true) => "last",
                (false, false) => "middle",
            };
            format!("{name}-{position}")
        };
        let compress = |coding: &ContentCoding| {
            let compressed = || match coding {
                ContentCoding::Identity => chunk.bytes.to_vec(),
                ContentCoding::Gzip => chunks::deflate(chunk, self.effort.gzip_level()),
                ContentCoding::Brotli => chunks::brotli(chunk, self.effort.brotli_quality()),
            };
            (*coding, self.cached(*coding, name, compressed))
        };
        self.effort.codings().iter().map(compress).collect()
    }

    /// The bytes in the cache, or else those that are compressed now.
    fn cached(
        &self,
        coding: ContentCoding,
        name: impl FnOnce() -> String,
        compressed: impl FnOnce() -> Vec<u8>,
    ) -> Vec<u8> {
        // Quick compression is not worth caching.
        let cache = self.cache.as_ref().filter(|_| self.effort == Effort::Best);
        let Some(cache) = cache else { return compressed() };
        let path = cache.join(format!("{GENERATION}-{}.{}", name(), coding.token()));
        if let Some(bytes) = read_cached(&path) {
            return bytes;
        }
        let bytes = compressed();
        write_cached(&path, &bytes);
        bytes
    }
}

/// Whether a compressed form is small enough to be kept.
pub(super) fn saves_enough(length: u64, compressed_length: u64) -> bool {
    compressed_length * 100 <= length * (100 - SAVING_PERCENT_MIN)
}

/// Reads a cache entry. It begins with a checksum, so that an interrupted build or a faulty disk
/// cannot put wrong bytes into an executable.
fn read_cached(path: &Path) -> Option<Vec<u8>> {
    let stored = fs::read(path).ok()?;
    let (checksum, bytes) = stored.split_at_checked(32)?;
    (digest::of(bytes) == checksum).then(|| bytes.to_vec())
}

/// Writes a cache entry. Errors are ignored: without the entry, the next build is only slower.
fn write_cached(path: &Path, bytes: &[u8]) {
    let stored = [&digest::of(bytes)[..], bytes].concat();
    // Unique for each thread, and for each coding of a content.
    let writer = (std::process::id(), std::thread::current().id());
    let temporary = PathBuf::from(format!("{}.part-{writer:?}", path.display()));
    let written = fs::write(&temporary, stored).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
}

/// The result depends only on the content: `GzEncoder` writes no time into the gzip header.
fn gzip(content: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    let compressed = encoder.write_all(content).and_then(|()| encoder.finish());
    compressed.expect("writing into a Vec does not fail")
}

/// The smallest window that covers the content, since clients allocate it. 16 MiB is the largest
/// that every browser accepts (RFC 7932 section 9.1).
fn window_bits(length: usize) -> i32 {
    // The window is 16 bytes smaller than this power of two.
    (10..24).find(|bits| length + 16 <= 1 << bits).unwrap_or(24)
}

fn brotli(content: &[u8], quality: i32) -> Vec<u8> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: window_bits(content.len()),
        size_hint: content.len(),
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_GENERIC,
        ..Default::default()
    };
    let mut compressed = Vec::new();
    let result = brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters);
    result.expect("writing into a Vec does not fail");
    compressed
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn decompress(coding: ContentCoding, bytes: &[u8]) -> Vec<u8> {
        let mut content = Vec::new();
        match coding {
            ContentCoding::Identity => content.extend_from_slice(bytes),
            ContentCoding::Gzip => {
                flate2::read::GzDecoder::new(bytes).read_to_end(&mut content).unwrap();
            }
            ContentCoding::Brotli => {
                brotli::Decompressor::new(bytes, 4096).read_to_end(&mut content).unwrap();
            }
        }
        content
    }

    #[test]
    fn compressed_content_decompresses_to_itself() {
        let text = "it was the best of times, it was the worst of times, ".repeat(50);
        let compressed = Compressor::default().compress(text.as_bytes());
        assert_eq!(compressed.len(), Effort::Best.codings().len());
        assert!(compressed[0].1.len() <= compressed[1].1.len());
        for (coding, bytes) in compressed {
            assert_eq!(decompress(coding, &bytes), text.as_bytes(), "{coding}");
        }
    }

    /// Bytes that cannot be compressed, then bytes that can.
    fn noise_and_zeros(noise: usize, zeros: usize) -> Vec<u8> {
        let hashes = (0..noise as u64).flat_map(|number| digest::of(&number.to_le_bytes()));
        hashes.take(noise).chain(std::iter::repeat_n(0, zeros)).collect()
    }

    #[test]
    fn a_coding_that_saves_too_little_is_dropped() {
        let thresholds =
            [(100, 95, true), (100, 96, false), (1000, 951, false), (0, 0, true), (0, 1, false)];
        for (length, compressed_length, expected) in thresholds {
            let is_kept = saves_enough(length, compressed_length);
            assert_eq!(is_kept, expected, "{length} bytes in {compressed_length}");
        }
        // Of 10,000 bytes, gzip and brotli need about 40 for other things than the noise.
        let rows = [
            (noise_and_zeros(9350, 650), true),
            (noise_and_zeros(9600, 400), false),
            (noise_and_zeros(10_000, 0), false),
            (Vec::new(), false),
            (b"a".to_vec(), false),
        ];
        for (content, is_kept) in rows {
            let codings = if is_kept { Effort::Best.codings().len() } else { 0 };
            let compressed = Compressor::default().compress(&content);
            assert_eq!(compressed.len(), codings, "{} bytes", content.len());
            for (coding, bytes) in compressed {
                assert!(bytes.len() * 100 <= content.len() * 95, "{coding}: {}", bytes.len());
            }
        }
    }

    #[test]
    fn a_cache_entry_is_used_only_if_it_is_intact() {
        let folder = tempfile::tempdir().unwrap();
        let compressor = Compressor::new(Effort::Best, Some(folder.path().to_owned()));
        let text = "remember me ".repeat(100);
        let first = compressor.compress(text.as_bytes());
        let paths: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
        assert_eq!(paths.len(), Effort::Best.codings().len());
        for path in &paths {
            // Another content in a valid entry shows that the entry is used.
            write_cached(path, b"x");
        }
        assert!(compressor.compress(text.as_bytes()).iter().all(|(_, bytes)| bytes == b"x"));
        for path in &paths {
            fs::write(path, b"damaged").unwrap();
        }
        assert_eq!(compressor.compress(text.as_bytes()), first);
    }
}
