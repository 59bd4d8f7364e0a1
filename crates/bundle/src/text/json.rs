//! This file owns reading JSON with its positions: where it stops being JSON, and where in the
//! text a value lies that somebody points at. It knows no schema.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::{Span, Text};
use crate::{code::Code, diagnostic::Diagnostic};

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
    serde_json::from_slice(text.bytes).map_err(|error| {
        let sentence = error.to_string();
        let what = sentence.split(" at line ").next().unwrap_or(&sentence);
        let start = offset_of(&error, text.bytes);
        // The slip that is most often made is named differently, depending on what is read into.
        let before = text.bytes.get(..start).unwrap_or_default().trim_ascii_end();
        let is_end = matches!(text.bytes.get(start), Some(b'}' | b']'));
        let what = if is_end && before.ends_with(b",") { "trailing comma" } else { what };
        let message = format!("this is not JSON: {what}");
        let help = "mend the JSON here, or give the file another extension";
        Box::new(text.diagnostic(Code::InvalidJson, start..start + 1, message, help))
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

/// Where the value lies that `steps` lead to in `text`, which must be JSON; or the last value on
/// the way that is there.
pub(crate) fn locate(text: &[u8], steps: &[Step]) -> Span {
    let mut scan = Scan { text, at: 0 };
    scan.skip_blanks();
    let mut found = scan.at;
    for step in steps {
        let is_there = match step {
            Step::Member(name) => scan.enter_member(name),
            Step::Element(index) => scan.enter_element(*index),
        };
        if !is_there {
            break;
        }
        found = scan.at;
    }
    scan.at = found;
    scan.skip_value();
    let value = text.get(found..scan.at).unwrap_or_default().trim_ascii_end();
    found..found + value.len()
}

/// A cursor over a text that has been parsed before, so that whatever is not expected ends it.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Passes `byte` with the blanks around it.
    fn pass(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let is_there = self.peek() == Some(byte);
        if is_there {
            self.at += 1;
            self.skip_blanks();
        }
        is_there
    }

    /// Passes a string and returns it as it is written, quotes included.
    fn string(&mut self) -> &[u8] {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        &self.text[start..self.at.min(self.text.len())]
    }

    fn enter_member(&mut self, name: &str) -> bool {
        if !self.pass(b'{') {
            return false;
        }
        while self.peek() == Some(b'"') {
            let written = self.string();
            let is_it = serde_json::from_slice::<String>(written).is_ok_and(|it| it == name);
            self.pass(b':');
            if is_it {
                return true;
            }
            self.skip_value();
            self.pass(b',');
        }
        false
    }

    fn enter_element(&mut self, index: usize) -> bool {
        if !self.pass(b'[') {
            return false;
        }
        for _ in 0..index {
            self.skip_value();
            if !self.pass(b',') {
                return false;
            }
        }
        true
    }

    /// Passes a value by counting brackets, which needs no recursion however deep it is.
    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' if depth == 0 => return,
                _ => self.at += 1,
            }
            if depth == 0 && matches!(self.peek(), Some(b',' | b'}' | b']')) {
                return;
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
            (&[member("a"), Element(9)], "[1, {\"b]\": \"x,}\"}, 3]"),
            (
                &[member("none")],
                "{\"a\": [1, {\"b]\": \"x,}\"}, 3], \"\\u0063\": {\"d\": [[], 5]}, \"e\": null }",
            ),
        ];
        for (steps, expected) in rows {
            let found = &text[locate(text, steps)];
            assert_eq!(
                found.escape_ascii().to_string(),
                expected.as_bytes().escape_ascii().to_string(),
                "{steps:?}"
            );
        }
    }
}
