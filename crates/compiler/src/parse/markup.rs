//! This file owns the way from the tokens of HTML to whole tags with their places. It doesn't know
//! what a tag means.

use std::{cell::Cell, convert::Infallible, ops::Range};

use html5gum::{Emitter, Error, Readable, Reader, State, StringReader, Tokenizer};

use super::Span;

/// What hears of the tags of a text, in their order.
pub(crate) trait Listener {
    /// A start tag; the answer is how to read on behind it, if not as markup.
    fn start_tag(&mut self, tag: &StartTag<'_>) -> Option<State>;
    /// An end tag, and the byte that its `<` is.
    fn end_tag(&mut self, name: &[u8], start: usize);
    /// Text, piece by piece, with character references resolved.
    fn text(&mut self, text: &[u8]);
    /// A doctype.
    fn doctype(&mut self);
    /// A fault in the markup, and the byte that shows it.
    fn error(&mut self, error: Error, offset: usize);
    /// Whether the next element is SVG or `MathML`, where `<![CDATA[` is no comment.
    fn is_in_foreign_content(&self) -> bool;
}

/// A start tag.
#[derive(Debug)]
pub(crate) struct StartTag<'a> {
    /// The name in lower case.
    pub(crate) name: &'a [u8],
    /// The bytes from its `<` to behind its `>`.
    pub(crate) span: Span,
    /// Whether it ends with `/>`.
    pub(crate) is_self_closing: bool,
    buffer: &'a [u8],
    attributes: &'a [Placed],
}

/// An attribute as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// The name in lower case.
    pub(crate) name: &'a [u8],
    /// The value with character references resolved.
    pub(crate) value: &'a [u8],
    /// Where the value is written, or the name where there is no value.
    pub(crate) span: Span,
}

/// An attribute whose name and value lie in the buffer of its tag.
#[derive(Debug)]
struct Placed {
    name: Range<usize>,
    value: Range<usize>,
    span: Span,
}

impl StartTag<'_> {
    /// The attributes in the order of the text, also those that are given twice.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.attributes.iter().map(|placed| Attribute {
            name: &self.buffer[placed.name.clone()],
            value: &self.buffer[placed.value.clone()],
            span: placed.span.clone(),
        })
    }

    /// The attribute with this name; of two the first counts.
    pub(crate) fn attribute(&self, name: &[u8]) -> Option<Attribute<'_>> {
        self.attributes().find(|attribute| attribute.name == name)
    }
}

/// Reads a text to its end.
pub(crate) fn read(text: &[u8], listener: &mut impl Listener) {
    hear_of_controls(text, listener);
    let is_fresh = Cell::new(false);
    let reader = Unvalidated { inner: text.to_reader(), is_fresh: &is_fresh };
    let emitter = Tags {
        listener,
        is_fresh: &is_fresh,
        position: 0,
        tag_start: 0,
        tag_name: Vec::new(),
        is_end_tag: false,
        is_self_closing: false,
        last_start_tag: Vec::new(),
        buffer: Vec::new(),
        attributes: Vec::new(),
    };
    // Reading from memory cannot fail.
    let _ = Tokenizer::new_with_emitter(reader, emitter).finish();
}

/// Control characters, which HTML section 13.2.3.5 names errors wherever they stand. NUL is what
/// the tokenizer complains of itself.
#[expect(clippy::needless_bitwise_bool, reason = "without short cuts many are done at once")]
fn hear_of_controls(text: &[u8], listener: &mut impl Listener) {
    let is_control = |byte: u8| {
        let is_blank = (byte == b'\t') | (byte == b'\n') | (byte == 0x0c) | (byte == b'\r');
        (byte == 0x7f) | ((byte < 0x20) & (byte != 0) & !is_blank)
    };
    let is_clean = |chunk: &[u8]| !chunk.iter().fold(false, |found, &it| found | is_control(it));
    for (chunk, start) in text.chunks(1024).zip((0..).step_by(1024)).filter(|it| !is_clean(it.0)) {
        for (at, _) in (start..).zip(chunk).filter(|(_, byte)| is_control(**byte)) {
            listener.error(Error::ControlCharacterInInputStream, at + 1);
        }
    }
}

