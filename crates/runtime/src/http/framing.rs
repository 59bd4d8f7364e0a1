//! Framing of request bodies (RFC 9112 section 6.3): where a body ends, and how it is skipped.

use super::{
    error_response::ErrorResponse,
    fields::{Fields, Name, is_token, parse_number, trim},
};
use crate::limits::{CHUNK_LINE_MAX, FIELD_COUNT_MAX, REQUEST_BODY_MAX};

/// How the body of a request is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// No body.
    None,
    /// A body of this many bytes, at least 1.
    Length(u64),
    /// A body in chunks.
    Chunked,
}

impl Framing {
    /// The framing that these fields declare. Anything that two parsers could read differently is
    /// an error, because that is what request smuggling exploits (RFC 9112 section 11.2).
    pub(super) fn parse(fields: &Fields<'_>, is_http_1_0: bool) -> Result<Self, ErrorResponse> {
        let has_length = fields.has(Name::ContentLength);
        if fields.has(Name::TransferEncoding) {
            // Section 6.1: with a length, too, or in HTTP/1.0, the framing is faulty.
            if has_length || is_http_1_0 {
                return Err(ErrorResponse::BadRequest);
            }
            return Self::parse_transfer_coding(fields);
        }
        if !has_length {
            return Ok(Self::None);
        }
        // Section 6.3 allows a repeated equal length, but no well-behaved client sends one.
        let value = fields.only(Name::ContentLength).ok_or(ErrorResponse::BadRequest)?;
        match parse_number(value).ok_or(ErrorResponse::BadRequest)? {
            0 => Ok(Self::None),
            length if length > REQUEST_BODY_MAX => Err(ErrorResponse::ContentTooLarge),
            length => Ok(Self::Length(length)),
        }
    }

    fn parse_transfer_coding(fields: &Fields<'_>) -> Result<Self, ErrorResponse> {
        // No well-behaved client sends two lines or an empty member.
        let value = fields.only(Name::TransferEncoding).ok_or(ErrorResponse::BadRequest)?;
        if value.eq_ignore_ascii_case(b"chunked") {
            return Ok(Self::Chunked);
        }
        let mut codings = value.rsplit(|&byte| byte == b',').map(trim);
        let last = codings.next().unwrap_or_default();
        let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
        // Section 6.3: the length is known only if chunked is the last coding, and applied once.
        if is_chunked(last) && codings.all(|coding| is_token(coding) && !is_chunked(coding)) {
            return Err(ErrorResponse::UnknownTransferCoding);
        }
        Err(ErrorResponse::BadRequest)
    }
}

/// Outcome of skipping a part of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skipped {
    /// The body ends after this many bytes of the input.
    Complete(usize),
    /// All of the input belongs to the body, which is not complete.
    Partial,
}

/// Position in a body that is skipped.
#[derive(Debug, Clone, Copy)]
pub(super) enum BodySkipper {
    /// The number of bytes left.
    Length(u64),
    Chunked(ChunkParser),
}

impl BodySkipper {
    /// A skipper for a body with this framing; `None` without a body.
    pub(super) fn new(framing: Framing) -> Option<Self> {
        match framing {
            Framing::None => None,
            Framing::Length(length) => Some(Self::Length(length)),
            Framing::Chunked => Some(Self::Chunked(ChunkParser::default())),
        }
    }

    /// Skips the part of `input` that belongs to the body.
    pub(super) fn skip(&mut self, input: &[u8]) -> Result<Skipped, ErrorResponse> {
        match self {
            Self::Length(left) => match usize::try_from(*left) {
                Ok(left) if left <= input.len() => Ok(Skipped::Complete(left)),
                _ => {
                    *left -= input.len() as u64;
                    Ok(Skipped::Partial)
                }
            },
            Self::Chunked(chunks) => chunks.skip(input),
        }
    }
}

/// Parser of chunks (RFC 9112 section 7.1) that stores none of their bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ChunkParser {
    state: ChunkState,
    /// In `Data`, the bytes left of the chunk; before, the digits parsed so far.
    size: u64,
    /// Bytes of the body so far.
    total: u32,
    /// Bytes of the line so far.
    line: u16,
    /// Trailer fields so far.
    trailers: u8,
}

