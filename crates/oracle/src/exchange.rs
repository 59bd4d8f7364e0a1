//! A GET of the default page with fields of any value, and the page's representations to compare
//! the response with.

use std::sync::OnceLock;

use crate::{
    conversation::talk,
    response::{self, Response},
};

/// The page at `/` of the default site.
#[derive(Debug)]
pub struct DefaultPage {
    /// The response for each content coding, in the order of [`CODINGS`].
    pub representations: Vec<Response>,
}

/// The content codings of the page. They are not taken from `ContentCoding::ALL`, so that an
/// incorrect token there is detected.
pub const CODINGS: [&str; 3] = ["identity", "gzip", "br"];

/// A weight in thousandths for each of [`CODINGS`].
pub(crate) type Weights = [Option<u32>; CODINGS.len()];

/// The page at `/`, requested once with each content coding.
pub fn page() -> &'static DefaultPage {
    static PAGE: OnceLock<DefaultPage> = OnceLock::new();
    PAGE.get_or_init(|| {
        let representation = |coding: &str| {
            let fields = [("Accept-Encoding", coding.as_bytes())];
            let response = get(&fields).expect("the request is well-formed");
            let found = response.field("content-encoding").unwrap_or("identity");
            assert_eq!((response.status, found), (200, coding));
            response
        };
        DefaultPage { representations: CODINGS.map(representation).into() }
    })
}

impl DefaultPage {
    /// The representation with the entity tag of a response.
    #[must_use]
    pub fn representation_of(&self, response: &Response) -> (usize, &Response) {
        let tag = response.field("etag").expect("a response with content has a tag");
        let mut all = self.representations.iter().enumerate();
        all.find(|(_, it)| it.field("etag") == Some(tag)).expect("the tag of one of them")
    }

    /// The entity tag of the identity representation.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.representations[0].field("etag").expect("content has a tag")
    }
}

/// The response to a GET of the page with these fields. `None` if a value is invalid: it has bytes
/// that fields cannot have (RFC 9110 section 5.5), or exceeds the limit.
#[must_use]
pub fn get(fields: &[(&str, &[u8])]) -> Option<Response> {
    let mut request = b"GET / HTTP/1.1\r\nHost: localhost\r\n".to_vec();
    for (name, value) in fields {
        request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    request.extend(b"\r\n");
    let transcript = talk(&request, true);
    let (response, _) = response::parse(&transcript.bytes, false).expect("a complete response");
    let is_value = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~' | 0x80..);
    if fields.iter().all(|(_, value)| value.len() <= 4000 && value.iter().all(is_value)) {
        return Some(response);
    }
    // A line end in a value can start other fields, which change the response. A long value can be
    // within the limit or not.
    let has_line_end = fields.iter().any(|(_, value)| value.contains(&b'\n'));
    let has_control = |value: &[u8]| value.iter().any(|it| !is_value(it) && *it != b'\r');
    if !has_line_end && fields.iter().any(|(_, value)| has_control(value)) {
        assert!(matches!(response.status, 400 | 431), "{response:?}");
    }
    None
}

/// A value without the white space around it (RFC 9110 section 5.6.3).
#[must_use]
pub fn trim(value: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|it| !is_blank(it)).unwrap_or(value.len());
    let end = value.iter().rposition(|it| !is_blank(it)).map_or(start, |last| last + 1);
    &value[start..end]
}