/// A text whose characters the tokenizer does not look at one by one.
///
/// For each piece that it reads, the tokenizer asks the emitter once whether errors matter, and if
/// they do, it looks for control characters in the piece byte by byte: a quarter of all the time of
/// judging a site. [`hear_of_controls`] does that for the whole text in a hundredth of it. So the
/// first such question behind each piece is answered with no, and those about errors of the markup,
/// which follow, with yes.
struct Unvalidated<'a> {
    inner: StringReader<'a>,
    /// Whether a piece was read and the question about it was not asked yet.
    is_fresh: &'a Cell<bool>,
}

#[expect(clippy::inline_always, reason = "what is looked for is known to the caller only")]
impl Reader for Unvalidated<'_> {
    type Error = Infallible;

    #[inline(always)]
    fn read_byte(&mut self) -> Result<Option<u8>, Infallible> {
        let byte = self.inner.read_byte()?;
        self.is_fresh.set(byte.is_some());
        Ok(byte)
    }

    #[inline(always)]
    fn try_read_string(&mut self, text: &[u8], case_sensitive: bool) -> Result<bool, Infallible> {
        self.inner.try_read_string(text, case_sensitive)
    }

    #[inline(always)]
    fn read_until<'b>(
        &'b mut self,
        needle: &[u8],
        buffer: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, Infallible> {
        let piece = self.inner.read_until(needle, buffer)?;
        self.is_fresh.set(piece.is_some());
        Ok(piece)
    }
}

/// The tokenizer's ear: it gathers one tag at a time in buffers that are used again and again.
struct Tags<'a, L> {
    listener: &'a mut L,
    /// See [`Unvalidated`].
    is_fresh: &'a Cell<bool>,
    position: usize,
    tag_start: usize,
    tag_name: Vec<u8>,
    is_end_tag: bool,
    is_self_closing: bool,
    /// The name of the last start tag: a text like a script's ends with its end tag only.
    last_start_tag: Vec<u8>,
    /// The names and values of the attributes.
    buffer: Vec<u8>,
    attributes: Vec<Placed>,
}

impl<L> Tags<'_, L> {
    fn begin_tag(&mut self, is_end_tag: bool) {
        self.tag_name.clear();
        self.buffer.clear();
        self.attributes.clear();
        self.is_end_tag = is_end_tag;
        self.is_self_closing = false;
    }
}

impl<L: Listener> Emitter for Tags<'_, L> {
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
            self.listener.error(Error::EndTagWithTrailingSolidus, self.position);
        }
    }

    fn init_attribute(&mut self) {
        let at = self.buffer.len();
        let start = self.position.saturating_sub(1);
        let span = start..self.position;
        self.attributes.push(Placed { name: at..at, value: at..at, span });
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
                self.listener.error(Error::EndTagWithAttributes, self.position);
            }
            self.last_start_tag.clear();
            self.listener.end_tag(&self.tag_name, self.tag_start);
            return None;
        }
        self.last_start_tag.clone_from(&self.tag_name);
        self.listener.start_tag(&StartTag {
            name: &self.tag_name,
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
        !self.is_fresh.take()
    }

    fn emit_error(&mut self, error: Error) {
        // What is left open is to be mended where it begins, not where the text ends.
        let offset = match error {
            Error::EofInTag | Error::EofInComment | Error::EofInDoctype => self.tag_start + 1,
            _ => self.position,
        };
        self.listener.error(error, offset);
    }

    fn emit_current_doctype(&mut self) {
        self.listener.doctype();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.listener.is_in_foreign_content()
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_eof(&mut self) {}
    fn emit_string(&mut self, text: &[u8]) {
        self.listener.text(text);
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
