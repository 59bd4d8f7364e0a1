//! Files that are compressed in the site folder: `.svgz`, and those with `Content-Encoding` in
//! `_headers`. Their bytes are the representation in that content coding; identity is decoded.

use std::io::{self, BufRead, Read, Write};

use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, enc::StandardAlloc};
use flate2::bufread::GzDecoder;

use chapbook_format::ContentCoding;

use crate::rules::headers::{CONTENT_ENCODING, Field, content_coding};

/// A file decodes to at most this many bytes, because the decoded form may be in memory.
const DECODED_MAX: u64 = 1 << 30;

/// A file may decode to this many bytes, whatever its length.
const DECODED_ALWAYS: u64 = 16 << 20;

/// A longer decoded form has at most this many times the length of the file. It bounds the memory
/// of contents without a spill file.
const RATIO_MAX: u64 = 30;

/// Why bytes cannot be the representation in a content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// They are in another format, damaged or incomplete.
    Invalid,
    /// Further bytes follow. Browsers ignore them, even a second gzip member.
    Trailing,
    /// The decoded form is longer than this many bytes.
    TooLong(u64),
}

/// The content coding that a file is in, with these fields of the author.
pub(super) fn coding_of(path: &str, fields: &[Field], bytes: &[u8]) -> Option<ContentCoding> {
    if let Some(field) = fields.iter().find(|it| it.is(CONTENT_ENCODING)) {
        return content_coding(&field.value);
    }
    // The registration of `image/svg+xml`: `.svgz` is SVG with the content coding gzip. Authors
    // use the name for plain SVG, too.
    let is_svgz = has_extension(path, "svgz") && bytes.starts_with(b"\x1f\x8b");
    is_svgz.then_some(ContentCoding::Gzip)
}

/// The path without the extension of a content coding: the media type is that of the decoded form.
pub(super) fn decoded_path(path: &str, coding: ContentCoding) -> &str {
    let extension = match coding {
        ContentCoding::Identity => return path,
        ContentCoding::Gzip => "gz",
        ContentCoding::Brotli => "br",
    };
    if has_extension(path, extension) { &path[..path.len() - extension.len() - 1] } else { path }
}

fn has_extension(path: &str, extension: &str) -> bool {
    let split = path.rsplit_once('.');
    split.is_some_and(|(_, found)| found.eq_ignore_ascii_case(extension))
}

/// The maximum length of the decoded form of a file with this length.
pub(crate) fn decoded_max(length: u64) -> u64 {
    length.saturating_mul(RATIO_MAX).clamp(DECODED_ALWAYS, DECODED_MAX)
}

/// Decodes bytes, which must be complete, to at most `length_max` others. The outer error is that
/// of reading or writing.
pub(crate) fn decode(
    coding: ContentCoding,
    from: &mut dyn BufRead,
    length_max: u64,
    to: &mut dyn Write,
) -> io::Result<Result<(), DecodeError>> {
    let mut from = Input { from, error: None };
    let mut to = Limited { to, remaining: Some(length_max), error: None };
    let decoded = match coding {
        ContentCoding::Identity => Err(io::ErrorKind::InvalidData.into()),
        ContentCoding::Gzip => decode_gzip(&mut from, &mut to),
        ContentCoding::Brotli => decode_brotli(&mut from, &mut to),
    };
    let is_at_end = from.fill_buf().is_ok_and(<[u8]>::is_empty);
    if let Some(error) = from.error.or(to.error) {
        return Err(error);
    }
    Ok(match decoded {
        Ok(()) if is_at_end => Ok(()),
        Ok(()) => Err(DecodeError::Trailing),
        Err(_) if to.remaining.is_none() => Err(DecodeError::TooLong(length_max)),
        Err(_) => Err(DecodeError::Invalid),
    })
}

/// Decodes one gzip member.
fn decode_gzip(from: &mut Input<'_>, to: &mut Limited<'_>) -> io::Result<()> {
    let mut decoder = GzDecoder::new(from);
    let mut buffer = vec![0; BUFFER];
    loop {
        match decoder.read(&mut buffer)? {
            0 => return Ok(()),
            read => to.write_all(&buffer[..read])?,
        }
    }
}

/// Decodes a brotli stream.
fn decode_brotli(from: &mut Input<'_>, to: &mut Limited<'_>) -> io::Result<()> {
    let allocator = StandardAlloc::default;
    let mut state = BrotliState::new(allocator(), allocator(), allocator());
    let mut buffer = vec![0; BUFFER];
    let mut written = 0;
    loop {
        let bytes = from.fill_buf()?;
        let is_at_end = bytes.is_empty();
        let (mut available, mut at, mut free, mut end) = (bytes.len(), 0, BUFFER, 0);
        let result = BrotliDecompressStream(
            &mut available,
            &mut at,
            bytes,
            &mut free,
            &mut end,
            &mut buffer,
            &mut written,
            &mut state,
        );
        from.consume(at);
        to.write_all(&buffer[..end])?;
        match result {
            BrotliResult::ResultSuccess => return Ok(()),
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput if !is_at_end => {}
            BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }
}

/// The bytes that are decoded at a time.
const BUFFER: usize = 64 << 10;

/// A reader that keeps its error, which decoders may take for one of the data.
struct Input<'a> {
    from: &'a mut dyn BufRead,
    error: Option<io::Error>,
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // The borrow of a returned error would last as long as that of the bytes.
        if let Err(error) = self.from.fill_buf() {
            let kind = error.kind();
            self.error = Some(error);
            return Err(kind.into());
        }
        self.from.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.from.consume(count);
    }
}

