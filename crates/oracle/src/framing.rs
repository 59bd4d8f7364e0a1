//! The framing of request content (RFC 9112 section 6.3).

use crate::head::{self, ParsedRequest};

const CONTENT_MAX: usize = 64 * 1024;

/// Where the content of a request ends.
pub(crate) enum ContentEnd {
    /// The model does not define it.
    Unknown,
    /// Its framing is invalid.
    Invalid,
    /// It is incomplete.
    Unfinished,
    /// At this offset.
    At(usize),
}

/// The end of the content in the bytes after a head.
pub(crate) fn content_end(request: &ParsedRequest<'_>, bytes: &[u8]) -> ContentEnd {
    let codings: Vec<&[u8]> = request.values("transfer-encoding").collect();
    let lengths: Vec<&[u8]> = request.values("content-length").collect();
    match (codings.as_slice(), lengths.as_slice()) {
        ([], []) => ContentEnd::At(0),
        ([], [length]) => {
            let text = String::from_utf8_lossy(length);
            let is_number = !text.is_empty() && text.chars().all(|it| it.is_ascii_digit());
            match text.parse::<usize>() {
                Ok(length) if is_number && length <= CONTENT_MAX => match bytes.get(length..) {
                    Some(_) => ContentEnd::At(length),
                    None => ContentEnd::Unfinished,
                },
                _ => ContentEnd::Invalid,
            }
        }
        ([coding], [])
            if request.version == "HTTP/1.1" && coding.eq_ignore_ascii_case(b"chunked") =>
        {
            chunks_end(bytes)
        }
        _ => ContentEnd::Invalid,
    }
}

/// The end of chunked content (section 7.1).
fn chunks_end(bytes: &[u8]) -> ContentEnd {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let Some(line_end) = rest.windows(2).position(|it| it == b"\r\n") else {
            return unfinished_line(rest);
        };
        let line = &rest[..line_end];
        // Chunk extensions and very long sizes are not modelled.
        if line.contains(&b';') || line.len() > 7 {
            return ContentEnd::Unknown;
        }
        let is_size = !line.is_empty() && line.iter().all(u8::is_ascii_hexdigit);
        let size = std::str::from_utf8(line).ok().filter(|_| is_size);
        let Some(size) = size.and_then(|it| usize::from_str_radix(it, 16).ok()) else {
            return ContentEnd::Invalid;
        };
        if size == 0 {
            return trailers_end(bytes, at + line_end + 2);
        }
        let data_end = line_end + 2 + size;
        match rest.get(data_end..data_end + 2) {
            Some(b"\r\n") => at += data_end + 2,
            Some(_) => return ContentEnd::Invalid,
            None if rest.get(data_end).is_some_and(|it| *it != b'\r') => {
                return ContentEnd::Invalid;
            }
            None => return ContentEnd::Unfinished,
        }
    }
}

/// An incomplete line with a chunk size. If it is invalid, the server can report that already.
fn unfinished_line(line: &[u8]) -> ContentEnd {
    let text = line.strip_suffix(b"\r").unwrap_or(line);
    if text.iter().all(u8::is_ascii_hexdigit) && text.len() <= 7 {
        ContentEnd::Unfinished
    } else {
        ContentEnd::Unknown
    }
}

/// The end of the trailer fields after the last chunk. They are ignored but must be well-formed.
fn trailers_end(bytes: &[u8], start: usize) -> ContentEnd {
    let rest = &bytes[start..];
    if rest.starts_with(b"\r\n") {
        return ContentEnd::At(start + 2);
    }
    match rest.windows(4).position(|it| it == b"\r\n\r\n") {
        Some(end) => {
            let request = [b"GET / HTTP/1.1\r\n", &rest[..end]].concat();
            let is_well_formed = head::request(&request).is_some();
            if is_well_formed { ContentEnd::At(start + end + 4) } else { ContentEnd::Invalid }
        }
        None if rest.is_empty() || rest == b"\r" => ContentEnd::Unfinished,
        None => ContentEnd::Unknown,
    }
}
