//! Compression of long content in chunks, on all cores and in bounded memory.
//!
//! The chunks of a content concatenate to one gzip member, and to one brotli stream. They depend on
//! the content only, not on the number of cores. A chunk refers to nothing before it, so that no
//! byte is read for two of them.

use std::ops::Range;

use brotli::enc::{
    BrotliEncoderParams, StandardAlloc,
    encode::{BrotliEncoderDestroyInstance, BrotliEncoderOperation, BrotliEncoderStateStruct},
};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Maximum length of a chunk. A text of 8 MB becomes 3 % longer than with chunks of 4 MiB, which
/// take up a third more memory.
pub(super) const CHUNK_MAX: u64 = 3 << 20;

/// The base-2 logarithm of brotli's window, which is longer than a chunk.
const WINDOW_BITS: i32 = 22;

/// A part of a content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// Where a chunk is in its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkPosition {
    start: u64,
    end: u64,
    is_last: bool,
}

impl ChunkPosition {
    /// The positions of the chunks of a content, which have about the same length.
    pub(super) fn all(length: u64) -> impl Iterator<Item = Self> {
        let count = length.div_ceil(CHUNK_MAX).max(1);
        let chunk_length = length.div_ceil(count);
        (0..count).map(move |number| {
            let start = number * chunk_length;
            let end = length.min(start + chunk_length);
            Self { start, end, is_last: number + 1 == count }
        })
    }

    pub(super) fn length(self) -> u64 {
        self.end - self.start
    }

    pub(super) fn range(self) -> Range<u64> {
        self.start..self.end
    }

    /// The chunk with these bytes, which are those of the range.
    pub(super) fn chunk(self, bytes: &[u8]) -> Chunk<'_> {
        Chunk { bytes, is_first: self.start == 0, is_last: self.is_last }
    }
}

