//! Pages in HTML, XHTML and SVG: their references, fragment targets, title and markup problems.

mod app_links;
mod chunk;
mod content;
mod elements;
mod kind;
mod namespace;
mod page;
mod problems;
mod raw_text;
mod tokens;
mod validation;
mod visible_text;

use html5gum::{Error, State};

pub(crate) use self::{
    app_links::AppLinks,
    kind::PageKind,
    page::{Dialect, Fragments, Page},
};
use self::{
    elements::{boxed, has_rel, is_scripted_frame, lossy},
    namespace::Namespaces,
    problems::{PageMetadata, PagePart, PageProblems},
    raw_text::{RawText, RawTextElement, script_language},
    tokens::{Attribute, StartTag, TokenSink},
    visible_text::VisibleText,
};
use super::{
    BYTE_ORDER_MARK, Span, character, css, readable,
    reference::{
        LoadedAs, Purpose, Reference, is_presentation, is_srcset, link_purpose, purpose, refresh,
        srcset,
    },
};

/// Parses a page. Invalid UTF-8 is replaced as browsers do.
pub(crate) fn parse(text: &[u8], dialect: Dialect) -> Page {
    let mut parser = PageParser::new(text, dialect);
    tokens::read(text, &mut parser);
    parser.finish()
}

/// Parses a page, which may be cut short, for what it says about it as an app.
pub(crate) fn app_links(text: &[u8]) -> AppLinks {
    let mut parser = PageParser::new(text, Dialect::Html);
    parser.app_links = Some(AppLinks::default());
    tokens::read(text, &mut parser);
    let Page { title, base, .. } = parser.page;
    AppLinks { title, base, ..parser.app_links.unwrap_or_default() }
}

/// Attributes of a tag that later ones are compared with to find duplicates. Bounds the time for
/// tags with thousands of attributes.
const ATTRIBUTES_COMPARED_MAX: usize = 64;

#[derive(Debug)]
struct PageParser<'t> {
    text: &'t [u8],
    dialect: Dialect,
    page: Page,
    raw: Option<RawTextElement>,
    namespaces: Namespaces,
    /// Whether the current element is SVG or `MathML`.
    is_foreign: bool,
    /// The number of open `template` elements. Their content is not part of the page until a script
    /// inserts it, and often contains placeholders instead of URLs.
    template_depth: usize,
    metadata: PageMetadata,
    problems: PageProblems,
    visible_text: VisibleText,
    /// Whether this page is the `srcdoc` attribute of another page.
    is_nested: bool,
    /// Facts about the page as an app, if they are wanted.
    app_links: Option<AppLinks>,
}

impl TokenSink for PageParser<'_> {
    fn start_tag(&mut self, tag: &StartTag<'_>) -> Option<State> {
        self.metadata.record(PagePart::Tag);
        self.visible_text.start_tag(tag.name);
        let is_open = !tag.is_self_closing || self.dialect == Dialect::Html;
        self.is_foreign = self.namespaces.start(tag.name, tag.is_self_closing);
        if let Some(links) = &mut self.app_links
            && self.template_depth == 0
            && !self.is_foreign
        {
            links.record(tag);
        }
        match tag.name {
            b"head" | b"body" | b"title" => self.metadata.record(PagePart::Document),
            // With a declarative shadow root, the content is part of the page.
            b"template" if is_open && tag.attribute(b"shadowrootmode").is_none() => {
                self.template_depth += 1;
            }
            b"meta" => self.meta(tag),
            b"script" if script_language(tag) == RawText::Script => {
                self.metadata.record(PagePart::Script);
            }
            b"iframe" | b"frame" => self.page.has_scripted_frame |= is_scripted_frame(tag),
            b"link" if self.template_depth == 0 && has_rel(tag, b"icon") => {
                self.metadata.record(PagePart::Icon);
            }
            b"html" => {
                self.metadata.record(PagePart::Document);
                let has = |name: &[u8]| tag.attribute(name).is_some_and(|it| !it.value.is_empty());
                if has(b"lang") || has(b"xml:lang") {
                    self.metadata.record(PagePart::Lang);
                }
            }
            _ => {}
        }
        self.attributes(tag);
        if !is_open {
            return None;
        }
        let (raw, state) = RawTextElement::of(tag, self.is_foreign)?;
        self.raw = Some(raw);
        state
    }

    fn end_tag(&mut self, name: &[u8], start: usize) {
        self.namespaces.end(name);
        self.visible_text.end_tag(name);
        if name == b"template" {
            self.template_depth = self.template_depth.saturating_sub(1);
        }
        if let Some(raw) = self.raw.take_if(|raw| raw.name.as_bytes() == name) {
            self.content(&raw, raw.tag.end.min(start)..start);
        }
    }

    fn text(&mut self, text: &[u8]) {
        match &mut self.raw {
            Some(raw) => raw.push_text(text),
            None if self.template_depth > 0 => {}
            None => self.visible_text.push(text),
        }
    }

    fn doctype(&mut self) {
        self.metadata.record(PagePart::Doctype);
    }

    fn error(&mut self, error: Error, offset: usize) {
        let unfinished = match error {
            Error::EofInTag | Error::EofBeforeTagName => Some("a tag"),
            Error::EofInComment => Some("a comment"),
            Error::EofInDoctype => Some("the doctype"),
            Error::EofInCdata => Some("a CDATA section"),
            Error::EofInScriptHtmlCommentLikeText => Some("a script"),
            // `<br/>` is common and harmless.
            Error::UnexpectedSolidusInTag => return,
            _ => None,
        };
        let span = character(self.text, offset.saturating_sub(1));
        match unfinished {
            Some(what) => self.problems.unclosed(span, format!("the page ends inside {what}")),
            None => self.problems.recovered(span, || format!("invalid markup ({error})")),
        }
    }

    fn is_in_foreign_content(&self) -> bool {
        self.namespaces.is_foreign() || self.dialect == Dialect::Xml
    }
}

