//! What the head of a page says about it as an app: its title, description, manifest and icons.

use html5gum::{Error, State};

use super::{
    elements::has_rel,
    namespace::Namespaces,
    raw_text::{RawText, RawTextElement},
    tokens::{self, StartTag, TokenSink},
};

/// Maximum number of icons of a page. Pages for many devices have about twenty.
const ICONS_MAX: usize = 64;

/// The facts in the head of a page. URLs are as they are written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct AppLinks {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) base: Option<String>,
    pub(crate) manifest: Option<String>,
    /// The icons, in document order.
    pub(crate) icons: Vec<String>,
}

/// Reads the facts of a page, which may be cut short.
pub(crate) fn app_links(text: &[u8]) -> AppLinks {
    let mut reader = LinkReader {
        links: AppLinks::default(),
        raw: None,
        namespaces: Namespaces::new(false),
        template_depth: 0,
    };
    tokens::read(text, &mut reader);
    reader.links
}

#[derive(Debug)]
struct LinkReader {
    links: AppLinks,
    raw: Option<RawTextElement>,
    namespaces: Namespaces,
    /// The number of open `template` elements.
    template_depth: usize,
}

impl LinkReader {
    fn link(&mut self, tag: &StartTag<'_>) {
        let Some(url) = attribute(tag, b"href") else { return };
        if has_rel(tag, b"manifest") {
            self.links.manifest.get_or_insert(url);
        } else if is_icon(tag) && self.links.icons.len() < ICONS_MAX {
            self.links.icons.push(url);
        }
    }

    fn meta(&mut self, tag: &StartTag<'_>) {
        let is_description =
            tag.attribute(b"name").is_some_and(|it| it.value.eq_ignore_ascii_case(b"description"));
        if let Some(content) = attribute(tag, b"content").filter(|_| is_description) {
            self.links.description.get_or_insert(content);
        }
    }
}

/// Whether a `link` element has an icon. `mask-icon` is a silhouette.
fn is_icon(tag: &StartTag<'_>) -> bool {
    let keywords: [&[u8]; 3] = [b"icon", b"apple-touch-icon", b"apple-touch-icon-precomposed"];
    keywords.into_iter().any(|it| has_rel(tag, it))
}

/// The value of an attribute without white space around it, unless it is empty.
fn attribute(tag: &StartTag<'_>, name: &[u8]) -> Option<String> {
    let value = tag.attribute(name)?.value.trim_ascii();
    (!value.is_empty()).then(|| String::from_utf8_lossy(value).into_owned())
}

impl TokenSink for LinkReader {
    fn start_tag(&mut self, tag: &StartTag<'_>) -> Option<State> {
        let is_foreign = self.namespaces.start(tag.name, tag.is_self_closing);
        match tag.name {
            b"template" => self.template_depth += 1,
            _ if self.template_depth > 0 || is_foreign => {}
            b"link" => self.link(tag),
            b"meta" => self.meta(tag),
            b"base" => {
                if let Some(url) = attribute(tag, b"href") {
                    self.links.base.get_or_insert(url);
                }
            }
            _ => {}
        }
        let (raw, state) = RawTextElement::of(tag, is_foreign)?;
        self.raw = Some(raw);
        state
    }

    fn end_tag(&mut self, name: &[u8], _start: usize) {
        self.namespaces.end(name);
        if name == b"template" {
            self.template_depth = self.template_depth.saturating_sub(1);
        }
        if let Some(raw) = self.raw.take_if(|raw| raw.name.as_bytes() == name)
            && raw.content == RawText::Title
            && !raw.title().is_empty()
        {
            self.links.title.get_or_insert(raw.title());
        }
    }

    fn text(&mut self, text: &[u8]) {
        if let Some(raw) = &mut self.raw {
            raw.push_text(text);
        }
    }

    fn doctype(&mut self) {}

    fn error(&mut self, _error: Error, _offset: usize) {}

    fn is_in_foreign_content(&self) -> bool {
        self.namespaces.is_foreign()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_in_the_head_of_a_page_are_found() {
        let text = br#"<!doctype html><title> My
             site </title><title>Other</title><base href="/b/"><base href=/c/>
            <meta name=Description content=" A &amp; B "><meta name=description content=C>
            <link rel="icon manifest" href=app.webmanifest><link rel=manifest href=late.json>
            <link rel="shortcut icon" href=" a.ico "><link rel=ICON href="b.png?v=1">
            <link rel=mask-icon href=no.svg><link rel=icon><link rel=stylesheet href=no.css>
            <link rel=apple-touch-icon sizes=180x180 href=c.png>
            <template><link rel=icon href=no.png></template>
            <svg><link rel=icon href=no.png /><title>No</title></svg>
            <script>"<link rel=icon href=no>"
            "#;
        let links = app_links(text);
        let some = |text: &str| Some(text.to_owned());
        let expected = AppLinks {
            title: some("My site"),
            description: some("A & B"),
            base: some("/b/"),
            manifest: some("app.webmanifest"),
            icons: ["a.ico", "b.png?v=1", "c.png"].map(str::to_owned).into(),
        };
        assert_eq!(links, expected);
        assert_eq!(app_links(b"<title>Cut sho"), AppLinks::default());
        let many = "<link rel=icon href=a>".repeat(1000);
        assert_eq!(app_links(many.as_bytes()).icons.len(), ICONS_MAX);
    }
}
