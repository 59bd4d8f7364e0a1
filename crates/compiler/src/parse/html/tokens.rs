//! HTML tokens: tags with their attributes and spans, from html5gum's tokenizer.

use std::{cell::Cell, convert::Infallible, mem, ops::Range};

use html5gum::{Emitter, Error, State, Tokenizer};

use super::validation::{Unvalidated, control_characters};
use crate::parse::Span;

/// Receives the tokens of a text in document order.
pub(crate) trait TokenSink {
    /// A start tag. Returns the tokenizer state for what follows, if that is not markup.
    fn start_tag(&mut self, tag: &StartTag<'_>) -> Option<State>;
    /// An end tag, with the offset of its `<`.
    fn end_tag(&mut self, name: &[u8], start: usize);
    /// A piece of text with character references resolved.
    fn text(&mut self, text: &[u8]);
    /// A doctype.
    fn doctype(&mut self);
    /// A parse error, with the offset after the byte that caused it.
    fn error(&mut self, error: Error, offset: usize);
    /// Whether the next element is SVG or `MathML`, where `<![CDATA[` starts a CDATA section.
    fn is_in_foreign_content(&self) -> bool;
}

/// A start tag.
#[derive(Debug)]
pub(crate) struct StartTag<'a> {
    /// The name in lower case.
    pub(crate) name: &'a [u8],
    /// The tag, including `<` and `>`.
    pub(crate) span: Span,
    /// Whether it ends with `/>`.
    pub(crate) is_self_closing: bool,
    buffer: &'a [u8],
    attributes: &'a [AttributeRanges],
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// The name in lower case.
    pub(crate) name: &'a [u8],
    /// The value with character references resolved.
    pub(crate) value: &'a [u8],
    /// The value in the source, or the name if there is no value.
    pub(crate) span: Span,
}

/// The name and value of an attribute as ranges of the tag's buffer.
#[derive(Debug)]
struct AttributeRanges {
    name: Range<usize>,
    value: Range<usize>,
    span: Span,
}

impl StartTag<'_> {
    /// The attributes in document order, including duplicates.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.attributes.iter().map(|ranges| Attribute {
            name: &self.buffer[ranges.name.clone()],
            value: &self.buffer[ranges.value.clone()],
            span: ranges.span.clone(),
        })
    }

    /// The first attribute with this name; HTML ignores duplicates.
    pub(crate) fn attribute(&self, name: &[u8]) -> Option<Attribute<'_>> {
        self.attributes().find(|attribute| attribute.name == name)
    }
}

/// Reads a text to its end.
pub(crate) fn read(text: &[u8], sink: &mut impl TokenSink) {
    for at in control_characters(text) {
        sink.error(Error::ControlCharacterInInputStream, at + 1);
    }
    let skips_validation = Cell::new(false);
    let reader = Unvalidated::new(text, &skips_validation);
    let emitter = TagEmitter::new(sink, &skips_validation);
    // Reading from memory cannot fail.
    let _ = Tokenizer::new_with_emitter(reader, emitter).finish();
}

/// Collects one tag at a time, in buffers that all tags share.
struct TagEmitter<'a, S> {
    sink: &'a mut S,
    /// See [`Unvalidated`].
    skips_validation: &'a Cell<bool>,
    position: usize,
    tag_start: usize,
    tag_name: Vec<u8>,
    is_end_tag: bool,
    is_self_closing: bool,
    /// The name of the last start tag: raw text ends only at the matching end tag.
    last_start_tag: Vec<u8>,
    /// The names and values of the attributes.
    buffer: Vec<u8>,
    attributes: Vec<AttributeRanges>,
}

impl<'a, S> TagEmitter<'a, S> {
    fn new(sink: &'a mut S, skips_validation: &'a Cell<bool>) -> Self {
        Self {
            sink,
            skips_validation,
            position: 0,
            tag_start: 0,
            tag_name: Vec::new(),
            is_end_tag: false,
            is_self_closing: false,
            last_start_tag: Vec::new(),
            buffer: Vec::new(),
            attributes: Vec::new(),
        }
    }

    fn begin_tag(&mut self, is_end_tag: bool) {
        self.tag_name.clear();
        self.buffer.clear();
        self.attributes.clear();
        self.is_end_tag = is_end_tag;
        self.is_self_closing = false;
    }
}

