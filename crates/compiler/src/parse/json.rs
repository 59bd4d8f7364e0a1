//! JSON with positions: where a syntax error is, and the spans of values.

use std::collections::HashMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::{
    encoding::wide_encoding,
    text::{BYTE_ORDER_MARK, Span, Text},
};
use crate::{diagnostic::Diagnostic, lints::Lint};

/// Parses a JSON text, or reports its first syntax error.
pub(crate) fn parse(text: &Text<'_>) -> Result<Value, Box<Diagnostic>> {
    deserialize(text)
}

/// Reports the first syntax error. No value is built: the values of a large text would take many
/// times its size.
pub(crate) fn check(text: &Text<'_>) -> Result<(), Box<Diagnostic>> {
    deserialize::<IgnoredAny>(text).map(|_| ())
}

fn deserialize<T: DeserializeOwned>(text: &Text<'_>) -> Result<T, Box<Diagnostic>> {
    // RFC 8259 section 8.1 allows parsers to ignore it, and browsers do.
    let marked = text.bytes.strip_prefix(BYTE_ORDER_MARK);
    let mark_length = marked.map_or(0, |_| BYTE_ORDER_MARK.len());
    check_encoding(text)?;
    serde_json::from_slice(marked.unwrap_or(text.bytes)).map_err(|error| {
        let sentence = error.to_string();
        let what = sentence.split(" at line ").next().unwrap_or(&sentence);
        let start = mark_length + offset_of(&error, &text.bytes[mark_length..]);
        // serde_json's text for the most common error depends on the type that it builds.
        let before = text.bytes.get(..start).unwrap_or_default().trim_ascii_end();
        let is_end = matches!(text.bytes.get(start), Some(b'}' | b']'));
        let what = if is_end && before.ends_with(b",") { "trailing comma" } else { what };
        let message = format!("invalid JSON: {what}");
        let help = "fix the JSON, or give the file another extension";
        Box::new(text.diagnostic(Lint::InvalidJson, start..start + 1, message, help))
    })
}

/// Reports a text that is not UTF-8 (RFC 8259 section 8.1). `serde_json` does not notice it in
/// strings that it skips.
fn check_encoding(text: &Text<'_>) -> Result<(), Box<Diagnostic>> {
    let wide = wide_encoding(text.bytes);
    let invalid = std::str::from_utf8(text.bytes).err().map(|it| it.valid_up_to());
    let (what, start) = match (wide, invalid) {
        (Some(name), _) => (name, 0),
        (None, Some(start)) => ("another encoding", start),
        (None, None) => return Ok(()),
    };
    let message = format!("invalid JSON: it is in {what} instead of UTF-8");
    let help = "save the file as UTF-8";
    Err(Box::new(text.diagnostic(Lint::InvalidJson, start..start + 1, message, help)))
}

/// `serde_json` counts columns in bytes, and reports column 0 of the next line if something is
/// missing before a line end.
fn offset_of(error: &serde_json::Error, text: &[u8]) -> usize {
    let line = error.line().max(1);
    let line_start: usize =
        text.split_inclusive(|&byte| byte == b'\n').take(line - 1).map(<[u8]>::len).sum();
    (line_start + error.column()).saturating_sub(1)
}

/// A reference token of a JSON Pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PointerToken {
    /// The member of an object.
    Member(String),
    /// The element of an array, counted from 0.
    Element(usize),
}

/// The spans of the values that the pointers refer to in `text`, which must be JSON. If there is no
/// such value, the span of the innermost container that exists. The text is read once for all
/// pointers.
pub(crate) fn locate(text: &[u8], pointers: &[Vec<PointerToken>]) -> Vec<Span> {
    let at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut locator =
        Locator { text, at, pointer: String::new(), open: Vec::new(), found: HashMap::new() };
    for pointer in pointers {
        for length in 0..=pointer.len() {
            locator.found.insert(pointer_text(&pointer[..length]), None);
        }
    }
    locator.scan();
    let found = locator.found;
    let span = |pointer: &Vec<PointerToken>| {
        let mut lengths = (0..=pointer.len()).rev();
        lengths.find_map(|length| found.get(&pointer_text(&pointer[..length]))?.clone())
    };
    pointers.iter().map(|pointer| span(pointer).unwrap_or(0..0)).collect()
}

/// RFC 6901 section 5.
fn pointer_text(tokens: &[PointerToken]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            PointerToken::Member(name) => push_token(&mut text, name),
            PointerToken::Element(index) => push_token(&mut text, &index.to_string()),
        }
    }
    text
}

fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

/// Scans a text that is known to be valid; anything unexpected ends the scan.
struct Locator<'a> {
    text: &'a [u8],
    at: usize,
    /// The pointer to the current value.
    pointer: String,
    /// The objects and arrays around it.
    open: Vec<Container>,
    /// The span of each pointer of interest.
    found: HashMap<String, Option<Span>>,
}

struct Container {
    start: usize,
    /// The length of the pointer to it.
    pointer_length: usize,
    /// The current element; `None` in an object.
    index: Option<usize>,
}

