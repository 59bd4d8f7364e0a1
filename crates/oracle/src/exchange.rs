//! This file owns one request and its answer: a GET with one field of any value, and what is known
//! of the default site to compare with.

use std::sync::OnceLock;

use crate::{
    conversation::talk_whole,
    response::{self, Response},
};

/// What the default site has at `/`.
#[derive(Debug)]
pub struct Page {
    /// In the order identity, gzip, br.
    pub forms: Vec<Response>,
}

/// The codings that the page is kept in, in the order of [`Page::forms`].
pub const CODINGS: [&str; 3] = ["identity", "gzip", "br"];

/// The page at `/`, asked for once in each coding.
pub fn page() -> &'static Page {
    static PAGE: OnceLock<Page> = OnceLock::new();
    PAGE.get_or_init(|| {
        let form = |coding: &str| {
            let form = get(&[("Accept-Encoding", coding.as_bytes())]).expect("it is well formed");
            let shown = form.field("content-encoding").unwrap_or("identity");
            assert_eq!((form.status, shown), (200, coding));
            form
        };
        Page { forms: CODINGS.map(form).into() }
    })
}

impl Page {
    /// The form with the entity tag of an answer.
    #[must_use]
    pub fn form_of(&self, answer: &Response) -> (usize, &Response) {
        let tag = answer.field("etag").expect("an answer from content has a tag");
        let mut forms = self.forms.iter().enumerate();
        forms.find(|(_, it)| it.field("etag") == Some(tag)).expect("the tag of one of them")
    }

    /// The entity tag of the form that is not coded.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.forms[0].field("etag").expect("content has a tag")
    }
}

/// What is said to a GET of the page with these fields. `None` where a value is none: it has bytes
/// that no field may have (RFC 9110 section 5.5) or is longer than any, and is refused.
#[must_use]
pub fn get(fields: &[(&str, &[u8])]) -> Option<Response> {
    let mut request = b"GET / HTTP/1.1\r\nHost: localhost\r\n".to_vec();
    for (name, value) in fields {
        request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    request.extend(b"\r\n");
    let said = talk_whole(&request, true);
    let (answer, _) = response::parse(&said.bytes, false).expect("a whole answer");
    let is_value = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~' | 0x80..);
    if fields.iter().all(|(_, value)| value.len() <= 4000 && value.iter().all(is_value)) {
        return Some(answer);
    }
    // A value with a line end in it may be other fields, which change what is answered; one that is
    // long may be too long, or not.
    let has_line_end = fields.iter().any(|(_, value)| value.contains(&b'\n'));
    let has_control = |value: &[u8]| value.iter().any(|it| !is_value(it) && *it != b'\r');
    if !has_line_end && fields.iter().any(|(_, value)| has_control(value)) {
        assert!(matches!(answer.status, 400 | 431), "{answer:?}");
    }
    None
}

/// A value without the blanks around it (RFC 9110 section 5.6.3).
#[must_use]
pub fn trim(value: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|it| !is_blank(it)).unwrap_or(value.len());
    let end = value.iter().rposition(|it| !is_blank(it)).map_or(start, |last| last + 1);
    &value[start..end]
}
