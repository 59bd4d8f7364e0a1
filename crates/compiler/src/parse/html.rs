//! This file owns reading a page, in HTML or in XML's forms of it: what it refers to, which
//! fragments it offers, and where its markup says something else than was written. It doesn't know
//! which routes there are.

use std::collections::HashMap;

use html5gum::{Error, State};

use super::{
    Span, css,
    fault::{Completeness, Fault, Faults},
    js, manifest,
    markup::{self, Attribute, Listener, StartTag},
    namespace::Namespaces,
    raw::{Content, Raw},
    readable,
    reference::{Purpose, Reference, is_srcset, link_purpose, purpose, srcset},
};
use crate::lints::Lint;

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// HTML as browsers read it.
    Html,
    /// SVG or XHTML: references are written as in HTML, but faults are XML's, which aren't judged.
    Xml,
}

/// The names that fragments may mean, each with the byte of the id; `None` for an anchor's `name`.
pub(crate) type Fragments = HashMap<Box<str>, Option<usize>>;

/// What a page says about itself.
#[derive(Debug, Default, Clone)]
pub(crate) struct Page {
    /// Every URL, in the order of the text.
    pub(crate) references: Vec<Reference>,
    /// The `id`s and anchors' `name`s.
    pub(crate) fragments: Fragments,
    /// The URL that relative references start from, if the page sets one.
    pub(crate) base: Option<String>,
    /// Its title, if that says anything.
    pub(crate) title: Option<String>,
    /// Where the markup is broken.
    pub(crate) faults: Vec<Fault>,
}

/// Reads a page. Bytes that are not UTF-8 are read as what a browser shows for them.
pub(crate) fn read(text: &[u8], dialect: Dialect) -> Page {
    let mut reading = Reading::new(text, dialect);
    markup::read(text, &mut reading);
    reading.finish()
}

/// Of a tag with more attributes than this, twins of the first are looked for only.
const ATTRIBUTES_COMPARED_MAX: usize = 64;

#[derive(Debug)]
struct Reading<'t> {
    text: &'t [u8],
    dialect: Dialect,
    page: Page,
    raw: Option<Raw>,
    namespaces: Namespaces,
    /// Whether the element that is being read is SVG or `MathML`.
    is_foreign: bool,
    /// How many `template` elements are open: what they hold is not in the page until a script puts
    /// it there, and often no URL before it does.
    template_depth: usize,
    completeness: Completeness,
    faults: Faults,
    /// Whether this is a page within an attribute of a page.
    is_nested: bool,
}

impl Listener for Reading<'_> {
    fn start_tag(&mut self, tag: &StartTag<'_>) -> Option<State> {
        self.completeness.has_tags = true;
        let is_open = !tag.is_self_closing || self.dialect == Dialect::Html;
        self.is_foreign = self.namespaces.start(tag.name, tag.is_self_closing);
        match tag.name {
            // With a shadow root, it is no template but a part of the page.
            b"template" if is_open && tag.attribute(b"shadowrootmode").is_none() => {
                self.template_depth += 1;
            }
            b"meta" => self.meta(tag),
            b"html" => {
                let has = |name: &[u8]| tag.attribute(name).is_some_and(|it| !it.value.is_empty());
                if has(b"lang") || has(b"xml:lang") {
                    self.completeness.saw(Lint::MissingLang);
                }
            }
            _ => {}
        }
        self.attributes(tag);
        if !is_open {
            return None;
        }
        let (raw, state) = Raw::of(tag, self.is_foreign)?;
        self.raw = Some(raw);
        state
    }

    fn end_tag(&mut self, name: &[u8], start: usize) {
        self.namespaces.end(name);
        if name == b"template" {
            self.template_depth = self.template_depth.saturating_sub(1);
        }
        if let Some(raw) = self.raw.take_if(|raw| raw.name.as_bytes() == name) {
            self.content(&raw, raw.tag.end.min(start)..start);
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.raw.iter_mut().for_each(|raw| raw.hear(text));
    }

    fn doctype(&mut self) {
        self.completeness.saw(Lint::MissingDoctype);
    }

    fn error(&mut self, error: Error, offset: usize) {
        let unfinished = match error {
            Error::EofInTag | Error::EofBeforeTagName => Some("a tag"),
            Error::EofInComment => Some("a comment"),
            Error::EofInDoctype => Some("the doctype"),
            Error::EofInCdata => Some("a CDATA section"),
            Error::EofInScriptHtmlCommentLikeText => Some("a script"),
            // XML's way of writing an empty element, on which only noise would come of it.
            Error::UnexpectedSolidusInTag => return,
            _ => None,
        };
        let span = character(self.text, offset.saturating_sub(1));
        match unfinished {
            Some(what) => self.faults.swallowed(span, format!("the page ends inside {what}")),
            None => self.faults.mended(span, format!("the markup is broken here ({error})")),
        }
    }

    fn is_in_foreign_content(&self) -> bool {
        self.namespaces.is_foreign() || self.dialect == Dialect::Xml
    }
}

