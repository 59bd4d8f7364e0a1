//! Formats of a line of the access log. Text from a client is escaped to printable ASCII, so that
//! it cannot end the line, close a quote or control a terminal.

use std::{
    fmt::Write,
    time::{Duration, UNIX_EPOCH},
};

use crate::{http::ResponseRecord, limits::LOG_TEXT_MAX};

/// Format of a line of the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// The Common Log Format of NCSA httpd.
    Common,
    /// The Common Log Format with referrer and user agent, like Apache's `combined`.
    Combined,
    /// A JSON object.
    Json,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl LogFormat {
    /// Appends the line of a response. `head` is the head of its request.
    pub(super) fn write(self, record: &ResponseRecord, head: &[u8], to: &mut String) {
        let request = LoggedRequest::parse(head);
        // Writing into a String cannot fail.
        let _ = match self {
            Self::Common | Self::Combined => push_clf(record, &request, self == Self::Combined, to),
            Self::Json => push_json(record, &request, to),
        };
    }
}

/// The logged parts of a request.
#[derive(Debug, Default)]
struct LoggedRequest<'a> {
    method: &'a [u8],
    target: &'a [u8],
    version: &'a [u8],
    referer: Option<&'a [u8]>,
    user_agent: Option<&'a [u8]>,
}

impl<'a> LoggedRequest<'a> {
    /// Parses a head that may be malformed or incomplete; missing parts stay empty.
    fn parse(head: &'a [u8]) -> Self {
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let line = lines.by_ref().find(|line| !line.is_empty()).unwrap_or_default();
        let mut words = line.split(|byte| *byte == b' ');
        let mut request = Self {
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            version: words.next().unwrap_or_default(),
            ..Self::default()
        };
        for line in lines {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = line.split_at(colon);
            let part = match name {
                name if name.eq_ignore_ascii_case(b"referer") => &mut request.referer,
                name if name.eq_ignore_ascii_case(b"user-agent") => &mut request.user_agent,
                _ => continue,
            };
            *part = Some(value[1..].trim_ascii());
        }
        request
    }
}

/// Appends text from a client, quoted and escaped.
fn push_quoted(text: &[u8], escape: impl Fn(&mut String, u8), to: &mut String) {
    to.push('"');
    for byte in &text[..text.len().min(LOG_TEXT_MAX)] {
        match byte {
            b'"' | b'\\' => escape(to, *byte),
            b' '..=b'~' => to.push(char::from(*byte)),
            other => escape(to, *other),
        }
    }
    to.push('"');
}

/// Escapes a byte like Apache and nginx.
fn escape_hexadecimal(to: &mut String, byte: u8) {
    let _ = write!(to, "\\x{byte:02X}");
}

/// Escapes a byte as the character with its value, so that the bytes can be recovered.
fn escape_unicode(to: &mut String, byte: u8) {
    let _ = write!(to, "\\u{byte:04x}");
}

/// A time as `06 Nov 1994 08:49:37`, from which the dates of all formats are derived.
fn date(time_ms: u64) -> String {
    // An IMF-fixdate ends with the year 9999.
    let seconds = (time_ms / 1000).min(253_402_300_799);
    let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    text.get(5..25).unwrap_or_default().to_owned()
}

/// Appends a line in the Common Log Format or its combined variant.
fn push_clf(
    record: &ResponseRecord,
    request: &LoggedRequest<'_>,
    is_combined: bool,
    to: &mut String,
) -> std::fmt::Result {
    let date = date(record.delivery.time_ms);
    let (day, time) = date.split_at_checked(12).unwrap_or_default();
    let day = day.trim_end().replace(' ', "/");
    write!(to, "{} - - [{day}:{time} +0000] ", record.delivery.client)?;
    let line = [request.method, request.target, request.version].join(&b' ');
    push_quoted(line.trim_ascii(), escape_hexadecimal, to);
    write!(to, " {} {}", record.status, record.content_length)?;
    if is_combined {
        for text in [request.referer, request.user_agent] {
            to.push(' ');
            push_quoted(text.unwrap_or(b"-"), escape_hexadecimal, to);
        }
    }
    to.push('\n');
    Ok(())
}

