//! Error responses: each has a status, fixed fields and a fixed sentence. None contains a byte of
//! the request, so nothing can be reflected.

/// A kind of error response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorResponse {
    /// The request breaks the grammar or the framing.
    BadRequest,
    /// The path has no route, and the site has no 404 page.
    NotFound,
    /// The method is known, but a static site does not support it.
    MethodNotAllowed,
    /// `Accept-Encoding` excludes every representation.
    NotAcceptable,
    /// The request did not arrive in time.
    RequestTimeout,
    /// A precondition does not hold.
    PreconditionFailed,
    /// The body of the request is longer than `REQUEST_BODY_MAX`.
    ContentTooLarge,
    /// The request line is too long.
    UriTooLong,
    /// The range lies outside the content.
    RangeNotSatisfiable,
    /// The expectation is not `100-continue`.
    ExpectationFailed,
    /// The scheme of the target is not served.
    MisdirectedRequest,
    /// The field section is too long.
    FieldsTooLarge,
    /// The method is unknown.
    UnknownMethod,
    /// The transfer coding is unknown, and so is the end of the body.
    UnknownTransferCoding,
    /// The content does not match its hash.
    Damaged,
    /// The major version of HTTP is not 1.
    VersionNotSupported,
}

/// The `Allow` field of a 405 and of OPTIONS.
pub(super) const ALLOW: &str = "Allow: GET, HEAD, OPTIONS\r\n";

impl ErrorResponse {
    /// The status line.
    pub(super) fn status_line(self) -> &'static str {
        match self {
            Self::BadRequest => "HTTP/1.1 400 Bad Request\r\n",
            Self::NotFound => "HTTP/1.1 404 Not Found\r\n",
            Self::MethodNotAllowed => "HTTP/1.1 405 Method Not Allowed\r\n",
            Self::NotAcceptable => "HTTP/1.1 406 Not Acceptable\r\n",
            Self::RequestTimeout => "HTTP/1.1 408 Request Timeout\r\n",
            Self::PreconditionFailed => "HTTP/1.1 412 Precondition Failed\r\n",
            Self::ContentTooLarge => "HTTP/1.1 413 Content Too Large\r\n",
            Self::UriTooLong => "HTTP/1.1 414 URI Too Long\r\n",
            Self::RangeNotSatisfiable => "HTTP/1.1 416 Range Not Satisfiable\r\n",
            Self::ExpectationFailed => "HTTP/1.1 417 Expectation Failed\r\n",
            Self::MisdirectedRequest => "HTTP/1.1 421 Misdirected Request\r\n",
            Self::FieldsTooLarge => "HTTP/1.1 431 Request Header Fields Too Large\r\n",
            Self::UnknownMethod | Self::UnknownTransferCoding => "HTTP/1.1 501 Not Implemented\r\n",
            Self::Damaged => "HTTP/1.1 500 Internal Server Error\r\n",
            Self::VersionNotSupported => "HTTP/1.1 505 HTTP Version Not Supported\r\n",
        }
    }

    /// The status code; the same as in the status line.
    pub(super) fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::RequestTimeout => 408,
            Self::PreconditionFailed => 412,
            Self::ContentTooLarge => 413,
            Self::UriTooLong => 414,
            Self::RangeNotSatisfiable => 416,
            Self::ExpectationFailed => 417,
            Self::MisdirectedRequest => 421,
            Self::FieldsTooLarge => 431,
            Self::UnknownMethod | Self::UnknownTransferCoding => 501,
            Self::Damaged => 500,
            Self::VersionNotSupported => 505,
        }
    }

    /// The content: one sentence for the user.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::BadRequest => "The request is malformed.\n",
            Self::NotFound => "There is nothing at this address.\n",
            Self::MethodNotAllowed => "This site can be read only: GET, HEAD and OPTIONS.\n",
            Self::NotAcceptable => "No content coding is acceptable.\n",
            Self::RequestTimeout => "The request did not arrive in time.\n",
            Self::PreconditionFailed => "A precondition of the request does not hold.\n",
            Self::ContentTooLarge => "The content of the request is too large.\n",
            Self::UriTooLong => "The address is too long.\n",
            Self::RangeNotSatisfiable => "The range lies outside the content.\n",
            Self::ExpectationFailed => "The expectation of the request cannot be met.\n",
            Self::MisdirectedRequest => {
                "This address has another scheme here: try https or http.\n"
            }
            Self::FieldsTooLarge => "The header fields of the request are too large.\n",
            Self::UnknownMethod => "This method is unknown.\n",
            Self::UnknownTransferCoding => "This transfer coding is unknown.\n",
            Self::Damaged => "This part of the site is damaged.\n",
            Self::VersionNotSupported => "This server speaks HTTP/1.1.\n",
        }
    }

    /// The fields that not every error response has.
    pub(super) fn extra_fields(self) -> &'static str {
        match self {
            Self::MethodNotAllowed => ALLOW,
            _ => "",
        }
    }

    /// Whether the connection is closed after it: the start of the next request is unknown, or the
    /// client is too slow.
    pub(super) fn ends_connection(self) -> bool {
        match self {
            Self::BadRequest
            | Self::RequestTimeout
            | Self::ContentTooLarge
            | Self::UriTooLong
            | Self::FieldsTooLarge
            | Self::UnknownTransferCoding
            | Self::VersionNotSupported => true,
            Self::NotFound
            | Self::MethodNotAllowed
            | Self::NotAcceptable
            | Self::PreconditionFailed
            | Self::RangeNotSatisfiable
            | Self::ExpectationFailed
            | Self::MisdirectedRequest
            | Self::Damaged
            | Self::UnknownMethod => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorResponse::*;

    #[test]
    fn a_status_line_starts_with_the_status() {
        let all = [
            BadRequest,
            NotFound,
            MethodNotAllowed,
            NotAcceptable,
            RequestTimeout,
            PreconditionFailed,
            ContentTooLarge,
            UriTooLong,
            RangeNotSatisfiable,
            ExpectationFailed,
            MisdirectedRequest,
            FieldsTooLarge,
            UnknownMethod,
            UnknownTransferCoding,
            Damaged,
            VersionNotSupported,
        ];
        for error in all {
            let start = format!("HTTP/1.1 {} ", error.status());
            assert!(error.status_line().starts_with(&start), "{error:?}");
        }
    }
}
