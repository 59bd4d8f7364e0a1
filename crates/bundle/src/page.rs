//! This file owns reading an HTML page: what it refers to, which fragments it offers, and where
//! its markup says something else than was written. It doesn't know which routes there are.

use std::{cell::RefCell, collections::HashMap, convert::Infallible, rc::Rc};

use html5gum::{
    Emitter, Error, ForwardingEmitter, Span, State, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

use crate::{
    reference::{Purpose, Reference, loads, purpose, srcset},
    stylesheet,
};

/// A place where the markup is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The byte of the page.
    pub(crate) offset: usize,
    /// What is wrong there.
    pub(crate) message: String,
    /// Whether a browser would not show what was written, rather than mend it silently.
    pub(crate) swallows: bool,
}

/// What a page says about itself.
#[derive(Debug, Default, Clone)]
pub(crate) struct Page {
    /// Every URL, in the order of the text.
    pub(crate) references: Vec<Reference>,
    /// The `id`s and anchors' `name`s, each with the first byte that it is written at; `None` where
    /// a fragment doesn't mean an element.
    pub(crate) fragments: Option<HashMap<String, usize>>,
    /// The URL that relative references start from, if the page sets one.
    pub(crate) base: Option<String>,
    /// Where the markup is broken.
    pub(crate) faults: Vec<Fault>,
}

/// Reads a page. Bytes that are not UTF-8 are read as what a browser shows for them.
pub(crate) fn read(text: &[u8]) -> Page {
    let reading = Rc::new(RefCell::new(Reading::default()));
    let shared = Rc::clone(&reading);
    let events = CallbackEmitter::new(Box::new(move |event: CallbackEvent<'_>, span| {
        shared.borrow_mut().event(&event, span);
        None
    }) as Events);
    let emitter = Markup { events, reading: Rc::clone(&reading) };
    // Reading from memory cannot fail.
    let _ = Tokenizer::new_with_emitter(text, emitter).finish();
    let Reading { mut page, raw_text, .. } = reading.take();
    page.fragments.get_or_insert_default();
    if let Some((name, offset)) = raw_text {
        let message = format!("`<{name}>` is never closed, so it swallows the rest of the page");
        page.faults.push(Fault { offset, message, swallows: true });
    }
    page
}

/// Hears what the tokenizer finds, and never has a token for it.
type Events = Box<dyn FnMut(CallbackEvent<'_>, Span<usize>) -> Option<Infallible>>;

/// The tokenizer's ear, which tells it how to read on behind a start tag.
struct Markup {
    events: CallbackEmitter<Events, Infallible, usize>,
    reading: Rc<RefCell<Reading>>,
}

impl ForwardingEmitter for Markup {
    type Token = Infallible;

    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut self.events
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let ours = self.events.emit_current_tag();
        ours.or(self.reading.borrow_mut().next_state.take())
    }
}

