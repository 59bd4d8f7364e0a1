//! Any query of a request that is redirected (RFC 3986 section 3.4): the location has it before its
//! fragment, with the bytes encoded that no query contains, unless the target has a query itself.

use std::{fmt::Write, sync::OnceLock};

use chapbook::site::Site;

use crate::{
    conversation::talk_to_site,
    payload::{open, payload},
    response,
};

/// The path of a request, the location before the query and after it, and whether the target has a
/// query itself.
const ROWS: [(&str, &str, &str, bool); 5] = [
    ("/a", "/a/", "", false),
    ("/old", "/a/", "", false),
    ("/was/b", "/a/b", "", false),
    ("/own", "/a/?x=y", "#z", true),
    ("/out", "https://example.com/", "#z", false),
];

/// The query as the location has it; `None` if no target contains it.
fn encoded(query: &[u8]) -> Option<String> {
    let mut text = String::new();
    for (at, byte) in query.iter().enumerate() {
        if !byte.is_ascii_graphic() || *byte == b'#' {
            return None;
        }
        let is_hexadecimal = |at: usize| query.get(at).is_some_and(u8::is_ascii_hexdigit);
        let is_allowed = match char::from(*byte) {
            '%' => is_hexadecimal(at + 1) && is_hexadecimal(at + 2),
            other => other.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?".contains(other),
        };
        if is_allowed {
            text.push(char::from(*byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    Some(text)
}

/// Requests each path with this query.
pub fn run(query: &[u8]) {
    static SITE: OnceLock<Site<'static>> = OnceLock::new();
    let site = *SITE.get_or_init(|| open(payload().to_vec()).expect("it is intact"));
    // With a line end or a space it is another request; a long one exceeds the limit.
    let is_other = query.iter().any(|byte| matches!(byte, b'\r' | b'\n' | b' ' | b'\t'));
    if is_other || query.len() > 8000 {
        return;
    }
    for (path, before, fragment, has_query) in ROWS {
        let request = [b"GET ", path.as_bytes(), b"?", query, b" HTTP/1.1\r\nHost: a\r\n\r\n"];
        let received = talk_to_site(site, &request, true, usize::MAX).bytes;
        let (response, length) = response::parse(&received, false).expect("a complete response");
        assert_eq!(length, received.len(), "{path}: more than one response");
        let location = response.field("location").unwrap_or_default();
        match encoded(query) {
            None => assert_eq!(response.status, 400, "{path}?{}", query.escape_ascii()),
            Some(_) if has_query => assert_eq!(location, format!("{before}{fragment}")),
            Some(query) => assert_eq!(location, format!("{before}?{query}{fragment}")),
        }
    }
}