impl<'t> PageParser<'t> {
    fn new(text: &'t [u8], dialect: Dialect) -> Self {
        let mut metadata = PageMetadata::default();
        if text.starts_with(BYTE_ORDER_MARK) {
            metadata.record(PagePart::Charset);
        }
        Self {
            text,
            dialect,
            page: Page::default(),
            raw: None,
            namespaces: Namespaces::new(dialect == Dialect::Xml),
            is_foreign: false,
            template_depth: 0,
            metadata,
            problems: PageProblems::default(),
            visible_text: VisibleText::default(),
            is_nested: false,
            app_links: None,
        }
    }

    fn finish(mut self) -> Page {
        if self.dialect == Dialect::Xml {
            return self.page;
        }
        if let Some(raw) = self.raw.take().filter(|raw| raw.requires_end_tag) {
            let name = raw.name;
            let message =
                format!("`<{name}>` is never closed, so it contains the rest of the page");
            self.problems.unclosed(raw.tag, message);
        }
        let text_length = self.visible_text.length;
        let (kind, lacks_icon) = (self.metadata.kind(text_length), self.metadata.lacks_icon());
        let unlisted_problems = self.problems.unlisted().into();
        let problems = self.problems.finish(&self.metadata);
        Page { text_length, kind, lacks_icon, problems, unlisted_problems, ..self.page }
    }

    fn push(&mut self, reference: Reference) {
        if self.template_depth == 0 {
            self.page.references.push(reference);
        }
    }

    fn attributes(&mut self, tag: &StartTag<'_>) {
        for (at, attribute) in tag.attributes().enumerate() {
            let compared = tag.attributes().take(at.min(ATTRIBUTES_COMPARED_MAX));
            if compared.into_iter().any(|earlier| earlier.name == attribute.name) {
                let name = || lossy(attribute.name);
                let message = || format!("duplicate attribute `{}`: only the first counts", name());
                self.problems.recovered(attribute.span, message);
            } else {
                self.attribute(tag, &attribute);
            }
        }
    }

    fn attribute(&mut self, tag: &StartTag<'_>, attribute: &Attribute<'_>) {
        match attribute.name {
            // The most common attribute.
            b"class" => {}
            // An empty id is not a fragment target.
            b"id" if !attribute.value.is_empty() => self.id(attribute),
            b"name" if tag.name == b"a" => {
                self.page.fragments.entry(boxed(attribute.value)).or_default();
            }
            b"style" => self.style(attribute),
            name if self.is_foreign && is_presentation(name) => self.style(attribute),
            b"srcdoc" if tag.name == b"iframe" => self.srcdoc(attribute),
            b"href" if tag.name == b"base" => {
                if self.template_depth > 0 {
                    return;
                }
                self.page.base.get_or_insert_with(|| lossy(attribute.value));
            }
            b"href" if tag.name == b"link" => self.link(tag, attribute),
            // Browsers do not fetch data blocks (HTML section 4.12.1.1).
            b"src" if tag.name == b"script" && script_language(tag) != RawText::Script => {
                self.reference(attribute, Purpose::Hint);
            }
            name if name.starts_with(b"on") => self.event_handler(attribute),
            name if is_srcset(tag.name, name) => self.srcset(attribute),
            name => {
                if let Some(purpose) = purpose(tag.name, name, self.is_foreign) {
                    self.reference(attribute, purpose);
                }
            }
        }
    }

