//! The text of precomputed heads: the status line and all fields except `Date` and `Connection`.
//! See [`SharedHead`] and [`Head`] for the order of the fields.

use std::fmt::Write;

use chapbook_format::{Head, PathFields, RedirectHead, SharedHead};

use crate::rules::{
    Pattern,
    headers::{CONTENT_ENCODING, Field},
    redirects::Destination,
};

/// The values of the fields of a resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadFields<'a> {
    /// 200, or 404 for a not-found page.
    pub(crate) status: u16,
    pub(crate) content_length: u64,
    pub(crate) content_type: &'a str,
    pub(crate) content_encoding: Option<&'a str>,
    pub(crate) entity_tag: &'a str,
    pub(crate) last_modified: Option<&'a str>,
    pub(crate) cache_control: &'a str,
    pub(crate) varies: bool,
    /// The author's fields. Those with the name of a field above override it.
    pub(crate) author_fields: &'a [Field],
}

/// The head of a resource.
pub(crate) fn resource(fields: &HeadFields<'_>) -> Head<String> {
    let is_found = fields.status == 200;
    let mut text = String::with_capacity(320);
    text.push_str(&status_line(fields.status));
    let mut lines = HeadLines { text, author_fields: fields.author_fields };
    let fields_for_206_at = lines.position();
    lines.push("Content-Type", fields.content_type);
    if let Some(coding) = fields.content_encoding {
        lines.push("Content-Encoding", coding);
    }
    lines.push_author_fields(is_about_content);
    if is_found {
        lines.push("Accept-Ranges", "bytes");
    }
    let fields_for_304_at = lines.position();
    if is_found && let Some(date) = fields.last_modified {
        lines.push("Last-Modified", date);
    }
    lines.push("Cache-Control", fields.cache_control);
    if fields.varies {
        lines.push("Vary", "Accept-Encoding");
    }
    if is_found {
        lines.push("X-Content-Type-Options", "nosniff");
        lines.push_author_fields(|field| !is_about_content(field));
    }
    let (status, text) = (fields.status, lines.text);
    let shared = SharedHead { status, text, fields_for_206_at, fields_for_304_at };
    let mut own = String::new();
    if is_found {
        own = format!("ETag: {}\r\n", fields.entity_tag);
    }
    // The tag is a part of a hash.
    let entity_tag_line = u8::try_from(own.len()).unwrap_or(u8::MAX);
    // Writing into a String cannot fail.
    let _ = write!(own, "Content-Length: {}\r\n", fields.content_length);
    Head { shared, own, entity_tag_line }
}

fn status_line(status: u16) -> String {
    let reason = match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        404 => "Not Found",
        // RFC 9112 section 4: a reason may be empty.
        _ => "",
    };
    format!("HTTP/1.1 {status} {reason}\r\n")
}

/// The precomputed fields whose value an author may override.
const OVERRIDABLE: [&str; 3] = ["Content-Type", "Cache-Control", "X-Content-Type-Options"];

/// Whether a field describes the content, so that a 304 does not need it.
fn is_about_content(field: &Field) -> bool {
    field.is("Content-Disposition") || field.is("Content-Language")
}

struct HeadLines<'a> {
    text: String,
    author_fields: &'a [Field],
}

impl HeadLines<'_> {
    /// The position of the next line. The text is shorter than 4 GiB: an author's fields have at
    /// most 3 KiB, and a media type is a few words.
    fn position(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// Adds a field, with the author's value if there is one.
    fn push(&mut self, name: &str, value: &str) {
        let overriding = self.author_fields.iter().find(|field| field.is(name));
        let value = overriding.map_or(value, |field| field.value.as_str());
        // Writing into a String cannot fail.
        let _ = write!(self.text, "{name}: {value}\r\n");
    }

    /// Adds the author's fields that `includes` selects, except those that override a value.
    fn push_author_fields(&mut self, includes: impl Fn(&Field) -> bool) {
        for field in self.author_fields {
            if includes(field) && !OVERRIDABLE.iter().any(|name| field.is(name)) {
                let _ = write!(self.text, "{}: {}\r\n", field.name, field.value);
            }
        }
    }
}

