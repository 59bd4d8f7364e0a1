//! Elements whose content is text instead of markup (HTML section 13.2.6): scripts, styles, titles.

use html5gum::State;

use super::tokens::StartTag;
use crate::parse::{Span, css, manifest, readable, reference::Reference};

/// An element whose content is text up to its end tag.
#[derive(Debug)]
pub(crate) struct RawTextElement {
    /// The name of the element.
    pub(crate) name: &'static str,
    /// The language of the text.
    pub(crate) content: RawText,
    /// Its start tag.
    pub(crate) tag: Span,
    /// Whether it contains the rest of the page if its end tag is missing.
    pub(crate) requires_end_tag: bool,
    /// The text of a title, with character references resolved.
    text: Vec<u8>,
}

/// The language of the text in such an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RawText {
    /// CSS.
    StyleSheet,
    /// JavaScript.
    Script,
    /// An import map.
    ImportMap,
    /// The title of the page.
    Title,
    /// Text without references.
    Other,
}

impl RawTextElement {
    /// The element that a start tag opens, with the tokenizer state for its content; `None` if the
    /// content is markup. `noscript` is markup: its links work without scripts.
    pub(crate) fn of(tag: &StartTag<'_>, is_foreign: bool) -> Option<(Self, Option<State>)> {
        let (name, content, state) = match tag.name {
            b"style" => ("style", RawText::StyleSheet, State::RawText),
            // In SVG and MathML, all content is markup.
            _ if is_foreign => return None,
            b"title" => ("title", RawText::Title, State::RcData),
            b"textarea" => ("textarea", RawText::Other, State::RcData),
            b"script" => ("script", script_content(tag), State::ScriptData),
            b"iframe" => ("iframe", RawText::Other, State::RawText),
            b"xmp" => ("xmp", RawText::Other, State::RawText),
            b"noembed" => ("noembed", RawText::Other, State::RawText),
            b"noframes" => ("noframes", RawText::Other, State::RawText),
            // It has no end tag, so none is missing.
            b"plaintext" => ("plaintext", RawText::Other, State::PlainText),
            _ => return None,
        };
        let requires_end_tag = !is_foreign && name != "plaintext";
        let (tag, text) = (tag.span.clone(), Vec::new());
        let element = Self { name, content, tag, requires_end_tag, text };
        Some((element, (!is_foreign).then_some(state)))
    }

    /// Adds a piece of text, which is kept only for a title.
    pub(crate) fn push_text(&mut self, text: &[u8]) {
        if self.content == RawText::Title {
            self.text.extend_from_slice(text);
        }
    }

    /// The URLs in its text, unless that is a script.
    pub(crate) fn references(&self, text: &[u8]) -> Vec<Reference> {
        match self.content {
            RawText::StyleSheet => css::references(&readable(text)),
            RawText::ImportMap => manifest::import_map(text),
            RawText::Script | RawText::Title | RawText::Other => Vec::new(),
        }
    }

    /// The text of a title with white space collapsed.
    pub(crate) fn title(&self) -> String {
        let text = String::from_utf8_lossy(&self.text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn script_content(tag: &StartTag<'_>) -> RawText {
    if tag.attribute(b"src").is_some() { RawText::Other } else { script_language(tag) }
}

/// The language of a `script` element (HTML section 4.12.1).
pub(crate) fn script_language(tag: &StartTag<'_>) -> RawText {
    let Some(kind) = tag.attribute(b"type") else { return RawText::Script };
    let kind = kind.value.trim_ascii().to_ascii_lowercase();
    match kind.as_slice() {
        b"importmap" => RawText::ImportMap,
        b"" | b"module" => RawText::Script,
        kind if kind.ends_with(b"javascript") || kind.ends_with(b"ecmascript") => RawText::Script,
        // JSON, templates, shaders: data blocks that browsers do not run.
        _ => RawText::Other,
    }
}
