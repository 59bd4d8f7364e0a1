//! What the bytes of a file tell about its media type, without keeping a long file in memory.

use std::borrow::Cow;

use chapbook_format::payload::{ContentHasher, ContentHashes};

/// Longer files are read in pieces and compressed in chunks.
pub(crate) const SHORT_MAX: u64 = 4 << 20;

/// The start of a file, and the kind of text that its bytes are.
#[derive(Debug, Clone)]
pub(crate) struct Sample<'a> {
    /// All bytes of a short file.
    pub(crate) start: Cow<'a, [u8]>,
    /// Whether all bytes are ASCII.
    pub(crate) is_ascii: bool,
    /// Whether all bytes are UTF-8.
    pub(crate) is_utf_8: bool,
    /// Whether the bytes are text: in UTF-8, or in an older encoding, which has no control
    /// characters but white space and escapes (MIME Sniffing standard, "binary data byte").
    pub(crate) is_text: bool,
}

impl<'a> Sample<'a> {
    /// A sample of bytes in memory.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        let mut sampler = Sampler { start_length: 0, ..Sampler::default() };
        sampler.update(bytes);
        Self { start: Cow::Borrowed(bytes), ..sampler.finish() }
    }

    /// The same sample, without a copy of the bytes.
    pub(crate) fn borrowed(&self) -> Sample<'_> {
        Sample { start: Cow::Borrowed(&self.start), ..*self }
    }

    /// A sample of the first bytes of a file, which may end within a character.
    pub(crate) fn of_start(bytes: &'a [u8]) -> Self {
        let end = match std::str::from_utf8(bytes) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => bytes.len(),
        };
        Self::of(&bytes[..end])
    }
}

/// Takes a sample of bytes that arrive in pieces.
#[derive(Debug)]
pub(crate) struct Sampler {
    start: Vec<u8>,
    start_length: usize,
    /// The start of a character at the end of the last piece; `None` if the bytes are not UTF-8.
    incomplete: Option<Vec<u8>>,
    is_ascii: bool,
    has_nul: bool,
    has_binary: bool,
}

impl Default for Sampler {
    fn default() -> Self {
        Self {
            start: Vec::new(),
            start_length: Self::START_LENGTH,
            incomplete: Some(Vec::new()),
            is_ascii: true,
            has_nul: false,
            has_binary: false,
        }
    }
}

impl Sampler {
    /// The length of the start of a long file. The last signature of a format is at 32 KiB, and a
    /// long text in ISO-2022-JP has a character of Japanese before.
    const START_LENGTH: usize = 64 << 10;

    /// Adds the next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let missing = self.start_length - self.start.len();
        self.start.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        if let Some(incomplete) = self.incomplete.take() {
            self.is_ascii = self.is_ascii && bytes.is_ascii();
            self.has_nul = self.has_nul || memchr::memchr(0, bytes).is_some();
            self.incomplete =
                if self.is_ascii { Some(incomplete) } else { after_utf_8(incomplete, bytes) };
        }
        // Only text that is not UTF-8 must be without them.
        if !self.has_binary {
            self.has_binary = bytes.iter().copied().any(is_binary);
        }
    }

    /// The sample of all bytes.
    pub(crate) fn finish(self) -> Sample<'static> {
        let is_utf_8 = self.incomplete.is_some_and(|it| it.is_empty());
        Sample {
            start: Cow::Owned(self.start),
            is_ascii: self.is_ascii && is_utf_8,
            is_utf_8,
            is_text: if is_utf_8 { !self.has_nul } else { !self.has_binary },
        }
    }
}

/// The sample and the hashes of a content.
#[derive(Debug, Clone)]
pub(crate) struct SampledContent {
    pub(crate) sample: Sample<'static>,
    pub(crate) hashes: ContentHashes,
}

/// Takes a sample and the hashes of bytes that arrive in pieces.
#[derive(Debug, Default)]
pub(crate) struct ContentSampler {
    sampler: Sampler,
    hasher: ContentHasher,
}

impl ContentSampler {
    /// Adds the next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sampler.update(bytes);
        self.hasher.update(bytes);
    }

    /// The result for all bytes.
    pub(crate) fn finish(self) -> SampledContent {
        SampledContent { sample: self.sampler.finish(), hashes: self.hasher.finish() }
    }
}

/// The start of a character at the end of the bytes, which continue others; `None` if they are not
/// UTF-8.
fn after_utf_8(mut incomplete: Vec<u8>, mut bytes: &[u8]) -> Option<Vec<u8>> {
    while !incomplete.is_empty() {
        let [byte, rest @ ..] = bytes else { return Some(incomplete) };
        incomplete.push(*byte);
        bytes = rest;
        match std::str::from_utf8(&incomplete) {
            Ok(_) => incomplete.clear(),
            Err(error) if error.error_len().is_none() => {}
            Err(_) => return None,
        }
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => {}
        Err(error) if error.error_len().is_none() => {
            incomplete.extend_from_slice(&bytes[error.valid_up_to()..]);
        }
        Err(_) => return None,
    }
    Some(incomplete)
}

fn is_binary(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b'\x1b' | 127)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_that_of_all_bytes_whatever_the_pieces() {
        let rows: [(&[u8], bool, bool, bool); 13] = [
            (b"", true, true, true),
            (b"text\n", true, true, true),
            (b"\x1b[1mbold", true, true, true),
            (b"bell\x07", true, true, true),
            (b"nul\0", true, true, false),
            ("caf\u{e9} \u{1f600} \u{feff}".as_bytes(), false, true, true),
            ("caf\u{e9}\0".as_bytes(), false, true, false),
            (b"caf\xe9", false, false, true),
            (b"caf\xe9 more", false, false, true),
            (b"caf\xe9\x07", false, false, false),
            (b"\x07caf\xe9", false, false, false),
            (b"\xf0\x9f\x98", false, false, true),
            (b"\x89PNG\r\n\x1a\n\0", false, false, false),
        ];
        for (bytes, is_ascii, is_utf_8, is_text) in rows {
            let shown = bytes.escape_ascii();
            let expected = (is_ascii, is_utf_8, is_text);
            let flags = |sample: &Sample<'_>| (sample.is_ascii, sample.is_utf_8, sample.is_text);
            assert_eq!(flags(&Sample::of(bytes)), expected, "{shown}");
            for length in 1..=bytes.len() {
                let mut sampler = Sampler::default();
                bytes.chunks(length).for_each(|piece| sampler.update(piece));
                let sample = sampler.finish();
                assert_eq!(flags(&sample), expected, "{shown} in pieces of {length}");
                assert_eq!(*sample.start, *bytes);
            }
        }
        let mut sampler = Sampler::default();
        (0..10).for_each(|_| sampler.update(&[b' '; 10_000]));
        assert_eq!(sampler.finish().start.len(), Sampler::START_LENGTH);
    }
}