/// Appends a line with a JSON object.
fn push_json(
    record: &ResponseRecord,
    request: &LoggedRequest<'_>,
    to: &mut String,
) -> std::fmt::Result {
    let date = date(record.delivery.time_ms);
    let part = |from: usize, end: usize| date.get(from..end).unwrap_or_default();
    let month = MONTHS.iter().position(|it| *it == part(3, 6)).unwrap_or(0) + 1;
    let (year, day, time) = (part(7, 11), part(0, 2), part(12, 20));
    let millisecond = record.delivery.time_ms % 1000;
    write!(to, "{{\"time\":\"{year}-{month:02}-{day}T{time}.{millisecond:03}Z\"")?;
    write!(to, ",\"client\":\"{}\",\"method\":", record.delivery.client)?;
    push_quoted(request.method, escape_unicode, to);
    to.push_str(",\"target\":");
    push_quoted(request.target, escape_unicode, to);
    let ResponseRecord { status, content_length, delivery, .. } = record;
    write!(to, ",\"status\":{status},\"bytes\":{content_length}")?;
    write!(to, ",\"duration_us\":{}", delivery.duration_us)?;
    for (name, text) in [("referer", request.referer), ("user_agent", request.user_agent)] {
        write!(to, ",\"{name}\":")?;
        match text {
            Some(text) => push_quoted(text, escape_unicode, to),
            None => to.push_str("null"),
        }
    }
    match record.close {
        Some(reason) => writeln!(to, ",\"close\":\"{}\"}}", reason.as_str()),
        None => writeln!(to, ",\"close\":null}}"),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::http::{CloseReason, Delivery};

    fn line(format: LogFormat, head: &[u8]) -> String {
        let client = Ipv4Addr::LOCALHOST.into();
        let delivery = Delivery { client, time_ms: 784_111_777_042, duration_us: 17 };
        let record = ResponseRecord {
            status: 200,
            content_length: 253,
            close: Some(CloseReason::ClientAsked),
            delivery,
            head: 0..head.len(),
        };
        let mut text = String::new();
        format.write(&record, head, &mut text);
        text
    }

    #[test]
    fn each_format_has_its_line() {
        let head =
            b"GET /book?x=1 HTTP/1.1\r\nHost: a\r\nReferer: http://b/\r\nUSER-AGENT: c d\r\n\r\n";
        let common =
            "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /book?x=1 HTTP/1.1\" 200 253";
        assert_eq!(line(LogFormat::Common, head), format!("{common}\n"));
        let combined = format!("{common} \"http://b/\" \"c d\"\n");
        assert_eq!(line(LogFormat::Combined, head), combined);
        let json = concat!(
            r#"{"time":"1994-11-06T08:49:37.042Z","client":"127.0.0.1","method":"GET","#,
            r#""target":"/book?x=1","status":200,"bytes":253,"duration_us":17,"#,
            r#""referer":"http://b/","user_agent":"c d","close":"client-asked"}"#,
            "\n",
        );
        assert_eq!(line(LogFormat::Json, head), json);
    }

    #[test]
    fn a_client_cannot_write_lines_quotes_or_commands() {
        let long = [b"GET /", &[b'a'; 5000][..], b" HTTP/1.1\r\n\r\n"].concat();
        let heads: [&[u8]; 7] = [
            b"GET /\x1b[2J\"\\ HTTP/1.1\r\nReferer: \x07\"\\\x9b\xff\x7f\r\n\r\n",
            b"",
            b"\r\n\r\n",
            b"\x00\x01\x02",
            b"GET",
            b"a\rb \r c\n",
            &long,
        ];
        for head in heads {
            for format in [LogFormat::Common, LogFormat::Combined, LogFormat::Json] {
                let text = line(format, head);
                let (line, rest) = text.split_at(text.len() - 1);
                assert_eq!(rest, "\n");
                assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
                assert!(line.len() < 2000, "{line}");
                if format == LogFormat::Json {
                    let parsed = serde_json::from_str::<serde_json::Value>(line);
                    assert!(parsed.is_ok_and(|it| it["status"] == 200), "{line}");
                }
            }
        }
    }
}