impl<'t> Reading<'t> {
    fn new(text: &'t [u8], dialect: Dialect) -> Self {
        let mut completeness = Completeness::default();
        if text.starts_with(b"\xef\xbb\xbf") {
            completeness.saw(Lint::MissingCharset);
        }
        Self {
            text,
            dialect,
            page: Page::default(),
            raw: None,
            namespaces: Namespaces::new(dialect == Dialect::Xml),
            is_foreign: false,
            template_depth: 0,
            completeness,
            faults: Faults::default(),
            is_nested: false,
        }
    }

    fn finish(mut self) -> Page {
        if self.dialect == Dialect::Xml {
            return self.page;
        }
        if let Some(raw) = self.raw.take().filter(|raw| raw.swallows) {
            let name = raw.name;
            let message =
                format!("`<{name}>` is never closed, so it swallows the rest of the page");
            self.faults.swallowed(raw.tag, message);
        }
        Page { faults: self.faults.finish(&self.completeness), ..self.page }
    }

    /// What stands between the tags of such an element.
    fn content(&mut self, raw: &Raw, span: Span) {
        let bytes = &self.text[span.clone()];
        let found = match raw.content {
            Content::Styles => css::references(&readable(bytes)),
            Content::Script => js::references(&readable(bytes)),
            Content::ImportMap => manifest::import_map(bytes),
            Content::Title => {
                let title = raw.words();
                if !title.is_empty() {
                    self.completeness.saw(Lint::MissingTitle);
                    self.page.title.get_or_insert(title);
                }
                return;
            }
            Content::Nothing => return,
        };
        for reference in found {
            let Span { start, end } = reference.span;
            let span = span.start + start..span.start + end;
            self.refer(Reference { span, ..reference });
        }
    }

    fn refer(&mut self, reference: Reference) {
        if self.template_depth == 0 {
            self.page.references.push(reference);
        }
    }

    fn attributes(&mut self, tag: &StartTag<'_>) {
        for (at, attribute) in tag.attributes().enumerate() {
            let compared = tag.attributes().take(at.min(ATTRIBUTES_COMPARED_MAX));
            if compared.into_iter().any(|earlier| earlier.name == attribute.name) {
                let name = lossy(attribute.name);
                let message = format!("the attribute `{name}` is given twice; the first counts");
                self.faults.mended(attribute.span, message);
            } else {
                self.attribute(tag, &attribute);
            }
        }
    }

    fn attribute(&mut self, tag: &StartTag<'_>, attribute: &Attribute<'_>) {
        match attribute.name {
            // Most attributes are this one.
            b"class" => {}
            // An empty id is none: nothing can lead to it.
            b"id" if !attribute.value.is_empty() => self.id(attribute),
            b"name" if tag.name == b"a" => {
                self.page.fragments.entry(boxed(attribute.value)).or_default();
            }
            b"style" => self.style(attribute),
            name if self.is_foreign && is_painting(name) => self.style(attribute),
            b"srcdoc" if tag.name == b"iframe" => self.srcdoc(attribute),
            b"href" if tag.name == b"base" => {
                if self.template_depth > 0 {
                    return;
                }
                self.page.base.get_or_insert_with(|| lossy(attribute.value));
            }
            b"href" if tag.name == b"link" => {
                let rel = tag.attribute(b"rel");
                let purpose = link_purpose(rel.as_ref().map_or(b"", |rel| rel.value));
                self.reference(attribute, purpose);
            }
            name if is_srcset(tag.name, name) => self.srcset(attribute),
            name => {
                if let Some(purpose) = purpose(tag.name, name, self.is_foreign) {
                    self.reference(attribute, purpose);
                }
            }
        }
    }

    fn id(&mut self, attribute: &Attribute<'_>) {
        let start = attribute.span.start;
        // What a template holds is not in the page until a script puts it there.
        let offset = (self.template_depth == 0).then_some(start);
        let id = self.page.fragments.entry(boxed(attribute.value)).or_default();
        match (*id, offset) {
            (Some(first), Some(_)) if first != start => {
                self.faults.duplicate_id(attribute.span.clone(), &lossy(attribute.value), first);
            }
            (None, Some(_)) => *id = offset,
            _ => {}
        }
    }

    /// What a piece of CSS loads. Without a bracket there is no URL in it.
    fn style(&mut self, attribute: &Attribute<'_>) {
        if memchr::memchr(b'(', attribute.value).is_some() {
            let found = css::references(&readable(attribute.value));
            self.within(attribute, found);
        }
    }

