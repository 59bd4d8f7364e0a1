//! This file owns the content codings: gzip and brotli at their highest level, kept where they pay,
//! and remembered from one build to the next. It doesn't know what it codes.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

use chapbook_format::{ContentCoding, digest};

/// A coding that saves less than this many percent is dropped: the client's work to undo it, the
/// bytes in the executable and the second entity tag cost more than it brings.
const SAVING_PERCENT_MIN: usize = 5;

/// The names of what is remembered begin with this; another way of coding needs another number.
const CACHE_GENERATION: &str = "2";

/// How hard contents are coded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Effort {
    /// As small as can be: it is done once and sent often.
    #[default]
    Best,
    /// At once: gzip at its lowest level and no brotli.
    Fast,
}

/// Codes contents.
#[derive(Debug, Default)]
pub(crate) struct Coder {
    effort: Effort,
    /// Where coded contents are remembered; nowhere if there is none.
    cache: Option<PathBuf>,
}

impl Coder {
    /// A coder that remembers what it coded in this folder.
    pub(crate) fn new(effort: Effort, cache: Option<PathBuf>) -> Self {
        Self { effort, cache }
    }

    /// The codings of `content` that pay, the smallest first.
    pub(crate) fn code(&self, content: &[u8]) -> Vec<(ContentCoding, Vec<u8>)> {
        let mut coded = Vec::new();
        let codings: &[ContentCoding] = match self.effort {
            Effort::Best => &[ContentCoding::Gzip, ContentCoding::Brotli],
            Effort::Fast => &[ContentCoding::Gzip],
        };
        for coding in codings.iter().copied() {
            let bytes = self.remembered(coding, content);
            if bytes.len() * 100 <= content.len() * (100 - SAVING_PERCENT_MIN) {
                coded.push((coding, bytes));
            }
        }
        coded.sort_by_key(|(_, bytes)| bytes.len());
        coded
    }

    fn remembered(&self, coding: ContentCoding, content: &[u8]) -> Vec<u8> {
        // What is done at once need not be remembered.
        let cache = self.cache.as_ref().filter(|_| self.effort == Effort::Best);
        let Some(cache) = cache else { return self.compress(coding, content) };
        let place = cache.join(format!(
            "{CACHE_GENERATION}-{}.{}",
            digest::hexadecimal(&digest::of(content)),
            coding.token()
        ));
        if let Some(bytes) = read_whole(&place) {
            return bytes;
        }
        let bytes = self.compress(coding, content);
        remember(&place, &bytes);
        bytes
    }

    fn compress(&self, coding: ContentCoding, content: &[u8]) -> Vec<u8> {
        let level = match self.effort {
            Effort::Best => Compression::best(),
            Effort::Fast => Compression::fast(),
        };
        match coding {
            ContentCoding::Identity => content.to_vec(),
            ContentCoding::Gzip => gzip(content, level),
            ContentCoding::Brotli => brotli(content),
        }
    }
}

/// What is remembered begins with its own checksum, so that a build that was cut off or a disk that
/// forgot cannot put wrong bytes into an executable.
fn read_whole(place: &Path) -> Option<Vec<u8>> {
    let stored = fs::read(place).ok()?;
    let (checksum, bytes) = stored.split_at_checked(32)?;
    (digest::of(bytes) == checksum).then(|| bytes.to_vec())
}

/// A cache that cannot be written only makes the next build slower.
fn remember(place: &Path, bytes: &[u8]) {
    let stored = [&digest::of(bytes)[..], bytes].concat();
    // Two threads, or two codings of one content, must not share it.
    let writer = (std::process::id(), std::thread::current().id());
    let beside = PathBuf::from(format!("{}.part-{writer:?}", place.display()));
    let written = fs::write(&beside, stored).and_then(|()| fs::rename(&beside, place));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
}

/// `GzEncoder` leaves the time of the gzip header at zero, so that the same content always gives
/// the same bytes.
fn gzip(content: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    let coded = encoder.write_all(content).and_then(|()| encoder.finish());
    coded.expect("writing into a Vec does not fail")
}

/// A window that holds all of the content, and no larger: who undoes the coding sets that memory
/// apart. 16 MiB is the largest that every browser takes (RFC 7932 section 9.1).
fn window_bits(length: usize) -> i32 {
    // A window of so many bits is 16 bytes short of what they can count.
    (10..24).find(|bits| length + 16 <= 1 << bits).unwrap_or(24)
}

fn brotli(content: &[u8]) -> Vec<u8> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: window_bits(content.len()),
        size_hint: content.len(),
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_GENERIC,
        ..Default::default()
    };
    let mut coded = Vec::new();
    let result = brotli::BrotliCompress(&mut &content[..], &mut coded, &parameters);
    result.expect("writing into a Vec does not fail");
    coded
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn decode(coding: ContentCoding, bytes: &[u8]) -> Vec<u8> {
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
    fn coded_content_decodes_to_itself() {
        let text = "it was the best of times, it was the worst of times, ".repeat(50);
        let coded = Coder::default().code(text.as_bytes());
        assert_eq!(coded.len(), 2);
        assert!(coded[0].1.len() <= coded[1].1.len());
        for (coding, bytes) in coded {
            assert_eq!(decode(coding, &bytes), text.as_bytes(), "{coding}");
        }
    }

    #[test]
    fn a_coding_that_saves_too_little_is_dropped() {
        let noise: Vec<u8> = digest::of(b"noise").to_vec();
        for content in [&b""[..], b"a", &noise] {
            for (coding, bytes) in Coder::default().code(content) {
                assert!(bytes.len() * 100 <= content.len() * 95, "{coding}");
            }
        }
        assert_eq!(Coder::default().code(b""), []);
    }

    #[test]
    fn what_is_remembered_is_used_only_while_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let coder = Coder::new(Effort::Best, Some(folder.path().to_owned()));
        let text = "remember me ".repeat(100);
        let first = coder.code(text.as_bytes());
        let places: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
        assert_eq!(places.len(), 2);
        for place in &places {
            // A well-formed entry is used as it is: that is how one sees that it was used.
            remember(place, b"x");
        }
        assert!(coder.code(text.as_bytes()).iter().all(|(_, bytes)| bytes == b"x"));
        for place in &places {
            fs::write(place, b"damaged").unwrap();
        }
        assert_eq!(coder.code(text.as_bytes()), first);
    }
}