impl Locator<'_> {
    fn scan(&mut self) {
        let mut is_name = false;
        while let Some(&byte) = self.text.get(self.at) {
            let start = self.at;
            self.at += 1;
            match byte {
                b'{' | b'[' => {
                    let index = (byte == b'[').then_some(0);
                    let pointer_length = self.pointer.len();
                    self.open.push(Container { start, pointer_length, index });
                    is_name = index.is_none();
                    self.enter(index);
                }
                b'}' | b']' => {
                    let Some(closed) = self.open.pop() else { return };
                    self.pointer.truncate(closed.pointer_length);
                    self.record(closed.start..self.at);
                    is_name = false;
                }
                b',' => {
                    let Some(container) = self.open.last_mut() else { return };
                    container.index = container.index.map(|index| index + 1);
                    let index = container.index;
                    is_name = index.is_none();
                    self.enter(index);
                }
                b'"' => {
                    self.skip_string();
                    let literal = &self.text[start..self.at.min(self.text.len())];
                    if is_name {
                        let name: String = serde_json::from_slice(literal).unwrap_or_default();
                        push_token(&mut self.pointer, &name);
                        is_name = false;
                    } else {
                        self.record(start..self.at);
                    }
                }
                b':' | b' ' | b'\t' | b'\n' | b'\r' => {}
                _ => {
                    let rest = &self.text[self.at..];
                    let is_end = |byte: &u8| {
                        matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace()
                    };
                    self.at += rest.iter().position(is_end).unwrap_or(rest.len());
                    self.record(start..self.at);
                }
            }
        }
    }

    /// Moves the pointer to the next value of the innermost container: an element, or a member
    /// whose name follows.
    fn enter(&mut self, index: Option<usize>) {
        let Some(container) = self.open.last() else { return };
        self.pointer.truncate(container.pointer_length);
        if let Some(index) = index {
            push_token(&mut self.pointer, &index.to_string());
        }
    }

    fn record(&mut self, span: Span) {
        if let Some(found) = self.found.get_mut(&self.pointer) {
            *found = Some(span);
        }
    }

    fn skip_string(&mut self) {
        while let Some(byte) = self.text.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PointerToken::*, *};
    use crate::diagnostic::Position;

    #[test]
    fn a_syntax_error_is_reported_with_its_position() {
        let rows = [
            ("", 1, 1, "EOF while parsing a value"),
            ("{", 1, 1, "EOF while parsing an object"),
            ("{\n  \"é\": tru\n}", 2, 11, "expected ident"),
            ("{\"a\": 1,}", 1, 9, "trailing comma"),
            ("[1,\n]", 2, 1, "trailing comma"),
            ("[1] x", 1, 5, "trailing characters"),
            ("\u{feff}{\"a\": 1,}", 1, 9, "trailing comma"),
        ];
        for (text, line, column, what) in rows {
            let text = Text::new("site/x.json".to_owned(), text.as_bytes());
            let diagnostic = parse(&text).unwrap_err();
            assert_eq!(diagnostic.position, Position { line, column }, "{what}");
            assert_eq!(diagnostic.message, format!("invalid JSON: {what}"));
            assert_eq!(check(&text).unwrap_err(), diagnostic);
        }
    }

    #[test]
    fn json_in_another_encoding_is_reported() {
        let rows: &[(&[u8], usize, usize, &str)] = &[
            (b"{\"a\": \"caf\xe9\"}", 1, 11, "another encoding"),
            (b"{\n\"caf\xe9\": 1}", 2, 5, "another encoding"),
            (b"\xff\xfe{\0}\0", 1, 1, "UTF-16"),
            (b"\0{\0}", 1, 1, "UTF-16"),
            (b"[\0\0\0]\0\0\0", 1, 1, "UTF-32"),
        ];
        for (bytes, line, column, what) in rows {
            let text = Text::new("site/x.json".to_owned(), bytes);
            let diagnostic = check(&text).unwrap_err();
            let shown = bytes.escape_ascii();
            assert_eq!(diagnostic.position, Position { line: *line, column: *column }, "{shown}");
            let expected = format!("invalid JSON: it is in {what} instead of UTF-8");
            assert_eq!(diagnostic.message, expected, "{shown}");
            assert_eq!(parse(&text).unwrap_err(), diagnostic, "{shown}");
        }
        for text in ["{\"a\": \"é\"}", "\u{feff}[]", "\"\\u00e9\""] {
            assert_eq!(check(&Text::new("site/x.json".to_owned(), text.as_bytes())), Ok(()));
        }
    }

    #[test]
    fn a_value_is_located() {
        let text = br#" {"a": [1, {"b]": "x,}"}, 3], "\u0063": {"d": [[], 5]}, "e": null }"#;
        let member = |name: &str| Member(name.to_owned());
        let rows: &[(&[PointerToken], &str)] = &[
            (&[], std::str::from_utf8(text).unwrap().trim()),
            (&[member("a")], "[1, {\"b]\": \"x,}\"}, 3]"),
            (&[member("a"), Element(0)], "1"),
            (&[member("a"), Element(1), member("b]")], "\"x,}\""),
            (&[member("a"), Element(2)], "3"),
            (&[member("c"), member("d"), Element(1)], "5"),
            (&[member("e")], "null"),
            (&[member("a"), Element(1), member("none"), member("b]")], "{\"b]\": \"x,}\"}"),
            (&[member("a"), Element(9)], "[1, {\"b]\": \"x,}\"}, 3]"),
            (
                &[member("none")],
                "{\"a\": [1, {\"b]\": \"x,}\"}, 3], \"\\u0063\": {\"d\": [[], 5]}, \"e\": null }",
            ),
        ];
        for (pointer, expected) in rows {
            let found = &text[locate(text, &[pointer.to_vec()]).remove(0)];
            assert_eq!(
                found.escape_ascii().to_string(),
                expected.as_bytes().escape_ascii().to_string(),
                "{pointer:?}"
            );
        }
    }
}
