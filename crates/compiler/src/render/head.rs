//! This file owns the text of a precomputed head: the status line and every field but `Date` and
//! `Connection`, which only the moment of answering knows.
//!
//! One text serves three answers, since the fields stand in this order:
//!
//! ```text
//! HTTP/1.1 200 OK
//! Content-Length: ...
//! Content-Type, Content-Encoding, Accept-Ranges      <- fields_for_206_at: a 206 starts here
//! ETag, Last-Modified, Cache-Control, Vary, ...      <- fields_for_304_at: a 304 starts here
//! ```

use std::fmt::Write;

use crate::{model::Head, rules::headers::Field};

/// What a head says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) status: Status,
    pub(crate) content_length: u64,
    pub(crate) content_type: &'a str,
    pub(crate) content_encoding: Option<&'a str>,
    pub(crate) entity_tag: &'a str,
    pub(crate) last_modified: Option<&'a str>,
    pub(crate) cache_control: &'a str,
    pub(crate) varies: bool,
    /// The author's fields. Those with a name that is above here take the place of what is above.
    pub(crate) of_author: &'a [Field],
}

/// The statuses that content of a site is sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    NotFound,
}

impl Head {
    pub(crate) fn new(fields: &Fields<'_>) -> Self {
        let is_found = fields.status == Status::Ok;
        let mut lines = Lines { text: String::with_capacity(320), of_author: fields.of_author };
        lines.text.push_str(if is_found {
            "HTTP/1.1 200 OK\r\n"
        } else {
            "HTTP/1.1 404 Not Found\r\n"
        });
        lines.push("Content-Length", &fields.content_length.to_string());
        let fields_for_206_at = lines.text.len();
        lines.push("Content-Type", fields.content_type);
        if let Some(coding) = fields.content_encoding {
            lines.push("Content-Encoding", coding);
        }
        lines.push_authors(is_about_content);
        if is_found {
            lines.push("Accept-Ranges", "bytes");
        }
        let fields_for_304_at = lines.text.len();
        if is_found {
            lines.push("ETag", fields.entity_tag);
            if let Some(date) = fields.last_modified {
                lines.push("Last-Modified", date);
            }
        }
        lines.push("Cache-Control", fields.cache_control);
        if fields.varies {
            lines.push("Vary", "Accept-Encoding");
        }
        lines.push("X-Content-Type-Options", "nosniff");
        lines.push_authors(|field| !is_about_content(field));
        Self { text: lines.text, fields_for_206_at, fields_for_304_at }
    }
}

/// Fields of ours whose value an author may choose; all other fields of ours can't be set.
const CHOOSABLE: [&str; 3] = ["Content-Type", "Cache-Control", "X-Content-Type-Options"];

/// Whether a field tells of the content, so that a 304, which has none, needs no word of it.
fn is_about_content(field: &Field) -> bool {
    field.is("Content-Disposition") || field.is("Content-Language")
}

struct Lines<'a> {
    text: String,
    of_author: &'a [Field],
}

impl Lines<'_> {
    /// A field of ours, with the author's value if there is one.
    fn push(&mut self, name: &str, value: &str) {
        let author = self.of_author.iter().find(|field| field.is(name));
        let value = author.map_or(value, |field| field.value.as_str());
        // Writing into a String cannot fail.
        let _ = write!(self.text, "{name}: {value}\r\n");
    }

    /// The author's fields that are not ours.
    fn push_authors(&mut self, which: impl Fn(&Field) -> bool) {
        for field in self.of_author {
            if which(field) && !CHOOSABLE.iter().any(|name| field.is(name)) {
                let _ = write!(self.text, "{}: {}\r\n", field.name, field.value);
            }
        }
    }
}

/// The head of a redirect, which has no content. `no-cache`: 301 and 308 would be kept for good
/// otherwise (RFC 9110 section 15.4), also by those who came while the site was wrong.
pub(crate) fn redirect(status_line: &str, location: &str) -> String {
    let (before, after) = splat_redirect(status_line, location, "");
    before + &after
}

/// The two parts of such a head around the rest of a path that is known when it is asked for.
pub(crate) fn splat_redirect(status_line: &str, before: &str, after: &str) -> (String, String) {
    (
        format!("HTTP/1.1 {status_line}\r\nContent-Length: 0\r\nLocation: {before}"),
        format!("{after}\r\nCache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_cut_where_a_206_and_a_304_begin() {
        let head = Head::new(&Fields {
            status: Status::Ok,
            content_length: 253,
            content_type: "application/json",
            content_encoding: Some("gzip"),
            entity_tag: "\"x\"",
            last_modified: Some("Thu, 01 Jan 1970 00:00:00 GMT"),
            cache_control: "no-cache",
            varies: true,
            of_author: &[],
        });
        let (content, lasting) = head.text.split_at(head.fields_for_304_at);
        assert_eq!(
            content[..head.fields_for_206_at],
            *"HTTP/1.1 200 OK\r\nContent-Length: 253\r\n"
        );
        assert_eq!(
            content[head.fields_for_206_at..],
            *"Content-Type: application/json\r\nContent-Encoding: gzip\r\nAccept-Ranges: bytes\r\n"
        );
        assert!(lasting.starts_with("ETag: \"x\"\r\nLast-Modified: "));
        assert!(lasting.ends_with(
            "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\n\
             X-Content-Type-Options: nosniff\r\n"
        ));
    }

    #[test]
    fn what_is_not_found_has_no_validator_and_no_ranges() {
        let head = Head::new(&Fields {
            status: Status::NotFound,
            content_length: 1,
            content_type: "text/html",
            content_encoding: None,
            entity_tag: "\"x\"",
            last_modified: None,
            cache_control: "no-cache",
            varies: false,
            of_author: &[],
        });
        assert!(head.text.starts_with("HTTP/1.1 404 Not Found\r\n"));
        for absent in ["ETag", "Accept-Ranges", "Vary", "Last-Modified", "Content-Encoding"] {
            assert!(!head.text.contains(absent), "{absent}");
        }
    }

    #[test]
    fn an_author_may_add_fields_and_choose_the_value_of_some() {
        let field = |(name, value): (&str, &str)| {
            let (name, value) = (name.to_owned(), value.to_owned());
            Field { name, value }
        };
        let of_author = [
            ("cache-control", "max-age=60"),
            ("content-type", "text/plain"),
            ("X-Frame-Options", "DENY"),
            ("Content-Language", "en"),
        ]
        .map(field);
        let head = Head::new(&Fields {
            status: Status::Ok,
            content_length: 1,
            content_type: "text/html",
            content_encoding: None,
            entity_tag: "\"x\"",
            last_modified: None,
            cache_control: "no-cache",
            varies: false,
            of_author: &of_author,
        });
        assert_eq!(
            head.text[head.fields_for_206_at..head.fields_for_304_at],
            *"Content-Type: text/plain\r\nContent-Language: en\r\nAccept-Ranges: bytes\r\n"
        );
        assert_eq!(
            head.text[head.fields_for_304_at..],
            *"ETag: \"x\"\r\nCache-Control: max-age=60\r\nX-Content-Type-Options: nosniff\r\n\
              X-Frame-Options: DENY\r\n"
        );
    }
}
