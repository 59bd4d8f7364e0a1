//! What the head of a page says about it as an app: its title, description, manifest and icons.

use super::{
    elements::{has_rel, lossy},
    tokens::StartTag,
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

impl AppLinks {
    /// Adds what an element of HTML says.
    pub(super) fn record(&mut self, tag: &StartTag<'_>) {
        match tag.name {
            b"link" => self.link(tag),
            b"meta" => self.meta(tag),
            _ => {}
        }
    }

    fn link(&mut self, tag: &StartTag<'_>) {
        let Some(url) = attribute(tag, b"href") else { return };
        if has_rel(tag, b"manifest") {
            self.manifest.get_or_insert(url);
        } else if is_icon(tag) && self.icons.len() < ICONS_MAX {
            self.icons.push(url);
        }
    }

    fn meta(&mut self, tag: &StartTag<'_>) {
        let is_description =
            tag.attribute(b"name").is_some_and(|it| it.value.eq_ignore_ascii_case(b"description"));
        if let Some(content) = attribute(tag, b"content").filter(|_| is_description) {
            self.description.get_or_insert(content);
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
    (!value.is_empty()).then(|| lossy(value))
}

#[cfg(test)]
mod tests {
    use super::{super::app_links, *};

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
