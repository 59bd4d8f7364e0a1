//! CSS: the URLs that a style sheet loads. They are tokens, so no list of properties is needed.

use cssparser::{Parser, Token};

use super::{
    reference::{LoadedAs, Purpose, Reference},
    text::Span,
};

/// Blocks nested deeper than this are skipped: each level costs stack, and real style sheets do not
/// come close.
const DEPTH_MAX: usize = 64;

/// The URLs of a style sheet, in the order of the text.
pub(crate) fn references(text: &str) -> Vec<Reference> {
    if !may_load(text.as_bytes()) {
        return Vec::new();
    }
    let mut reader = StyleSheetReader { references: Vec::new(), statement: Statement::Other };
    reader.block(&mut Parser::new(text), 0, Strings::Text);
    reader.references
}

/// Whether a text can contain a URL at all. Most `<style>` elements do not.
fn may_load(text: &[u8]) -> bool {
    let ends_with = |end: usize, name: &[u8]| {
        let start = end.saturating_sub(name.len());
        text[start..end].eq_ignore_ascii_case(name)
    };
    let is_function = |at| [b"url", b"src", b"set"].iter().any(|name| ends_with(at, *name));
    let is_import = |at: usize| {
        let word = text.get(at + 1..at + 7);
        word.is_some_and(|word| word.eq_ignore_ascii_case(b"import"))
    };
    // Escapes can hide a name.
    memchr::memchr(b'\\', text).is_some()
        || memchr::memchr_iter(b'(', text).any(is_function)
        || memchr::memchr_iter(b'@', text).any(is_import)
}

/// The statement that is being read, which determines the meaning of strings and URLs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Statement {
    /// `@import`, whose strings are URLs.
    Import,
    /// `@namespace`, whose URL is a name that is not loaded.
    Namespace,
    /// `@font-face`, whose URLs are fonts.
    FontFace,
    Other,
}

/// The meaning of strings inside a function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    Urls,
    Text,
}

struct StyleSheetReader {
    references: Vec<Reference>,
    statement: Statement,
}

impl StyleSheetReader {
    fn block(&mut self, parser: &mut Parser<'_>, depth: usize, strings: Strings) {
        loop {
            parser.skip_whitespace();
            let start = parser.position().byte_index();
            let Ok(token) = parser.next().cloned() else { return };
            let span = start..parser.position().byte_index();
            let inner = match &token {
                Token::UnquotedUrl(url) => {
                    self.push(url, span);
                    continue;
                }
                Token::QuotedString(url) => {
                    if strings == Strings::Urls || self.statement == Statement::Import {
                        self.push(url, span);
                    }
                    continue;
                }
                Token::AtKeyword(name) => {
                    self.statement = at_rule(name);
                    continue;
                }
                Token::Semicolon => {
                    self.statement = Statement::Other;
                    continue;
                }
                Token::Function(name) if takes_urls(name) => Strings::Urls,
                Token::Function(_)
                | Token::ParenthesisBlock
                | Token::SquareBracketBlock
                | Token::CurlyBracketBlock => Strings::Text,
                _ => continue,
            };
            let is_font =
                token == Token::CurlyBracketBlock && self.statement == Statement::FontFace;
            if token == Token::CurlyBracketBlock {
                self.statement = Statement::Other;
            }
            let first = self.references.len();
            if depth < DEPTH_MAX {
                // The closure never fails, and an unclosed block ends with the text.
                let _ = parser.parse_nested_block(|nested| {
                    self.block(nested, depth + 1, inner);
                    Ok::<(), cssparser::ParseError<()>>(())
                });
            }
            if is_font {
                self.references[first..].iter_mut().for_each(remove_fragment);
            }
        }
    }

    /// Adds a URL that is loaded. `url(#mark)` is an element of the document that uses the style
    /// sheet, which is not known here.
    fn push(&mut self, url: &str, span: Span) {
        if self.statement != Statement::Namespace && !url.is_empty() && !url.starts_with('#') {
            let destination = match self.statement {
                Statement::Import => LoadedAs::StyleSheet,
                _ => LoadedAs::Other,
            };
            let (url, purpose) = (url.to_owned(), Purpose::Load(destination));
            self.references.push(Reference { url, span, purpose });
        }
    }
}

fn at_rule(name: &str) -> Statement {
    match name.to_ascii_lowercase().as_str() {
        "import" => Statement::Import,
        // Its URLs are a condition on the URL of the page and are not loaded either.
        "namespace" | "-moz-document" | "document" => Statement::Namespace,
        "font-face" => Statement::FontFace,
        _ => Statement::Other,
    }
}

/// Browsers have dropped SVG fonts, so they never look for the element with the font, and many icon
/// sets name one that does not exist.
fn remove_fragment(font: &mut Reference) {
    font.url.truncate(font.url.find('#').unwrap_or(font.url.len()));
}

fn takes_urls(function: &str) -> bool {
    let functions = ["url", "src", "image-set", "-webkit-image-set"];
    functions.iter().any(|name| function.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_found_at_any_depth() {
        let rows: &[(&str, &[&str])] = &[
            ("p { background: url(a.png) }", &["a.png"]),
            ("p { background: URL( 'a b.png' ) no-repeat, url(\"c.png\") }", &["a b.png", "c.png"]),
            ("@import 'a.css'; @import url(b.css) screen;", &["a.css", "b.css"]),
            ("@font-face { src: url(a.woff2) format('woff2'), local('x') }", &["a.woff2"]),
            ("@media print { @supports (x: y) { p { x: url(deep.png) } } }", &["deep.png"]),
            ("p { x: image-set('a.png' 1x, url(b.png) 2x) }", &["a.png", "b.png"]),
            ("p { x: url(a\\ b.png) }", &["a b.png"]),
            ("p { x: u\\rl('a.png') }", &["a.png"]),
            ("@IMPORT 'a.css'", &["a.css"]),
            ("@font-face { src: url(a.svg#b) format('svg') }", &["a.svg"]),
            ("@font-face { src: url(a.svg?x#b) format( svg ), url(c) }", &["a.svg?x", "c"]),
            ("@FONT-FACE { src: url(a.svg#b) } p { x: url(a.svg#b) }", &["a.svg", "a.svg#b"]),
            ("p { mask: url(a.svg#b) }", &["a.svg#b"]),
            ("@namespace svg url(http://www.w3.org/2000/svg); p { x: url(a.png) }", &["a.png"]),
            ("@-moz-document url('https://x/') { p { x: url(a.png) } }", &["a.png"]),
            ("@charset 'utf-8'; p::before { content: 'url(no.png)' }", &[]),
            ("/* url(no.png) */ p { fill: url(#here) }", &[]),
            ("p { x: url() } q { x: url('') }", &[]),
            ("p { x: url(a.png", &["a.png"]),
            ("} ] ) url(a.png)", &["a.png"]),
            ("", &[]),
        ];
        for (text, expected) in rows {
            let found: Vec<String> = references(text).into_iter().map(|it| it.url).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn the_span_of_a_url_is_its_token() {
        let text = "p {\n  x: url(a.png), url('b.png') }";
        let found = references(text);
        let tokens: Vec<&str> = found.iter().map(|it| &text[it.span.clone()]).collect();
        assert_eq!(tokens, ["url(a.png)", "'b.png'"]);
    }

    #[test]
    fn deep_nesting_is_skipped() {
        let text = "(".repeat(1_000_000) + "url(a.png)";
        assert_eq!(references(&text), []);
    }
}