/// What the parser expects next, or is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum ChunkState {
    #[default]
    FirstDigit,
    Digit,
    /// White space, `;` or the line end, after a quoted value.
    ExtensionOrEnd,
    /// More white space or `;`, after white space that only another extension can follow.
    ExtensionBlank,
    /// More white space, `=` or `;`, after a name and white space.
    ExtensionNameBlank,
    /// The name of an extension, and white space before it.
    ExtensionName,
    /// More of the name, `=`, `;` or the line end.
    ExtensionNameRest,
    /// The value of an extension, and white space before it.
    ExtensionValue,
    ExtensionToken,
    ExtensionQuoted,
    ExtensionQuotedPair,
    SizeLineFeed,
    Data,
    DataCarriageReturn,
    DataLineFeed,
    /// The name of a trailer field, or the end of the body.
    TrailerOrEnd,
    TrailerName,
    TrailerValue,
    TrailerLineFeed,
    LastLineFeed,
}

impl ChunkParser {
    fn skip(&mut self, input: &[u8]) -> Result<Skipped, ErrorResponse> {
        let mut at = 0;
        while let Some(&byte) = input.get(at) {
            if self.state == ChunkState::Data {
                let skipped = usize::try_from(self.size).unwrap_or(usize::MAX);
                let skipped = skipped.min(input.len() - at);
                self.count(skipped)?;
                self.size -= skipped as u64;
                at += skipped;
                if self.size == 0 {
                    self.state = ChunkState::DataCarriageReturn;
                }
                continue;
            }
            self.count(1)?;
            at += 1;
            if self.state == ChunkState::LastLineFeed {
                return if byte == b'\n' {
                    Ok(Skipped::Complete(at))
                } else {
                    Err(ErrorResponse::BadRequest)
                };
            }
            self.state = self.next(byte)?;
        }
        Ok(Skipped::Partial)
    }

    /// Counts bytes of the body against the limit.
    fn count(&mut self, bytes: usize) -> Result<(), ErrorResponse> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.total = self.total.saturating_add(bytes);
        if u64::from(self.total) > REQUEST_BODY_MAX {
            Err(ErrorResponse::ContentTooLarge)
        } else {
            Ok(())
        }
    }

    /// The state after `byte`, by the grammar of RFC 9112 sections 7.1, 7.1.1 and 7.1.2.
    fn next(&mut self, byte: u8) -> Result<ChunkState, ErrorResponse> {
        use ChunkState::{
            DataCarriageReturn, DataLineFeed, Digit, ExtensionBlank, ExtensionName,
            ExtensionNameBlank, ExtensionNameRest, ExtensionOrEnd, ExtensionQuoted,
            ExtensionQuotedPair, ExtensionToken, ExtensionValue, FirstDigit, LastLineFeed,
            SizeLineFeed, TrailerLineFeed, TrailerName, TrailerOrEnd, TrailerValue,
        };

        self.line += 1;
        if usize::from(self.line) > CHUNK_LINE_MAX {
            return Err(ErrorResponse::BadRequest);
        }
        let next = match (self.state, byte) {
            (FirstDigit | Digit, _) if byte.is_ascii_hexdigit() => self.digit(byte)?,
            (Digit | ExtensionNameRest | ExtensionToken | ExtensionOrEnd, b'\r') => SizeLineFeed,
            (Digit | ExtensionNameRest | ExtensionToken | ExtensionOrEnd, b';') => ExtensionName,
            (ExtensionNameRest | ExtensionNameBlank, b'=') => ExtensionValue,
            (ExtensionBlank | ExtensionNameBlank, b';') => ExtensionName,
            // RFC 9110 section 5.6.3: servers must accept bad white space, though clients must not
            // send it.
            (Digit | ExtensionOrEnd | ExtensionToken | ExtensionBlank, b' ' | b'\t') => {
                ExtensionBlank
            }
            (ExtensionNameRest | ExtensionNameBlank, b' ' | b'\t') => ExtensionNameBlank,
            (ExtensionName | ExtensionValue, b' ' | b'\t') => self.state,
            (ExtensionName | ExtensionNameRest, _) if is_token(&[byte]) => ExtensionNameRest,
            (ExtensionValue, b'"') => ExtensionQuoted,
            (ExtensionValue | ExtensionToken, _) if is_token(&[byte]) => ExtensionToken,
            (ExtensionQuoted, b'"') => ExtensionOrEnd,
            (ExtensionQuoted, b'\\') => ExtensionQuotedPair,
            (ExtensionQuoted | ExtensionQuotedPair, _) if is_text(byte) => ExtensionQuoted,
            (SizeLineFeed, b'\n') => self.end_of_size()?,
            (DataCarriageReturn, b'\r') => DataLineFeed,
            (DataLineFeed, b'\n') => {
                self.line = 0;
                FirstDigit
            }
            (TrailerOrEnd, b'\r') => LastLineFeed,
            (TrailerOrEnd, _) if is_token(&[byte]) => self.trailer()?,
            (TrailerName, b':') => TrailerValue,
            (TrailerName, _) if is_token(&[byte]) => TrailerName,
            (TrailerValue, b'\r') => TrailerLineFeed,
            (TrailerValue, _) if is_text(byte) => TrailerValue,
            (TrailerLineFeed, b'\n') => {
                self.line = 0;
                TrailerOrEnd
            }
            _ => return Err(ErrorResponse::BadRequest),
        };
        Ok(next)
    }

    /// Adds a digit to the size. One of more than 64 bits is malformed, not too large: only an
    /// attack on the arithmetic of a parser has it.
    fn digit(&mut self, byte: u8) -> Result<ChunkState, ErrorResponse> {
        let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
        let size = self.size.checked_mul(16).ok_or(ErrorResponse::BadRequest)?;
        self.size = size | digit;
        Ok(ChunkState::Digit)
    }

    fn end_of_size(&mut self) -> Result<ChunkState, ErrorResponse> {
        self.line = 0;
        match self.size {
            0 => Ok(ChunkState::TrailerOrEnd),
            1..=REQUEST_BODY_MAX => Ok(ChunkState::Data),
            _ => Err(ErrorResponse::ContentTooLarge),
        }
    }

    fn trailer(&mut self) -> Result<ChunkState, ErrorResponse> {
        self.trailers += 1;
        if usize::from(self.trailers) > FIELD_COUNT_MAX {
            return Err(ErrorResponse::FieldsTooLarge);
        }
        Ok(ChunkState::TrailerName)
    }
}