    /// A page within an attribute. What is nested deeper is not looked into, and its fragments are
    /// its own.
    fn srcdoc(&mut self, attribute: &Attribute<'_>) {
        if !self.is_nested {
            let mut nested = Reading::new(attribute.value, Dialect::Html);
            nested.is_nested = true;
            markup::read(attribute.value, &mut nested);
            nested.page.references.retain(|reference| !reference.url.starts_with('#'));
            self.within(attribute, nested.page.references);
        }
    }

    /// Takes in what was found within the value of an attribute. Where character references have
    /// moved the places in it, the value as a whole is the place.
    fn within(&mut self, attribute: &Attribute<'_>, found: Vec<Reference>) {
        let value = attribute.span.clone();
        let is_moved = attribute.value.len() != value.len();
        let place = |span: Span| {
            if is_moved { value.clone() } else { value.start + span.start..value.start + span.end }
        };
        for reference in found {
            self.refer(Reference { span: place(reference.span), ..reference });
        }
    }

    fn meta(&mut self, tag: &StartTag<'_>) {
        if tag.attribute(b"charset").is_some() {
            self.completeness.saw(Lint::MissingCharset);
        }
        let Some(name) = tag.attribute(b"http-equiv") else { return };
        let Some(content) = tag.attribute(b"content") else { return };
        if name.value.eq_ignore_ascii_case(b"content-type") {
            let value = content.value.to_ascii_lowercase();
            if memchr::memmem::find(&value, b"charset=").is_some() {
                self.completeness.saw(Lint::MissingCharset);
            }
        } else if name.value.eq_ignore_ascii_case(b"refresh")
            && let Some((url, purpose)) = refresh(&lossy(content.value))
        {
            if purpose == Purpose::Forward {
                self.completeness.is_never_seen = true;
            }
            let span = content.span;
            self.refer(Reference { url, span, purpose });
        }
    }

    fn reference(&mut self, attribute: &Attribute<'_>, purpose: Purpose) {
        let url = lossy(attribute.value.trim_ascii());
        // An entity of XML, which is declared elsewhere.
        let is_entity = self.dialect == Dialect::Xml && url.starts_with('&');
        if !is_entity {
            self.refer(Reference { url, span: attribute.span.clone(), purpose });
        }
    }

    fn srcset(&mut self, attribute: &Attribute<'_>) {
        let reference = |(start, url): (usize, &str)| {
            let (span, purpose) = (start..start + url.len(), Purpose::Load);
            Reference { url: url.to_owned(), span, purpose }
        };
        let found = srcset(&lossy(attribute.value)).map(reference).collect();
        self.within(attribute, found);
    }
}

/// `5; url=/next` (HTML section 4.2.5.3).
fn refresh(content: &str) -> Option<(String, Purpose)> {
    let content = content.trim_start();
    let is_of_time = |it: char| it.is_ascii_digit() || it == '.';
    let (seconds, behind) = content.split_at(content.find(|it| !is_of_time(it))?);
    let is_at_once = seconds.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let purpose = if is_at_once { Purpose::Forward } else { Purpose::Follow };
    let is_apart = behind.starts_with(|it: char| it.is_whitespace() || it == ';' || it == ',');
    let behind = behind.trim_start();
    let behind = behind.strip_prefix([';', ',']).unwrap_or(behind).trim_start();
    if !is_apart || behind.is_empty() {
        return None;
    }
    let named = behind.get(..3).filter(|it| it.eq_ignore_ascii_case("url")).map(|_| &behind[3..]);
    let url = named.and_then(|it| it.trim_start().strip_prefix('=')).unwrap_or(behind);
    Some((url.trim().trim_matches(['"', '\'']).to_owned(), purpose))
}

/// Where the character lies that a byte is a part of.
fn character(text: &[u8], offset: usize) -> Span {
    let is_inside =
        |at: &usize| text.get(*at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let offset = offset.min(text.len());
    let start = (offset.saturating_sub(3)..=offset).rev().find(|at| !is_inside(at));
    let end = (offset + 1..offset + 4).find(|at| !is_inside(at));
    start.unwrap_or(offset)..end.unwrap_or(offset + 1).min(text.len())
}

/// Attributes of SVG that hold a value of CSS, and so perhaps a URL.
fn is_painting(name: &[u8]) -> bool {
    const PAINTING: [&[u8]; 9] = [
        b"fill",
        b"stroke",
        b"filter",
        b"mask",
        b"clip-path",
        b"cursor",
        b"marker-start",
        b"marker-mid",
        b"marker-end",
    ];
    PAINTING.contains(&name)
}

/// The text as a browser shows it. Nearly all of it is UTF-8, which is found faster than what to
/// make of bytes that are not.
fn lossy(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn boxed(bytes: &[u8]) -> Box<str> {
    lossy(bytes).into_boxed_str()
}

#[cfg(test)]
mod tests;
