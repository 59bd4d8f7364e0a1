//! This file owns reading JSON with its positions: where it stops being JSON, and where in the
//! text a value lies that somebody points at. It knows no schema.

use std::collections::HashMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::{BYTE_ORDER_MARK, Span, Text};
use crate::{diagnostic::Diagnostic, lints::Lint};

/// Reads a JSON text, or says where it stops being one.
pub(crate) fn parse(text: &Text<'_>) -> Result<Value, Box<Diagnostic>> {
    read(text)
}

/// Says where a text stops being JSON. Nothing is kept of it: the values of a large one would take
/// many times its size.
pub(crate) fn judge(text: &Text<'_>) -> Result<(), Box<Diagnostic>> {
    read::<IgnoredAny>(text).map(|_| ())
}

fn read<T: DeserializeOwned>(text: &Text<'_>) -> Result<T, Box<Diagnostic>> {
    // RFC 8259 section 8.1 lets a reader pass over it, and browsers do.
    let marked = text.bytes.strip_prefix(BYTE_ORDER_MARK);
    let mark_length = marked.map_or(0, |_| BYTE_ORDER_MARK.len());
    serde_json::from_slice(marked.unwrap_or(text.bytes)).map_err(|error| {
        let sentence = error.to_string();
        let what = sentence.split(" at line ").next().unwrap_or(&sentence);
        let start = mark_length + offset_of(&error, &text.bytes[mark_length..]);
        // The slip that is most often made is named differently, depending on what is read into.
        let before = text.bytes.get(..start).unwrap_or_default().trim_ascii_end();
        let is_end = matches!(text.bytes.get(start), Some(b'}' | b']'));
        let what = if is_end && before.ends_with(b",") { "trailing comma" } else { what };
        let message = format!("this is not JSON: {what}");
        let help = "mend the JSON here, or give the file another extension";
        Box::new(text.diagnostic(Lint::InvalidJson, start..start + 1, message, help))
    })
}

/// `serde_json` counts bytes within the line, and names the line behind at 0 where what is missing
/// should have stood before a line end.
fn offset_of(error: &serde_json::Error, text: &[u8]) -> usize {
    let line = error.line().max(1);
    let line_start: usize =
        text.split_inclusive(|&byte| byte == b'\n').take(line - 1).map(<[u8]>::len).sum();
    (line_start + error.column()).saturating_sub(1)
}

/// One step from a JSON value to a value within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The member of an object.
    Member(String),
    /// The element of an array, counted from 0.
    Element(usize),
}

/// Where the values lie that these ways lead to in `text`, which must be JSON; of a way that leads
/// to nothing, the last value on it that is there. The text is read once, however many there are.
pub(crate) fn locate(text: &[u8], ways: &[Vec<Step>]) -> Vec<Span> {
    let at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut scan =
        Scan { text, at, pointer: String::new(), open: Vec::new(), found: HashMap::new() };
    for way in ways {
        for length in 0..=way.len() {
            scan.found.insert(pointer(&way[..length]), None);
        }
    }
    scan.read();
    let found = scan.found;
    let place = |way: &Vec<Step>| {
        let mut lengths = (0..=way.len()).rev();
        lengths.find_map(|length| found.get(&pointer(&way[..length]))?.clone())
    };
    ways.iter().map(|way| place(way).unwrap_or(0..0)).collect()
}

/// RFC 6901 section 5.
fn pointer(way: &[Step]) -> String {
    let mut pointer = String::new();
    for step in way {
        match step {
            Step::Member(name) => push_name(&mut pointer, name),
            Step::Element(index) => push_name(&mut pointer, &index.to_string()),
        }
    }
    pointer
}

fn push_name(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}

/// A cursor over a text that has been parsed before, so that whatever is not expected ends it.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    /// The way to the value that is read.
    pointer: String,
    /// The objects and arrays around it.
    open: Vec<Container>,
    /// The values that are looked for.
    found: HashMap<String, Option<Span>>,
}

struct Container {
    start: usize,
    /// How much of the pointer leads to it.
    pointer_length: usize,
    /// The element that is read; `None` in an object.
    index: Option<usize>,
}

impl Scan<'_> {
    fn read(&mut self) {
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
                    self.step(index);
                }
                b'}' | b']' => {
                    let Some(closed) = self.open.pop() else { return };
                    self.pointer.truncate(closed.pointer_length);
                    self.note(closed.start..self.at);
                    is_name = false;
                }
                b',' => {
                    let Some(container) = self.open.last_mut() else { return };
                    container.index = container.index.map(|index| index + 1);
                    let index = container.index;
                    is_name = index.is_none();
                    self.step(index);
                }
                b'"' => {
                    self.pass_string();
                    let written = &self.text[start..self.at.min(self.text.len())];
                    if is_name {
                        let name: String = serde_json::from_slice(written).unwrap_or_default();
                        push_name(&mut self.pointer, &name);
                        is_name = false;
                    } else {
                        self.note(start..self.at);
                    }
                }
                b':' | b' ' | b'\t' | b'\n' | b'\r' => {}
                _ => {
                    let rest = &self.text[self.at..];
                    let is_end = |byte: &u8| {
                        matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace()
                    };
                    self.at += rest.iter().position(is_end).unwrap_or(rest.len());
                    self.note(start..self.at);
                }
            }
        }
    }

    /// Leads to the next value of the innermost container: to an element, or to a member whose name
    /// is still to come.
    fn step(&mut self, index: Option<usize>) {
        let Some(container) = self.open.last() else { return };
        self.pointer.truncate(container.pointer_length);
        if let Some(index) = index {
            push_name(&mut self.pointer, &index.to_string());
        }
    }

    fn note(&mut self, span: Span) {
        if let Some(found) = self.found.get_mut(&self.pointer) {
            *found = Some(span);
        }
    }

    fn pass_string(&mut self) {
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
    use super::{Step::*, *};
    use crate::diagnostic::Position;

    #[test]
    fn what_is_not_json_is_named_with_its_place() {
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
            assert_eq!(diagnostic.message, format!("this is not JSON: {what}"));
            assert_eq!(judge(&text).unwrap_err(), diagnostic);
        }
    }

    #[test]
    fn a_value_is_found_where_it_is_written() {
        let text = br#" {"a": [1, {"b]": "x,}"}, 3], "\u0063": {"d": [[], 5]}, "e": null }"#;
        let member = |name: &str| Member(name.to_owned());
        let rows: &[(&[Step], &str)] = &[
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
        for (steps, expected) in rows {
            let found = &text[locate(text, &[steps.to_vec()]).remove(0)];
            assert_eq!(
                found.escape_ascii().to_string(),
                expected.as_bytes().escape_ascii().to_string(),
                "{steps:?}"
            );
        }
    }
}
