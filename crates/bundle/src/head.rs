//! This file owns the text of a precomputed head: the status line and every field but `Date` and
//! `Connection`, which only the moment of answering knows.
//!
//! One text serves three answers, since the fields stand in this order:
//!
//! ```text
//! HTTP/1.1 200 OK
//! Content-Length: ...
//! Content-Type, Content-Encoding, Accept-Ranges      <- content_fields_at: a 206 starts here
//! ETag, Last-Modified, Cache-Control, Vary, ...      <- lasting_fields_at: a 304 starts here
//! ```

use std::fmt::Write;

/// A head without its `Date` and without the empty line that ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The lines, each with its CR LF.
    pub text: String,
    /// Where the fields begin that a 206 repeats.
    pub content_fields_at: usize,
    /// Where the fields begin that a 304 repeats (RFC 9110 section 15.4.5).
    pub lasting_fields_at: usize,
}

/// What a head says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) status: Status,
    pub(crate) content_length: usize,
    pub(crate) content_type: &'a str,
    pub(crate) content_encoding: Option<&'a str>,
    pub(crate) entity_tag: &'a str,
    pub(crate) last_modified: Option<&'a str>,
    pub(crate) cache_control: &'a str,
    pub(crate) varies: bool,
}

/// The statuses that content of a site is sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    NotFound,
}

impl Head {
    pub(crate) fn new(fields: &Fields<'_>) -> Self {
        let mut text = String::with_capacity(320);
        text.push_str(match fields.status {
            Status::Ok => "HTTP/1.1 200 OK\r\n",
            Status::NotFound => "HTTP/1.1 404 Not Found\r\n",
        });
        let mut push = |name: &str, value: &str| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{name}: {value}\r\n");
            text.len()
        };
        let content_fields_at = push("Content-Length", &fields.content_length.to_string());
        let mut lasting_fields_at = push("Content-Type", fields.content_type);
        if let Some(coding) = fields.content_encoding {
            lasting_fields_at = push("Content-Encoding", coding);
        }
        if fields.status == Status::Ok {
            lasting_fields_at = push("Accept-Ranges", "bytes");
            push("ETag", fields.entity_tag);
            if let Some(date) = fields.last_modified {
                push("Last-Modified", date);
            }
        }
        push("Cache-Control", fields.cache_control);
        if fields.varies {
            push("Vary", "Accept-Encoding");
        }
        push("X-Content-Type-Options", "nosniff");
        Self { text, content_fields_at, lasting_fields_at }
    }
}

/// The head of a permanent redirect, which has no content (RFC 9110 section 15.4.9).
pub(crate) fn permanent_redirect(location: &str) -> String {
    format!(
        "HTTP/1.1 308 Permanent Redirect\r\nContent-Length: 0\r\nLocation: {location}\r\n\
         Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n"
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
        });
        let (content, lasting) = head.text.split_at(head.lasting_fields_at);
        assert_eq!(
            content[..head.content_fields_at],
            *"HTTP/1.1 200 OK\r\nContent-Length: 253\r\n"
        );
        assert_eq!(
            content[head.content_fields_at..],
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
        });
        assert!(head.text.starts_with("HTTP/1.1 404 Not Found\r\n"));
        for absent in ["ETag", "Accept-Ranges", "Vary", "Last-Modified", "Content-Encoding"] {
            assert!(!head.text.contains(absent), "{absent}");
        }
    }
}
