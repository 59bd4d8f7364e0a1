//! This file owns the elements whose content is no markup, and what is looked for in it instead
//! (HTML section 13.2.6). It reads none of it, but remembers a title.

use html5gum::State;

use super::{Span, markup::StartTag};

/// An element whose content is read otherwise until its end tag.
#[derive(Debug)]
pub(crate) struct Raw {
    /// The element.
    pub(crate) name: &'static str,
    /// What is looked for in it.
    pub(crate) content: Content,
    /// Its start tag.
    pub(crate) tag: Span,
    /// Whether everything that follows is taken in if the end tag is missing.
    pub(crate) swallows: bool,
    /// What it says, with character references resolved; kept of a title only.
    said: Vec<u8>,
}

/// What is looked for in such content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Styles,
    Script,
    ImportMap,
    Title,
    Nothing,
}

impl Raw {
    /// What a start tag begins of this kind, and how the tokenizer is to read on; `None` for
    /// markup. `noscript` is read as by a reader without scripts, who follows the links in it.
    pub(crate) fn of(tag: &StartTag<'_>, is_foreign: bool) -> Option<(Self, Option<State>)> {
        let (name, content, state) = match tag.name {
            b"style" => ("style", Content::Styles, State::RawText),
            // In SVG and MathML all content is markup.
            _ if is_foreign => return None,
            b"title" => ("title", Content::Title, State::RcData),
            b"textarea" => ("textarea", Content::Nothing, State::RcData),
            b"script" => ("script", script_content(tag), State::ScriptData),
            b"iframe" => ("iframe", Content::Nothing, State::RawText),
            b"xmp" => ("xmp", Content::Nothing, State::RawText),
            b"noembed" => ("noembed", Content::Nothing, State::RawText),
            b"noframes" => ("noframes", Content::Nothing, State::RawText),
            // It has no end tag by design, so that nothing is missing.
            b"plaintext" => ("plaintext", Content::Nothing, State::PlainText),
            _ => return None,
        };
        let swallows = !is_foreign && name != "plaintext";
        let raw = Self { name, content, tag: tag.span.clone(), swallows, said: Vec::new() };
        Some((raw, (!is_foreign).then_some(state)))
    }

    /// Takes note of a piece of what it says.
    pub(crate) fn hear(&mut self, text: &[u8]) {
        if self.content == Content::Title {
            self.said.extend_from_slice(text);
        }
    }

    /// What it said, with one space for any blanks.
    pub(crate) fn words(&self) -> String {
        let said = String::from_utf8_lossy(&self.said);
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn script_content(tag: &StartTag<'_>) -> Content {
    if tag.attribute(b"src").is_some() {
        return Content::Nothing;
    }
    let Some(kind) = tag.attribute(b"type") else { return Content::Script };
    let kind = kind.value.trim_ascii().to_ascii_lowercase();
    match kind.as_slice() {
        b"importmap" => Content::ImportMap,
        b"" | b"module" => Content::Script,
        kind if kind.ends_with(b"javascript") || kind.ends_with(b"ecmascript") => Content::Script,
        // JSON, templates, shaders: what no browser runs.
        _ => Content::Nothing,
    }
}