impl<S: TokenSink> Emitter for TagEmitter<'_, S> {
    type Token = Infallible;

    #[inline]
    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn start_open_tag(&mut self) {
        self.tag_start = self.position.saturating_sub(1);
    }

    fn init_start_tag(&mut self) {
        self.begin_tag(false);
    }

    fn init_end_tag(&mut self) {
        self.begin_tag(true);
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.tag_name.extend_from_slice(name);
    }

    fn set_self_closing(&mut self) {
        self.is_self_closing = true;
        if self.is_end_tag {
            self.sink.error(Error::EndTagWithTrailingSolidus, self.position);
        }
    }

    fn init_attribute(&mut self) {
        let at = self.buffer.len();
        let start = self.position.saturating_sub(1);
        let span = start..self.position;
        self.attributes.push(AttributeRanges { name: at..at, value: at..at, span });
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.buffer.extend_from_slice(name);
        if let Some(attribute) = self.attributes.last_mut() {
            attribute.name.end = self.buffer.len();
            attribute.value = self.buffer.len()..self.buffer.len();
            attribute.span.end = self.position;
        }
    }

    fn init_attribute_value(&mut self) {
        if let Some(attribute) = self.attributes.last_mut() {
            attribute.span = self.position..self.position;
        }
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        self.buffer.extend_from_slice(value);
        if let Some(attribute) = self.attributes.last_mut() {
            attribute.value.end = self.buffer.len();
            attribute.span.end = self.position;
        }
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        if self.is_end_tag {
            if !self.attributes.is_empty() {
                self.sink.error(Error::EndTagWithAttributes, self.position);
            }
            self.last_start_tag.clear();
            self.sink.end_tag(&self.tag_name, self.tag_start);
            return None;
        }
        mem::swap(&mut self.last_start_tag, &mut self.tag_name);
        self.sink.start_tag(&StartTag {
            name: &self.last_start_tag,
            span: self.tag_start..self.position,
            is_self_closing: self.is_self_closing,
            buffer: &self.buffer,
            attributes: &self.attributes,
        })
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end_tag && !self.tag_name.is_empty() && self.tag_name == self.last_start_tag
    }

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last_start_tag.clear();
        self.last_start_tag.extend_from_slice(name.unwrap_or_default());
    }

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        !self.skips_validation.take()
    }

    fn emit_error(&mut self, error: Error) {
        // An unclosed tag or comment is reported at its start, not at the end of the text.
        let offset = match error {
            Error::EofInTag | Error::EofInComment | Error::EofInDoctype => self.tag_start + 1,
            _ => self.position,
        };
        self.sink.error(error, offset);
    }

    fn emit_current_doctype(&mut self) {
        self.sink.doctype();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.sink.is_in_foreign_content()
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_eof(&mut self) {}
    fn emit_string(&mut self, text: &[u8]) {
        self.sink.text(text);
    }
    fn init_comment(&mut self) {}
    fn push_comment(&mut self, _: &[u8]) {}
    fn emit_current_comment(&mut self) {}
    fn init_doctype(&mut self) {}
    fn set_force_quirks(&mut self) {}
    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
}

#[cfg(test)]
mod tests {
    use html5gum::Readable;

    use super::*;

    #[derive(Default)]
    struct Errors(Vec<Error>);

    impl TokenSink for Errors {
        fn start_tag(&mut self, tag: &StartTag<'_>) -> Option<State> {
            (tag.name == b"script").then_some(State::ScriptData)
        }
        fn end_tag(&mut self, _: &[u8], _: usize) {}
        fn text(&mut self, _: &[u8]) {}
        fn doctype(&mut self) {}
        fn error(&mut self, error: Error, _: usize) {
            self.0.push(error);
        }
        fn is_in_foreign_content(&self) -> bool {
            false
        }
    }

    /// The names of the errors, sorted: validation may delay an error until the next character.
    fn sorted(errors: Errors) -> Vec<&'static str> {
        let mut names: Vec<&str> = errors.0.into_iter().map(|it| it.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// The errors as html5gum reports them by itself, with validation.
    fn validated(text: &[u8]) -> Vec<&'static str> {
        let mut errors = Errors::default();
        let never = Cell::new(false);
        let emitter = TagEmitter::new(&mut errors, &never);
        let _ = Tokenizer::new_with_emitter(text.to_reader(), emitter).finish();
        sorted(errors)
    }

    fn unvalidated(text: &[u8]) -> Vec<&'static str> {
        let mut errors = Errors::default();
        read(text, &mut errors);
        sorted(errors)
    }

    #[test]
    fn skipping_validation_loses_no_parse_error() {
        const PIECES: [&[u8]; 30] = [
            b"<p",
            b">",
            b"/>",
            b" a=b",
            b" a='",
            b" a=\"",
            b"\"",
            b"'",
            b"</p",
            b"</",
            b"<",
            b"!--",
            b"--!>",
            b"-->",
            b"<!doctype",
            b" html",
            b"<![CDATA[",
            b"]]>",
            b"&",
            b"&amp",
            b"&x;",
            b"&#0;",
            b"&#xd800;",
            b"&#x110000;",
            b"&#x80 ",
            b"\0",
            b"\r\n",
            b"\r",
            b"text \xc3\xa9",
            b"<script>'</script>",
        ];
        let mut kinds = std::collections::BTreeSet::new();
        for one in PIECES {
            for two in PIECES {
                for three in PIECES {
                    let text = [one, two, three].concat();
                    let errors = unvalidated(&text);
                    assert_eq!(errors, validated(&text), "{}", text.escape_ascii());
                    kinds.extend(errors);
                }
            }
        }
        assert!(kinds.len() >= 25, "{} kinds of errors: {kinds:?}", kinds.len());
    }

    #[test]
    fn the_tokenizer_validates_no_chunk() {
        // If html5gum validated the text, it would report each control character a second time.
        let text = b"\x01a\x02<p \x03b='\x04'>\x05</p>\x06<!-- \x07 --><script>\x08</script>\x0b";
        let expected = ["control-character-in-input-stream"; 9];
        let found: Vec<&str> =
            unvalidated(text).into_iter().filter(|name| expected.contains(name)).collect();
        assert_eq!(found, expected);
    }
}