/// Compresses a chunk with brotli. "Bare" chunks begin and end at a byte, and have no end of the
/// stream; "catable" ones have no header and refer to nothing before them. The encoder could take
/// what precedes a chunk as a dictionary, but up to quality 9 it then cuts copies to the length 1,
/// which the format does not have. Besides, longer chunks save as much in less time.
pub(super) fn brotli(chunk: Chunk<'_>, quality: i32) -> Vec<u8> {
    /// The empty last meta-block (RFC 7932 section 9.2).
    const END: u8 = 3;
    let mut encoder = BrotliEncoderStateStruct::new(StandardAlloc::default());
    encoder.params = BrotliEncoderParams {
        quality,
        lgwin: WINDOW_BITS,
        size_hint: chunk.bytes.len(),
        bare_stream: true,
        appendable: true,
        catable: !chunk.is_first,
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    let (mut available, mut at) = (chunk.bytes.len(), 0);
    while !encoder.is_finished() {
        let (mut free, mut end) = (buffer.len(), 0);
        let is_intact = encoder.compress_stream(
            BrotliEncoderOperation::BROTLI_OPERATION_FINISH,
            &mut available,
            chunk.bytes,
            &mut at,
            &mut free,
            &mut buffer,
            &mut end,
            &mut None,
            &mut |_, _, _, _| (),
        );
        assert!(is_intact, "brotli compresses any bytes");
        compressed.extend_from_slice(&buffer[..end]);
    }
    BrotliEncoderDestroyInstance(&mut encoder);
    if chunk.is_last {
        compressed.push(END);
    }
    compressed
}

/// Compresses a chunk with deflate. The first chunk begins with the header of gzip (RFC 1952), and
/// the trailer is still missing after the last one. Other chunks end at a byte.
pub(super) fn deflate(chunk: Chunk<'_>, level: Compression) -> Vec<u8> {
    /// Deflate, no flags, no time, no remark about the level, unknown system.
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut encoder = Compress::new(level, false);
    let mut compressed = if chunk.is_first { HEADER.to_vec() } else { Vec::new() };
    let flush = if chunk.is_last { FlushCompress::Finish } else { FlushCompress::Sync };
    loop {
        compressed.reserve(64 << 10);
        let read = usize::try_from(encoder.total_in()).unwrap_or(usize::MAX);
        let rest = chunk.bytes.get(read..).unwrap_or_default();
        let status = encoder.compress_vec(rest, &mut compressed, flush);
        let status = status.expect("deflate compresses any bytes");
        let is_all_read = encoder.total_in() == chunk.bytes.len() as u64;
        let has_space = compressed.len() < compressed.capacity();
        if status == Status::StreamEnd || (!chunk.is_last && is_all_read && has_space) {
            return compressed;
        }
    }
}

/// The checksum of a chunk.
pub(super) fn checksum(chunk: Chunk<'_>) -> Crc {
    let mut checksum = Crc::new();
    checksum.update(chunk.bytes);
    checksum
}

/// The trailer of gzip: the checksum of the content, and its length (RFC 1952 section 2.3.1).
pub(super) fn gzip_trailer(checksum: &Crc) -> [u8; 8] {
    let mut trailer = [0; 8];
    trailer[..4].copy_from_slice(&checksum.sum().to_le_bytes());
    trailer[4..].copy_from_slice(&checksum.amount().to_le_bytes());
    trailer
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use chapbook_format::digest;

    use super::*;

    /// The chunks of a text, each of this length.
    fn chunks(text: &[u8], length: usize) -> Vec<Chunk<'_>> {
        let starts = (0..text.len().max(1)).step_by(length);
        let chunk = |start: usize| Chunk {
            bytes: &text[start..text.len().min(start + length)],
            is_first: start == 0,
            is_last: start + length >= text.len(),
        };
        starts.map(chunk).collect()
    }

    fn check(text: &[u8], chunk_length: usize, what: &str) {
        let chunks = chunks(text, chunk_length);
        for quality in [5, 11] {
            let compressed = chunks.iter().flat_map(|it| brotli(*it, quality));
            let compressed: Vec<u8> = compressed.collect();
            let (mut from, mut decoded) = (&compressed[..], Vec::new());
            brotli::BrotliDecompress(&mut from, &mut decoded).unwrap();
            assert!(decoded == text, "{what}, {chunk_length} bytes, quality {quality}");
            assert!(from.is_empty(), "{what}, one stream");
        }
        for level in [Compression::fast(), Compression::default(), Compression::best()] {
            let (mut compressed, mut sum) = (Vec::new(), Crc::new());
            for chunk in &chunks {
                compressed.extend(deflate(*chunk, level));
                sum.combine(&checksum(*chunk));
            }
            compressed.extend(gzip_trailer(&sum));
            let mut member = flate2::bufread::GzDecoder::new(&compressed[..]);
            let mut decoded = Vec::new();
            member.read_to_end(&mut decoded).unwrap();
            assert!(decoded == text, "{what}, {chunk_length} bytes, {level:?}");
            assert!(member.into_inner().is_empty(), "{what}, one member");
        }
    }

    /// Bytes that are the same in each run of the tests.
    fn noise(seed: u64) -> impl Iterator<Item = u8> {
        (0..)
            .flat_map(move |at: u64| digest::of(&(seed, at).0.wrapping_add(at << 32).to_le_bytes()))
    }

    #[test]
    fn chunks_concatenate_to_one_stream() {
        let line = |number: u32| format!("{} line {}\n", number % 1000, number * 7919 % 65_537);
        let text: String = (0..10_000).map(line).collect();
        for length in [100_000, 30_001] {
            check(text.as_bytes(), length, "lines");
        }
        for length in [1, 2, 5] {
            check(&text.as_bytes()[..5], length, "a short text");
        }
        check(b"", 1, "nothing");
    }

    #[test]
    fn chunks_of_any_bytes_concatenate_to_one_stream() {
        for seed in 0..20 {
            let mut of_seed = noise(seed);
            let mut next = |max: usize| {
                let bytes = [of_seed.next().unwrap(), of_seed.next().unwrap()];
                usize::from(u16::from_le_bytes(bytes)) % max
            };
            // Runs, repetitions from any distance, and bytes of small and large alphabets.
            let alphabet = [1, 2, 3, 16, 256][next(5)];
            let mut text: Vec<u8> = Vec::new();
            for _ in 0..next(200) {
                match next(3) {
                    0 => text.extend(noise(next(4) as u64).take(next(700)).map(|it| it % 3)),
                    1 => text.resize(text.len() + next(600), b'x'),
                    _ => {
                        let from = next(text.len() + 1);
                        let to = text.len().min(from + next(900));
                        text.extend_from_within(from..to);
                    }
                }
                for _ in 0..next(5) {
                    text.push(u8::try_from(next(alphabet)).unwrap());
                }
            }
            check(&text, 1 + next(text.len().clamp(1, 40_000)), &format!("seed {seed}"));
        }
    }

    #[test]
    fn positions_cover_a_content_evenly() {
        let max = CHUNK_MAX;
        for length in [0, 1, max - 1, max, max + 1, 2 * max, 2 * max + 1, 13 * max - 7] {
            let all: Vec<_> = ChunkPosition::all(length).collect();
            assert_eq!(all.len() as u64, length.div_ceil(max).max(1), "{length}");
            let mut end = 0;
            for (number, position) in all.iter().enumerate() {
                assert_eq!(position.start, end, "{length}");
                assert_eq!(position.is_last, number + 1 == all.len(), "{length}");
                assert!(position.length() <= max && position.length() + 20 >= all[0].length());
                end = position.end;
            }
            assert_eq!(end, length);
        }
    }
}