/// How the content of an element is read (HTML section 13.2.6): as text until its end tag, so that
/// without one it takes in whatever follows; `None` for markup. `noscript` is read as by a reader
/// without scripts, who follows the links in it.
fn raw_text_state(element: &str) -> Option<State> {
    match element {
        "title" | "textarea" => Some(State::RcData),
        "script" => Some(State::ScriptData),
        "style" | "iframe" | "xmp" | "noembed" | "noframes" => Some(State::RawText),
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Attribute {
    name: String,
    value: String,
    offset: usize,
}

#[derive(Debug, Default)]
struct Reading {
    page: Page,
    element: String,
    element_offset: usize,
    attributes: Vec<Attribute>,
    /// The element that is read as text, and where it was opened.
    raw_text: Option<(String, usize)>,
    /// How many `svg` and `math` elements are open: in them all content is markup.
    foreign_depth: usize,
    /// How the tokenizer is to read on.
    next_state: Option<State>,
}

impl Reading {
    fn event(&mut self, event: &CallbackEvent<'_>, span: Span<usize>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.element = lossy(name);
                self.element_offset = span.start;
                self.attributes.clear();
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute_name(lossy(name), span.start);
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(attribute) = self.attributes.last_mut() {
                    attribute.value = lossy(value);
                    attribute.offset = span.start;
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => self.start_tag(*self_closing),
            CallbackEvent::EndTag { name } => {
                if self.raw_text.as_ref().is_some_and(|(open, _)| open.as_bytes() == *name) {
                    self.raw_text = None;
                }
                if matches!(*name, b"svg" | b"math") {
                    self.foreign_depth = self.foreign_depth.saturating_sub(1);
                }
                self.attributes.clear();
            }
            CallbackEvent::Error(error) => self.error(*error, span.start),
            CallbackEvent::String { value } => {
                if self.raw_text.as_ref().is_some_and(|(open, _)| open == "style") {
                    self.style(&lossy(value), span.start);
                }
            }
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } => {}
        }
    }

    fn attribute_name(&mut self, name: String, offset: usize) {
        if self.attributes.iter().any(|attribute| attribute.name == name) {
            let message = format!("the attribute `{name}` is given twice; the first counts");
            self.page.faults.push(Fault { offset, message, swallows: false });
        }
        self.attributes.push(Attribute { name, offset, ..Attribute::default() });
    }

    fn start_tag(&mut self, self_closing: bool) {
        if matches!(self.element.as_str(), "svg" | "math") && !self_closing {
            self.foreign_depth += 1;
        }
        if self.foreign_depth == 0 {
            self.next_state = raw_text_state(&self.element);
        }
        if self.next_state.is_some() {
            self.raw_text = Some((self.element.clone(), self.element_offset));
        }
        let attributes = std::mem::take(&mut self.attributes);
        if self.element == "meta" {
            self.refresh(&attributes);
        }
        for (at, attribute) in attributes.iter().enumerate() {
            // Of two with one name the first counts.
            if attributes[..at].iter().any(|earlier| earlier.name == attribute.name) {
                continue;
            }
            let name = attribute.name.as_str();
            match name {
                "style" => self.style(&attribute.value, attribute.offset),
                "id" => self.fragment(attribute),
                "name" if self.element == "a" => self.fragment(attribute),
                "href" if self.element == "base" => {
                    self.page.base.get_or_insert(attribute.value.clone());
                    continue;
                }
                "rel" if self.element == "link" && loads(&attribute.value) => {
                    self.turn_link_into_load();
                }
                _ => {}
            }
            if let Some(purpose) = purpose(&self.element, name) {
                self.reference(attribute, purpose);
            }
        }
    }

    /// What a piece of CSS loads.
    fn style(&mut self, text: &str, offset: usize) {
        for mut reference in stylesheet::references(text) {
            reference.offset += offset;
            self.page.references.push(reference);
        }
    }

    /// `<meta http-equiv=refresh content="5; url=/next">` (HTML section 4.2.5.3).
    fn refresh(&mut self, attributes: &[Attribute]) {
        let value = |name: &str| attributes.iter().find(|attribute| attribute.name == name);
        let is_refresh =
            value("http-equiv").is_some_and(|it| it.value.eq_ignore_ascii_case("refresh"));
        let Some(content) = value("content").filter(|_| is_refresh) else { return };
        let Some((_, behind)) = content.value.split_once([';', ',']) else { return };
        let behind = behind.trim_start();
        let named =
            behind.get(..3).filter(|it| it.eq_ignore_ascii_case("url")).map(|_| &behind[3..]);
        let url = named.and_then(|it| it.trim_start().strip_prefix('=')).unwrap_or(behind);
        let url = url.trim().trim_matches(['"', '\'']).to_owned();
        let purpose = Purpose::Follow;
        self.page.references.push(Reference { url, offset: content.offset, purpose });
    }

    fn fragment(&mut self, attribute: &Attribute) {
        let fragments = self.page.fragments.get_or_insert_default();
        fragments.entry(attribute.value.clone()).or_insert(attribute.offset);
    }

    /// `rel` may stand before or behind `href`; where it stands behind, the reference that was just
    /// noted is looked at again.
    fn turn_link_into_load(&mut self) {
        let tag_start = self.element_offset;
        for reference in self.page.references.iter_mut().rev() {
            if reference.offset < tag_start {
                break;
            }
            reference.purpose = Purpose::Load;
        }
        "link-load".clone_into(&mut self.element);
    }

    fn reference(&mut self, attribute: &Attribute, purpose: Purpose) {
        let offset = attribute.offset;
        if attribute.name.ends_with("srcset") {
            for url in srcset(&attribute.value) {
                self.page.references.push(Reference { url: url.to_owned(), offset, purpose });
            }
        } else {
            let url = attribute.value.trim().to_owned();
            self.page.references.push(Reference { url, offset, purpose });
        }
    }

    fn error(&mut self, error: Error, offset: usize) {
        let unfinished = match error {
            Error::EofInTag | Error::EofBeforeTagName => Some("a tag"),
            Error::EofInComment => Some("a comment"),
            Error::EofInDoctype => Some("the doctype"),
            Error::EofInCdata => Some("a CDATA section"),
            Error::EofInScriptHtmlCommentLikeText => Some("a script"),
            _ => None,
        };
        // XML's way of writing an empty element: HTML reads it as written on void elements, and in
        // SVG and MathML it is the rule, so that only noise would come of naming it.
        if error == Error::UnexpectedSolidusInTag {
            return;
        }
        let message = match unfinished {
            Some(what) => format!("the page ends inside {what}"),
            None => format!("the markup is broken here ({error})"),
        };
        self.page.faults.push(Fault { offset, message, swallows: unfinished.is_some() });
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Purpose::*;

    #[test]
    fn every_kind_of_reference_is_read_with_its_purpose() {
        let rows: &[(&str, &[(&str, Purpose)])] = &[
            ("<a href=/book>", &[("/book", Follow)]),
            ("<a href=' b.html '>", &[("b.html", Follow)]),
            ("<a href=/ok href=/bad>", &[("/ok", Follow)]),
            ("<a href='?a=1&amp;b=2'>", &[("?a=1&b=2", Follow)]),
            (
                "<img src=a.png srcset='b.png 1x, c.png 2x'>",
                &[("a.png", Load), ("b.png", Load), ("c.png", Load)],
            ),
            ("<img srcset='data:x,y 1x,z.png'>", &[("data:x,y", Load), ("z.png", Load)]),
            ("<link rel=stylesheet href=s.css>", &[("s.css", Load)]),
            ("<link href=s.css rel='preload stylesheet'>", &[("s.css", Load)]),
            ("<link rel=canonical href=/x>", &[("/x", Follow)]),
            ("<a href=/x><link href=s.css rel=icon>", &[("/x", Follow), ("s.css", Load)]),
            ("<form action=/go>", &[("/go", Follow)]),
            ("<video src=v.webm poster=p.png></video>", &[("v.webm", Load), ("p.png", Load)]),
            ("<svg><use href='i.svg#a'/></svg>", &[("i.svg#a", Load)]),
            ("<noscript><a href=/x>x</a></noscript>", &[("/x", Follow)]),
            ("<title>x</title><style>y</style><a href=/x>", &[("/x", Follow)]),
            (
                "<svg><title>x<a xlink:href=/x></a></title><style/></svg><a href=/y>",
                &[("/x", Follow), ("/y", Follow)],
            ),
            ("<script>'<a href=no>'</script>", &[]),
            ("<!-- <a href=no> -->", &[]),
            ("<p style='background: url(b.png)'>", &[("b.png", Load)]),
            ("<style>@import 'c.css'; p { color: red }</style>", &[("c.css", Load)]),
            ("<meta http-equiv=Refresh content='5; URL=\"/next\"'>", &[("/next", Follow)]),
            ("<meta http-equiv=refresh content=5>", &[]),
            ("<meta name=x content='5; url=/no'>", &[]),
            ("<p title=no>", &[]),
        ];
        for (text, expected) in rows {
            let page = read(text.as_bytes());
            let found: Vec<(&str, Purpose)> =
                page.references.iter().map(|it| (it.url.as_str(), it.purpose)).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn a_reference_is_placed_at_its_url() {
        let text = b"<p>\n<a class=x href=\"/book\">";
        let page = read(text);
        assert!(text[page.references[0].offset..].starts_with(b"/book"));
    }

    #[test]
    fn fragments_are_ids_and_names_of_anchors() {
        let page = read(b"<h2 id=one></h2><a name=two></a><input name=three><base href=/x/>");
        let fragments = page.fragments.expect("elements have ids");
        let mut fragments: Vec<&String> = fragments.keys().collect();
        fragments.sort();
        assert_eq!(fragments, ["one", "two"]);
        assert_eq!(page.base.as_deref(), Some("/x/"));
    }

    #[test]
    fn markup_that_swallows_content_is_told_from_what_a_browser_mends() {
        let rows: &[(&str, &[bool])] = &[
            ("<p>fine</p><br/>", &[]),
            ("<p class=a class=b>", &[false]),
            ("<p", &[true]),
            ("<p class=\"a", &[true]),
            ("<!-- never closed", &[true]),
            ("<script>let a = 1;", &[true]),
            ("<title>never closed <p>", &[true]),
            ("<svg><title>closed by its svg</svg><p>", &[]),
            ("<script src=x></script><style></style>", &[]),
        ];
        for (text, expected) in rows {
            let faults = read(text.as_bytes()).faults;
            let swallows: Vec<bool> = faults.iter().map(|it| it.swallows).collect();
            assert_eq!(swallows, *expected, "{text}: {faults:?}");
        }
    }
}