    fn link(&mut self, tag: &StartTag<'_>, attribute: &Attribute<'_>) {
        let value = |name: &[u8]| tag.attribute(name).map_or(&b""[..], |it| it.value);
        let (rel, destination) = (value(b"rel"), value(b"as"));
        if has_rel(tag, b"canonical") {
            self.page.own_urls.push(lossy(attribute.value.trim_ascii()));
        }
        let is_absolute = memchr::memmem::find(attribute.value, b"//").is_some();
        let purpose = match link_purpose(rel, destination) {
            // Not fetched unless a script enables it (HTML section 4.2.4). A file of the site is
            // checked like one that is fetched.
            Purpose::Load(loaded_as) if is_absolute && tag.attribute(b"disabled").is_some() => {
                Purpose::MayLoad(loaded_as)
            }
            purpose => purpose,
        };
        self.reference(attribute, purpose);
    }

    fn id(&mut self, attribute: &Attribute<'_>) {
        let start = attribute.span.start;
        // The content of a template is not part of the page until a script inserts it.
        let offset = (self.template_depth == 0).then_some(start);
        let id = self.page.fragments.entry(boxed(attribute.value)).or_default();
        match (*id, offset) {
            (Some(first), Some(_)) if first != start => {
                self.problems.duplicate_id(attribute.span.clone(), &lossy(attribute.value), first);
            }
            (None, Some(_)) => *id = offset,
            _ => {}
        }
    }

    /// CSS in an attribute. Without a parenthesis it contains no URL.
    fn style(&mut self, attribute: &Attribute<'_>) {
        if memchr::memchr(b'(', attribute.value).is_some() {
            let found = css::references(&readable(attribute.value));
            self.push_from_value(attribute, found);
        }
    }

    /// A page in an attribute. Its fragments are separate, and pages nested deeper are ignored.
    fn srcdoc(&mut self, attribute: &Attribute<'_>) {
        if !self.is_nested {
            let mut nested = PageParser::new(attribute.value, Dialect::Html);
            nested.is_nested = true;
            tokens::read(attribute.value, &mut nested);
            nested.page.references.retain(|reference| !reference.url.starts_with('#'));
            self.push_from_value(attribute, nested.page.references);
        }
    }

    /// Adds references found in the value of an attribute. If character references have shifted
    /// offsets in the value, each gets the span of the entire value.
    fn push_from_value(&mut self, attribute: &Attribute<'_>, found: Vec<Reference>) {
        let value = attribute.span.clone();
        let is_shifted = attribute.value.len() != value.len();
        let in_page = |span: Span| {
            if is_shifted {
                value.clone()
            } else {
                value.start + span.start..value.start + span.end
            }
        };
        for reference in found {
            self.push(Reference { span: in_page(reference.span), ..reference });
        }
    }

    fn meta(&mut self, tag: &StartTag<'_>) {
        if tag.attribute(b"charset").is_some() {
            self.metadata.record(PagePart::Charset);
        }
        let Some(content) = tag.attribute(b"content") else { return };
        let is_own = |name: &[u8]| tag.attribute(name).is_some_and(|it| it.value == b"og:url");
        if is_own(b"property") || is_own(b"name") {
            self.page.own_urls.push(lossy(content.value.trim_ascii()));
        }
        let Some(name) = tag.attribute(b"http-equiv") else { return };
        if name.value.eq_ignore_ascii_case(b"content-type") {
            let value = content.value.to_ascii_lowercase();
            if memchr::memmem::find(&value, b"charset=").is_some() {
                self.metadata.record(PagePart::Charset);
            }
        } else if name.value.eq_ignore_ascii_case(b"refresh")
            && let Some((url, purpose)) = refresh(&lossy(content.value))
        {
            if purpose == Purpose::Forward {
                self.metadata.record(PagePart::Forward);
            }
            let span = content.span;
            self.push(Reference { url, span, purpose });
        }
    }

    fn reference(&mut self, attribute: &Attribute<'_>, purpose: Purpose) {
        let url = lossy(attribute.value.trim_ascii());
        // XML entities are declared elsewhere.
        let is_entity = self.dialect == Dialect::Xml && url.starts_with('&');
        if !is_entity {
            self.push(Reference { url, span: attribute.span.clone(), purpose });
        }
    }

    fn srcset(&mut self, attribute: &Attribute<'_>) {
        let reference = |(start, url): (usize, &str)| {
            let span = start..start + url.len();
            let purpose = Purpose::Load(LoadedAs::Other);
            Reference { url: url.to_owned(), span, purpose }
        };
        let found = srcset(&lossy(attribute.value)).map(reference).collect();
        self.push_from_value(attribute, found);
    }
}

#[cfg(test)]
mod tests;
