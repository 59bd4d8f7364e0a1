//! This file owns in which language the next element of a page is: HTML, or the SVG and `MathML`
//! within it (HTML section 13.2.6.5). It knows only what it must of the tree: which of the elements
//! are open that lead from one language into another.

/// The elements that are open and change the language.
#[derive(Debug, Default)]
pub(crate) struct Namespaces {
    open: Vec<&'static [u8]>,
}

/// The elements that other languages begin with.
const FOREIGN: [&[u8]; 2] = [b"svg", b"math"];
/// The elements of SVG and `MathML` that hold HTML.
const POINTS: [&[u8]; 9] =
    [b"foreignobject", b"desc", b"title", b"mi", b"mo", b"mn", b"ms", b"mtext", b"annotation-xml"];
/// The elements of HTML that end whatever SVG or `MathML` is open, since nobody means them there.
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

impl Namespaces {
    /// Whether the element that is being read is SVG or `MathML`.
    pub(crate) fn is_foreign(&self) -> bool {
        self.open.last().is_some_and(|name| FOREIGN.contains(name))
    }

    /// Takes note of a start tag, and says whether the element itself is SVG or `MathML`.
    pub(crate) fn start(&mut self, name: &[u8], is_self_closing: bool) -> bool {
        while self.is_foreign() && BREAKOUT.contains(&name) {
            self.open.pop();
        }
        let is_foreign = self.is_foreign() || FOREIGN.contains(&name);
        let leading: &[&'static [u8]] = if self.is_foreign() { &POINTS } else { &[] };
        let mut changing = FOREIGN.iter().chain(leading);
        if let Some(known) = changing.find(|known| **known == name).filter(|_| !is_self_closing) {
            self.open.push(known);
        }
        is_foreign
    }

    /// Takes note of an end tag.
    pub(crate) fn end(&mut self, name: &[u8]) {
        if !self.open.is_empty()
            && let Some(at) = self.open.iter().rposition(|open| *open == name)
        {
            self.open.truncate(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lead_from_one_language_into_another() {
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