/// The fields of the paths of a pattern, for the responses that have no head of their own. They do
/// not describe the content of the paths, which these responses do not have.
pub(crate) fn path_fields(paths: &Pattern, author_fields: &[Field]) -> PathFields<String> {
    let mut lines = HeadLines { text: String::new(), author_fields };
    for field in author_fields.iter().filter(|field| field.is("Cache-Control")) {
        lines.push("Cache-Control", &field.value);
    }
    let for_errors_at = lines.position();
    lines.push("X-Content-Type-Options", "nosniff");
    let is_about_content = |field: &Field| {
        is_about_content(field) || field.is("Content-Location") || field.is(CONTENT_ENCODING)
    };
    lines.push_author_fields(|field| !is_about_content(field));
    PathFields {
        key: paths.key().to_owned(),
        is_prefix: matches!(paths, Pattern::Below(_)),
        text: lines.text,
        for_errors_at,
    }
}

/// The head of a redirect. Without its `no-cache`, clients would store a 301 or 308 forever, even a
/// wrong one (RFC 9110 section 15.4). The query of a request is inserted before the fragment (RFC
/// 3986 section 3), unless the target has a query of its own.
pub(crate) fn redirect(status: u16, location: &Destination) -> RedirectHead<String> {
    let (before, after) = match location {
        Destination::Fixed(location) => (location.as_str(), None),
        Destination::Splat(before, after) => (before.as_str(), Some(after.as_str())),
    };
    let fields =
        "Content-Length: 0\r\nCache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n";
    let shared = SharedHead::without_content(status, status_line(status) + fields);
    let mut line = "Location: ".to_owned();
    // A target is a part of one line of `_redirects`, so the line is shorter than 4 GiB.
    let position = |line: &str| u32::try_from(line.len()).ok();
    let mut splat_at = None;
    let mut last = before;
    if let Some(after) = after {
        line.push_str(before);
        splat_at = position(&line);
        last = after;
    }
    let (path, fragment) = last.split_at(last.find('#').unwrap_or(last.len()));
    line.push_str(path);
    let query_at = if path.contains('?') { None } else { position(&line) };
    line.push_str(fragment);
    line.push_str("\r\n");
    RedirectHead { shared, location: line, splat_at, query_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(head: &Head<String>) -> [usize; 2] {
        [head.shared.fields_for_206_at, head.shared.fields_for_304_at].map(|at| at as usize)
    }

    #[test]
    fn the_fields_of_a_206_and_of_a_304_are_at_the_end_of_a_head() {
        let head = resource(&HeadFields {
            status: 200,
            content_length: 253,
            content_type: "application/json",
            content_encoding: Some("gzip"),
            entity_tag: "\"x\"",
            last_modified: Some("Thu, 01 Jan 1970 00:00:00 GMT"),
            cache_control: "no-cache",
            varies: true,
            author_fields: &[],
        });
        let [for_206, for_304] = positions(&head);
        let (before_304, from_304) = head.shared.text.split_at(for_304);
        assert_eq!(before_304[..for_206], *"HTTP/1.1 200 OK\r\n");
        assert_eq!(
            before_304[for_206..],
            *"Content-Type: application/json\r\nContent-Encoding: gzip\r\nAccept-Ranges: bytes\r\n"
        );
        assert!(from_304.starts_with("Last-Modified: "));
        assert!(from_304.ends_with(
            "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\n\
             X-Content-Type-Options: nosniff\r\n"
        ));
        assert_eq!(head.own, "ETag: \"x\"\r\nContent-Length: 253\r\n");
        assert_eq!(head.entity_tag(), b"\"x\"");
    }

    #[test]
    fn a_not_found_page_has_no_validator_and_no_ranges() {
        let head = resource(&HeadFields {
            status: 404,
            content_length: 1,
            content_type: "text/html",
            content_encoding: None,
            entity_tag: "\"x\"",
            last_modified: None,
            cache_control: "no-cache",
            varies: false,
            author_fields: &[],
        });
        let text = String::from_utf8(head.text()).unwrap();
        // The author's fields depend on the path.
        assert_eq!(
            text,
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nCache-Control: no-cache\r\n\
             Content-Length: 1\r\n"
        );
        assert_eq!(head.entity_tag(), b"");
    }

    #[test]
    fn the_fields_of_a_path_do_not_describe_content_and_errors_are_not_stored() {
        let all = [
            ("Content-Type", "text/plain"),
            ("X-A", "a"),
            ("cache-control", "max-age=60"),
            ("Content-Language", "en"),
            ("Content-Location", "/b"),
            ("Content-Encoding", "gzip"),
            ("Content-Security-Policy", "x"),
            ("Set-Cookie", "a"),
            ("Set-Cookie", "b"),
        ];
        let all = all.map(|(name, value)| Field { name: name.to_owned(), value: value.to_owned() });
        let fields = path_fields(&Pattern::Exact("/a".to_owned()), &all);
        let (for_options, for_errors) = fields.text.split_at(fields.for_errors_at as usize);
        assert_eq!(for_options, "Cache-Control: max-age=60\r\n");
        assert_eq!(
            for_errors,
            "X-Content-Type-Options: nosniff\r\nX-A: a\r\nContent-Security-Policy: x\r\n\
             Set-Cookie: a\r\nSet-Cookie: b\r\n"
        );
        let none = path_fields(&Pattern::Below("/".to_owned()), &[]);
        let (text, for_errors_at) = (none.text.as_bytes(), none.for_errors_at);
        let default = PathFields::DEFAULT;
        assert_eq!((text, for_errors_at), (default.text, default.for_errors_at));
    }

    #[test]
    fn a_status_line_has_the_reason_of_its_code() {
        let rows = [
            (200, "HTTP/1.1 200 OK\r\n"),
            (301, "HTTP/1.1 301 Moved Permanently\r\n"),
            (302, "HTTP/1.1 302 Found\r\n"),
            (303, "HTTP/1.1 303 See Other\r\n"),
            (307, "HTTP/1.1 307 Temporary Redirect\r\n"),
            (308, "HTTP/1.1 308 Permanent Redirect\r\n"),
            (404, "HTTP/1.1 404 Not Found\r\n"),
        ];
        for (status, expected) in rows {
            assert_eq!(status_line(status), expected);
            let head = redirect(status, &Destination::Fixed("/a".to_owned()));
            let shared = head.shared;
            assert!(shared.status == status && shared.text.starts_with(expected), "{shared:?}");
        }
    }

    #[test]
    fn a_query_is_inserted_before_the_fragment_unless_the_target_has_one() {
        let rows = [
            ("/a/", None, "Location: /a/<query>\r\n"),
            ("/a#b", None, "Location: /a<query>#b\r\n"),
            ("/a#b?c", None, "Location: /a<query>#b?c\r\n"),
            ("/a?b#c", None, "Location: /a?b#c\r\n"),
            ("/a?", None, "Location: /a?\r\n"),
            ("https://a.example/", None, "Location: https://a.example/<query>\r\n"),
            ("/a/", Some(""), "Location: /a/<splat><query>\r\n"),
            ("/a/", Some(".html#b"), "Location: /a/<splat>.html<query>#b\r\n"),
            ("/a/", Some("?b"), "Location: /a/<splat>?b\r\n"),
        ];
        for (before, after, expected) in rows {
            let before = before.to_owned();
            let location = match after {
                None => Destination::Fixed(before),
                Some(after) => Destination::Splat(before, after.to_owned()),
            };
            let mut head = redirect(301, &location);
            for (at, inserted) in [(head.query_at, "<query>"), (head.splat_at, "<splat>")] {
                if let Some(at) = at {
                    head.location.insert_str(at as usize, inserted);
                }
            }
            assert_eq!(head.location, expected, "{location:?}");
        }
    }

    #[test]
    fn an_author_may_add_fields_and_override_some() {
        let field = |(name, value): (&str, &str)| {
            let (name, value) = (name.to_owned(), value.to_owned());
            Field { name, value }
        };
        let author_fields = [
            ("cache-control", "max-age=60"),
            ("content-type", "text/plain"),
            ("X-Frame-Options", "DENY"),
            ("Content-Language", "en"),
        ]
        .map(field);
        let head = resource(&HeadFields {
            status: 200,
            content_length: 1,
            content_type: "text/html",
            content_encoding: None,
            entity_tag: "\"x\"",
            last_modified: None,
            cache_control: "no-cache",
            varies: false,
            author_fields: &author_fields,
        });
        let [for_206, for_304] = positions(&head);
        let text = head.shared.text;
        assert_eq!(
            text[for_206..for_304],
            *"Content-Type: text/plain\r\nContent-Language: en\r\nAccept-Ranges: bytes\r\n"
        );
        assert_eq!(
            text[for_304..],
            *"Cache-Control: max-age=60\r\nX-Content-Type-Options: nosniff\r\n\
              X-Frame-Options: DENY\r\n"
        );
    }
}
