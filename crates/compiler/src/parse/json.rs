//! JSON with positions: where a syntax error is, and the spans of values.

use std::{borrow::Cow, collections::HashMap};

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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum PointerToken<'p> {
    /// The member of an object.
    Member(Cow<'p, str>),
    /// The element of an array, counted from 0.
    Element(usize),
}

/// Maximum estimate of the memory for the value of a JSON text.
const MEMORY_MAX: usize = 100_000_000;

/// Whether the value of a JSON text takes a bounded amount of memory. An object of eight bytes
/// takes nearly a hundred times as much.
pub(crate) fn is_within_limit(text: &[u8]) -> bool {
    /// A value in an array, which may have capacity for twice as many.
    const VALUE: usize = 64;
    /// The tree of an object with up to 11 members, with its name and value.
    const OBJECT: usize = 640;
    /// A member in one of further nodes of the tree, with the allocation of its name.
    const MEMBER: usize = 128;
    let mut memory = text.len();
    let mut at = 0;
    let mut is_in_object = Vec::new();
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(text, at),
            b'{' | b'[' => {
                is_in_object.push(*byte == b'{');
                memory += if *byte == b'{' { OBJECT } else { VALUE };
            }
            b'}' | b']' => {
                is_in_object.pop();
            }
            b',' => memory += if is_in_object.last() == Some(&true) { MEMBER } else { VALUE },
            _ => {}
        }
    }
    memory <= MEMORY_MAX
}

/// The offset after the string that begins before `at`.
fn end_of_string(text: &[u8], mut at: usize) -> usize {
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if text[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// The spans of the values that the pointers refer to in `text`, which must be JSON. If there is no
/// such value, the span of the innermost container that exists. The text is read once for all
/// pointers.
pub(crate) fn locate(text: &[u8], pointers: &[Vec<PointerToken<'_>>]) -> Vec<Span> {
    let mut nodes = PointerTree::default();
    let ends: Vec<usize> = pointers.iter().map(|pointer| nodes.add(pointer)).collect();
    let at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut locator = Locator { text, at, node: Some(ROOT), open: Vec::new(), nodes };
    locator.scan();
    ends.into_iter().map(|end| locator.nodes.span(end)).collect()
}

/// The pointers of interest as a tree, in which equal beginnings are stored once.
#[derive(Default)]
struct PointerTree<'p> {
    children: HashMap<(usize, PointerToken<'p>), usize>,
    /// The parents and spans of the nodes after the root.
    nodes: Vec<(usize, Option<Span>)>,
    root_span: Option<Span>,
}

/// The node of the empty pointer.
const ROOT: usize = 0;

impl<'p> PointerTree<'p> {
    /// Adds a pointer. Returns its node.
    fn add(&mut self, pointer: &'p [PointerToken<'_>]) -> usize {
        let mut node = ROOT;
        for token in pointer {
            let token = match token {
                PointerToken::Member(name) => PointerToken::Member(Cow::Borrowed(&**name)),
                PointerToken::Element(index) => PointerToken::Element(*index),
            };
            let (parent, next) = (node, self.nodes.len() + 1);
            node = *self.children.entry((parent, token)).or_insert(next);
            if node == next {
                self.nodes.push((parent, None));
            }
        }
        node
    }

    fn record(&mut self, node: usize, span: Span) {
        match node.checked_sub(1) {
            None => self.root_span = Some(span),
            Some(index) => self.nodes[index].1 = Some(span),
        }
    }

    /// The span of a node, or of its innermost ancestor that exists.
    fn span(&self, mut node: usize) -> Span {
        while let Some(index) = node.checked_sub(1) {
            let (parent, span) = &self.nodes[index];
            if let Some(span) = span {
                return span.clone();
            }
            node = *parent;
        }
        self.root_span.clone().unwrap_or(0..0)
    }
}

/// Scans a text that is known to be valid; anything unexpected ends the scan.
struct Locator<'a, 'p> {
    text: &'a [u8],
    at: usize,
    /// The node of the current value, if it is of interest.
    node: Option<usize>,
    /// The objects and arrays around it.
    open: Vec<Container>,
    nodes: PointerTree<'p>,
}

struct Container {
    start: usize,
    node: Option<usize>,
    /// The current element; `None` in an object.
    index: Option<usize>,
}

impl<'p> Locator<'_, 'p> {
    fn scan(&mut self) {
        let mut is_name = false;
        while let Some(&byte) = self.text.get(self.at) {
            let start = self.at;
            self.at += 1;
            match byte {
                b'{' | b'[' => {
                    let index = (byte == b'[').then_some(0);
                    self.open.push(Container { start, node: self.node, index });
                    is_name = index.is_none();
                    self.enter(index.map(PointerToken::Element));
                }
                b'}' | b']' => {
                    let Some(closed) = self.open.pop() else { return };
                    self.node = closed.node;
                    self.record(closed.start..self.at);
                    is_name = false;
                }
                b',' => {
                    let Some(container) = self.open.last_mut() else { return };
                    container.index = container.index.map(|index| index + 1);
                    let index = container.index;
                    is_name = index.is_none();
                    self.enter(index.map(PointerToken::Element));
                }
                b'"' => {
                    self.at = end_of_string(self.text, self.at);
                    if is_name {
                        let literal = &self.text[start..self.at];
                        let is_inside = self.open.last().is_some_and(|it| it.node.is_some());
                        let name = is_inside.then(|| serde_json::from_slice(literal).ok());
                        self.enter(
                            name.flatten().map(|name: String| PointerToken::Member(name.into())),
                        );
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

    /// Moves to a value of the innermost container; `None` if it is not of interest.
    fn enter(&mut self, token: Option<PointerToken<'p>>) {
        let container = self.open.last().and_then(|container| container.node);
        self.node = container.zip(token).and_then(|key| self.nodes.children.get(&key).copied());
    }

    fn record(&mut self, span: Span) {
        if let Some(node) = self.node {
            self.nodes.record(node, span);
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
    fn the_memory_of_a_value_is_limited() {
        let rows = [
            (String::new(), true),
            ("[1,".repeat(700_000), true),
            ("[1,".repeat(1_000_000), false),
            (r#"{"":0},"#.repeat(100_000), true),
            (r#"{"":0},"#.repeat(200_000), false),
            (format!("\"{}\"", "[{,".repeat(10_000_000)), true),
            (format!("\"\\\"{}\"", "{,".repeat(10_000_000)), true),
            (format!("\"{}", "{,".repeat(10_000_000)), true),
        ];
        for (text, expected) in rows {
            assert_eq!(is_within_limit(text.as_bytes()), expected, "{}", text.len());
        }
    }

    #[test]
    fn a_value_is_located() {
        let text = br#" {"a": [1, {"b]": "x,}"}, 3], "\u0063": {"d": [[], 5]}, "e": null }"#;
        let member = |name: &'static str| Member(name.into());
        let rows: &[(&[PointerToken<'_>], &str)] = &[
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