/// A writer that fails when more than a limit is written.
struct Limited<'a> {
    to: &'a mut dyn Write,
    /// `None` after the failure.
    remaining: Option<u64>,
    /// Why it cannot be written.
    error: Option<io::Error>,
}

impl Limited<'_> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.remaining = self.remaining.and_then(|it| it.checked_sub(bytes.len() as u64));
        if self.remaining.is_none() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.to.write_all(bytes).map_err(|error| {
            let kind = error.kind();
            self.error = Some(error);
            kind.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::compress::{Compressor, Effort};

    fn check(coding: ContentCoding, bytes: &[u8]) -> Result<(), DecodeError> {
        decode_within(u64::MAX, coding, bytes).map(|_| ())
    }

    fn decode_within(
        length_max: u64,
        coding: ContentCoding,
        bytes: &[u8],
    ) -> Result<Vec<u8>, DecodeError> {
        let mut decoded = Vec::new();
        // In pieces, as from a file.
        let mut from = io::BufReader::with_capacity(7, bytes);
        decode(coding, &mut from, length_max, &mut decoded).unwrap().map(|()| decoded)
    }

    /// The text in both content codings.
    fn compressed(text: &[u8]) -> Vec<(ContentCoding, Vec<u8>)> {
        let compressed = Compressor::new(Effort::Best, None).compress(text);
        assert_eq!(compressed.len(), 2);
        compressed
    }

    #[test]
    fn a_complete_stream_decodes_and_nothing_else_does() {
        let text = b"the same line again\n".repeat(100);
        for (coding, bytes) in compressed(&text) {
            assert_eq!(decode_within(u64::MAX, coding, &bytes).unwrap(), text, "{coding}");
            let trailing = [&bytes[..], b"x"].concat();
            assert_eq!(check(coding, &trailing), Err(DecodeError::Trailing), "{coding}");
            let twice = [&bytes[..], &bytes].concat();
            assert_eq!(check(coding, &twice), Err(DecodeError::Trailing), "{coding}");
            for end in 0..bytes.len() {
                let result = check(coding, &bytes[..end]);
                assert_eq!(result, Err(DecodeError::Invalid), "{coding}, {end} bytes");
            }
            for wrong in [&text[..], b"", b"{}", b"history.pushState({})", b"\x1f\x8b\x08"] {
                assert!(check(coding, wrong).is_err(), "{coding}: {}", wrong.escape_ascii());
            }
        }
        let [(first, first_bytes), (second, second_bytes)] = &compressed(&text)[..] else {
            panic!("two content codings");
        };
        assert!(check(*first, second_bytes).is_err() && check(*second, first_bytes).is_err());
    }

    #[test]
    fn the_decoded_length_is_limited() {
        let text = b"the same line again\n".repeat(100);
        let length = text.len() as u64;
        for (coding, bytes) in compressed(&text) {
            for (length_max, expected) in [
                (length, Ok(())),
                (length - 1, Err(DecodeError::TooLong(length - 1))),
                (0, Err(DecodeError::TooLong(0))),
            ] {
                let result = decode_within(length_max, coding, &bytes).map(|_| ());
                assert_eq!(result, expected, "{coding}");
            }
        }
        let rows = [
            (0, DECODED_ALWAYS),
            (500_000, DECODED_ALWAYS),
            (1_000_000, 30_000_000),
            (100_000_000, DECODED_MAX),
        ];
        for (length, expected) in rows {
            assert_eq!(decoded_max(length), expected, "{length} bytes");
        }
    }

    /// A path, the value of the field, the bytes, their content coding and the decoded path.
    type Row =
        (&'static str, Option<&'static str>, &'static [u8], Option<ContentCoding>, &'static str);

    #[test]
    fn the_content_coding_comes_from_the_field_or_from_svgz() {
        use ContentCoding::{Brotli, Gzip};
        let gzip = b"\x1f\x8b\x08";
        let rows: [Row; 12] = [
            ("a.svgz", None, gzip, Some(Gzip), "a.svgz"),
            ("a.SVGZ", None, gzip, Some(Gzip), "a.SVGZ"),
            ("a.svgz", None, b"<svg/>", None, "a.svgz"),
            ("a.svgz", Some("gzip"), gzip, Some(Gzip), "a.svgz"),
            ("a.js.gz", None, gzip, None, "a.js.gz"),
            ("a.js.gz", Some("gzip"), gzip, Some(Gzip), "a.js"),
            ("a.js.GZ", Some("X-GZIP"), gzip, Some(Gzip), "a.js"),
            ("a.wasm.br", Some("br"), b"", Some(Brotli), "a.wasm"),
            ("a.js", Some("br"), b"", Some(Brotli), "a.js"),
            ("a.js.gz", Some("br"), b"", Some(Brotli), "a.js.gz"),
            ("gz", Some("gzip"), gzip, Some(Gzip), "gz"),
            ("a.js", Some("zstd"), b"", None, "a.js"),
        ];
        for (path, value, bytes, expected, inner) in rows {
            let field = |value: &str| Field {
                name: "content-encoding".to_owned(),
                value: value.to_owned(),
            };
            let fields: Vec<Field> = value.map(field).into_iter().collect();
            let coding = coding_of(path, &fields, bytes);
            assert_eq!(coding, expected, "{path} {value:?}");
            assert_eq!(decoded_path(path, coding.unwrap_or(ContentCoding::Identity)), inner);
        }
    }
}