/// Whether a byte may be in a quoted string or a field value (RFC 9110 sections 5.5 and 5.6.4).
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ambiguous_framing_is_an_error() {
        use ErrorResponse::*;
        type Row<'a> = (&'a [(&'a str, &'a str)], Result<Framing, ErrorResponse>);
        const LENGTH: &str = "Content-Length";
        const CODING: &str = "Transfer-Encoding";
        let rows: &[Row<'_>] = &[
            (&[], Ok(Framing::None)),
            (&[(LENGTH, "0")], Ok(Framing::None)),
            (&[(LENGTH, "5")], Ok(Framing::Length(5))),
            (&[(LENGTH, "005")], Ok(Framing::Length(5))),
            (&[(LENGTH, "010")], Ok(Framing::Length(10))),
            (&[(LENGTH, "000")], Ok(Framing::None)),
            (&[(LENGTH, "000000000000000000000000000000000000000005")], Ok(Framing::Length(5))),
            (&[(LENGTH, "00000000000000000000000000000000000065537")], Err(ContentTooLarge)),
            (&[(LENGTH, "65536")], Ok(Framing::Length(65536))),
            (&[(LENGTH, "65537")], Err(ContentTooLarge)),
            (&[(LENGTH, "99999999999999999999999")], Err(ContentTooLarge)),
            (&[(LENGTH, "+5")], Err(BadRequest)),
            (&[(LENGTH, "5, 5")], Err(BadRequest)),
            (&[(LENGTH, "")], Err(BadRequest)),
            (&[(LENGTH, "5"), (LENGTH, "5")], Err(BadRequest)),
            (&[(LENGTH, "5"), (CODING, "chunked")], Err(BadRequest)),
            (&[(CODING, "chunked"), (CODING, "chunked")], Err(BadRequest)),
            (&[(CODING, "ChUnKeD")], Ok(Framing::Chunked)),
            (&[(CODING, "gzip, chunked")], Err(UnknownTransferCoding)),
            (&[(CODING, "gzip")], Err(BadRequest)),
            (&[(CODING, "chunked, gzip")], Err(BadRequest)),
            (&[(CODING, "chunked, chunked")], Err(BadRequest)),
            (&[(CODING, ", chunked")], Err(BadRequest)),
            (&[(CODING, "")], Err(BadRequest)),
            (&[(CODING, "chunked;q=1")], Err(BadRequest)),
        ];
        for (headers, expected) in rows {
            let all: Vec<httparse::Header<'_>> = headers
                .iter()
                .map(|(name, value)| httparse::Header { name, value: value.as_bytes() })
                .collect();
            assert_eq!(Framing::parse(&Fields::new(&all), false), *expected, "{headers:?}");
        }
        let chunked = [httparse::Header { name: CODING, value: b"chunked" }];
        assert_eq!(Framing::parse(&Fields::new(&chunked), true), Err(BadRequest));
    }

    /// Skips the text in one piece and byte by byte; both must have the same outcome.
    fn skip(text: &[u8]) -> Result<Skipped, ErrorResponse> {
        let at_once = ChunkParser::default().skip(text);
        let mut chunks = ChunkParser::default();
        let mut bytewise = Ok(Skipped::Partial);
        for (at, byte) in text.iter().enumerate() {
            bytewise = chunks.skip(&[*byte]).map(|skipped| match skipped {
                Skipped::Complete(_) => Skipped::Complete(at + 1),
                Skipped::Partial => Skipped::Partial,
            });
            if bytewise != Ok(Skipped::Partial) {
                break;
            }
        }
        assert_eq!(at_once, bytewise, "{}", text.escape_ascii());
        at_once
    }

    #[test]
    fn chunks_follow_the_grammar() {
        let valid = [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n",
            "5;a\r\nhello\r\n0;b=c;d=\"e\\\"\"\r\n\r\n",
            "5 ;\ta = b ; c=\"d\" ;e\r\nhello\r\n0\r\n\r\n",
            "0\r\nHost: evil\r\nX:\t y \r\n\r\n",
        ];
        for text in valid {
            assert_eq!(skip(text.as_bytes()), Ok(Skipped::Complete(text.len())), "{text:?}");
            let with_more = format!("{text}GET");
            assert_eq!(skip(with_more.as_bytes()), Ok(Skipped::Complete(text.len())), "{text:?}");
            for end in 0..text.len() {
                assert_eq!(skip(&text.as_bytes()[..end]), Ok(Skipped::Partial), "{text:?} {end}");
            }
        }
        let malformed = [
            "Z\r\n",
            "0x5\r\n",
            "+5\r\n",
            "-1\r\n",
            " 5\r\n",
            "\r\n",
            "5 erf\r\n",
            "5;\r\n",
            "5;a[=x\r\n",
            "5\nhello",
            "5\r\nhello!!",
            "5\r\nhello\n",
            "5\r\nhello0",
            "0\r\nXX\r\n",
            "0\r\nbad trailer\r\n",
            "0\r\nX: y\n",
            "0\r\n\n",
            "5\r\rx",
            "0;a=\r\n",
            "0;a=\"\u{1}",
            "FFFFFFFFFFFFFFFF0\r\n",
            "10000000000000000\r\n",
        ];
        for text in malformed {
            assert_eq!(skip(text.as_bytes()), Err(ErrorResponse::BadRequest), "{text:?}");
        }
        for text in ["FFFFFFFFFFFFFFFF\r\n", "10001\r\n"] {
            assert_eq!(skip(text.as_bytes()), Err(ErrorResponse::ContentTooLarge), "{text:?}");
        }
    }

    #[test]
    fn a_skipped_body_is_bounded() {
        let data = format!("{}0\r\n\r\n", "1\r\nx\r\n".repeat(20_000));
        assert_eq!(skip(data.as_bytes()), Err(ErrorResponse::ContentTooLarge));
        let extension = format!("5;a={}\r\n", "x".repeat(2000));
        assert_eq!(skip(extension.as_bytes()), Err(ErrorResponse::BadRequest));
        let trailers = format!("0\r\n{}\r\n", "X: y\r\n".repeat(101));
        assert_eq!(skip(trailers.as_bytes()), Err(ErrorResponse::FieldsTooLarge));
    }
}
