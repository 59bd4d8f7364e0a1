//! The namespace of the next element: HTML, or SVG and `MathML` within it (HTML section 13.2.6.5).
//! Only elements within foreign content are tracked.

/// The open elements, from the outermost `svg` or `math` inwards.
#[derive(Debug, Default)]
pub(crate) struct Namespaces {
    /// Whether the page is XML, where only its own end tag closes an element.
    is_xml: bool,
    open: Vec<OpenElement>,
    /// The names of the open elements, concatenated.
    names: Vec<u8>,
}

#[derive(Debug)]
struct OpenElement {
    name_start: usize,
    /// Whether its children are SVG or `MathML`.
    contains_foreign: bool,
}

/// The number of open elements that an end tag is matched against, to bound the time.
const SEARCHED_MAX: usize = 64;

/// The integration points: elements of SVG and `MathML` whose children are HTML.
const INTEGRATION_POINTS: [&[u8]; 9] =
    [b"foreignobject", b"desc", b"title", b"mi", b"mo", b"mn", b"ms", b"mtext", b"annotation-xml"];
/// The HTML elements that close any open SVG or `MathML`.
const BREAKOUT: [&[u8]; 40] = [
    b"b",
    b"big",
    b"blockquote",
    b"body",
    b"br",
    b"center",
    b"code",
    b"dd",
    b"div",
    b"dl",
    b"dt",
    b"em",
    b"embed",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"head",
    b"hr",
    b"i",
    b"img",
    b"li",
    b"listing",
    b"menu",
    b"meta",
    b"nobr",
    b"ol",
    b"p",
    b"pre",
    b"ruby",
    b"s",
    b"small",
    b"span",
    b"strong",
    b"sub",
    b"table",
    b"ul",
    b"var",
];

/// The HTML elements without content and end tag.
const VOID: [&[u8]; 8] = [b"area", b"br", b"hr", b"img", b"input", b"link", b"meta", b"wbr"];

impl Namespaces {
    /// The state at the start of a page.
    pub(crate) fn new(is_xml: bool) -> Self {
        Self { is_xml, ..Self::default() }
    }

    /// Whether an element that starts here is SVG or `MathML`.
    pub(crate) fn is_foreign(&self) -> bool {
        self.open.last().is_some_and(|open| open.contains_foreign)
    }

    /// Processes a start tag. Returns whether the element itself is SVG or `MathML`.
    pub(crate) fn start(&mut self, name: &[u8], is_self_closing: bool) -> bool {
        // The root elements of foreign content.
        let is_root = matches!(name, b"svg" | b"math");
        if self.open.is_empty() && !is_root {
            return false;
        }
        while !self.is_xml && self.is_foreign() && BREAKOUT.contains(&name) {
            self.close(self.open.len() - 1);
        }
        let was_foreign = self.is_foreign();
        let is_foreign = was_foreign || is_root;
        let is_empty = if is_foreign { is_self_closing } else { VOID.contains(&name) };
        if !is_empty && (is_root || !self.open.is_empty()) {
            let contains_foreign =
                is_foreign && !(was_foreign && INTEGRATION_POINTS.contains(&name));
            self.open.push(OpenElement { name_start: self.names.len(), contains_foreign });
            self.names.extend_from_slice(name);
        }
        is_foreign
    }

    /// Processes an end tag. One that matches no open element closes an element around them, and
    /// all of them with it.
    pub(crate) fn end(&mut self, name: &[u8]) {
        let mut end = self.names.len();
        for at in (0..self.open.len()).rev().take(SEARCHED_MAX) {
            let start = self.open[at].name_start;
            if self.names[start..end] == *name {
                return self.close(at);
            }
            end = start;
        }
        if !self.is_xml {
            self.close(0);
        }
    }

    /// Closes the element with this index and all elements within it.
    fn close(&mut self, index: usize) {
        if let Some(open) = self.open.get(index) {
            self.names.truncate(open.name_start);
            self.open.truncate(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_switch_between_namespaces() {
        let rows: &[(&str, &str, bool)] = &[
            ("", "a", false),
            ("", "svg", true),
            ("svg", "a", true),
            ("svg /svg", "a", false),
            ("svg/", "a", false),
            ("svg g /g", "a", true),
            ("svg foreignobject", "script", false),
            ("svg foreignobject div /div /foreignobject", "script", true),
            ("svg foreignobject svg", "script", true),
            ("svg title /title", "a", true),
            ("title", "svg", true),
            ("math mtext", "script", false),
            ("math mrow", "script", true),
            ("svg", "p", false),
            ("svg p", "script", false),
            ("svg svg /svg", "a", true),
            ("/svg svg", "a", true),
            ("svg path/ /div", "script", false),
            ("svg foreignobject p /foreignobject", "a", true),
            ("svg foreignobject br /svg", "a", false),
        ];
        for (tags, name, expected) in rows {
            let mut namespaces = Namespaces::default();
            for tag in tags.split_whitespace() {
                if let Some(name) = tag.strip_prefix('/') {
                    namespaces.end(name.as_bytes());
                } else {
                    let name = tag.trim_end_matches('/');
                    namespaces.start(name.as_bytes(), name.len() < tag.len());
                }
            }
            assert_eq!(namespaces.start(name.as_bytes(), true), *expected, "{tags}, then {name}");
        }
    }
}
