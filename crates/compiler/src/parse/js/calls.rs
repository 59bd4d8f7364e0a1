//! Calls and assignments by which a script loads other scripts and style sheets.

use std::ops::Range;

use super::{
    Load, UrlScanner,
    cdn::{self, ExternalUrl},
    literal,
};
use crate::parse::reference::LoadedAs;

/// A function whose arguments are the URLs of scripts.
#[derive(Clone, Copy)]
struct LoadCall {
    /// Whether every argument is a URL, not only the first.
    takes_many: bool,
    /// Whether it loads scripts of other hosts.
    takes_other_hosts: bool,
    load: Load,
}

impl LoadCall {
    /// `importScripts` (HTML section 10.3.1): relative to the worker, which nearly always is this
    /// script.
    const IMPORT_SCRIPTS: Self =
        Self { takes_many: true, takes_other_hosts: true, load: Load::FromScript };
    /// `Worker`, `SharedWorker` and the `register` of service workers: browsers reject those of
    /// other hosts.
    const WORKER: Self = Self { takes_many: false, takes_other_hosts: false, load: Load::FromPage };
    /// `addModule` of worklets (HTML section 11.3.1), and `getScript` of jQuery.
    const ANY_HOST: Self =
        Self { takes_many: false, takes_other_hosts: true, load: Load::FromPage };
}

/// Properties of what a page shows, whose values are text or links.
const SHOWN: [&str; 7] = ["children", "title", "alt", "label", "text", "to", "textContent"];

impl UrlScanner<'_> {
    /// Looks ahead from a word that may load something. Nothing is consumed.
    pub(super) fn load(&mut self, word: &str, is_property: bool) {
        let start = self.cursor.at();
        let _ = match word.as_bytes() {
            b"src" if is_property => self.assignment(LoadedAs::Script),
            b"href" if is_property => self.assignment(LoadedAs::StyleSheet),
            b"setAttribute" if is_property => self.set_attribute(),
            b"serviceWorker" => self.registration(),
            b"importScripts" => self.load_call(LoadCall::IMPORT_SCRIPTS),
            b"Worker" | b"SharedWorker" => self.load_call(LoadCall::WORKER),
            b"addModule" | b"getScript" if is_property => self.load_call(LoadCall::ANY_HOST),
            _ => return,
        };
        self.cursor.return_to(start);
    }

    /// Consumes white space and this punctuator.
    pub(super) fn skip(&mut self, punctuator: u8) -> Option<()> {
        self.cursor.skip_blanks()?;
        if self.cursor.peek(0)? != punctuator {
            return None;
        }
        self.cursor.advance(1);
        Some(())
    }

    /// Consumes white space and this word.
    pub(super) fn skip_word(&mut self, word: &str) -> Option<()> {
        self.cursor.skip_blanks()?;
        (self.cursor.word()? == word).then_some(())
    }

    fn load_call(&mut self, call: LoadCall) -> Option<()> {
        self.skip(b'(')?;
        loop {
            self.cursor.skip_blanks()?;
            let (literal, load) = match self.cursor.peek(0)? {
                b'"' | b'\'' | b'`' => (self.cursor.literal()?, call.load),
                _ => (self.module_url()?, Load::FromScript),
            };
            self.cursor.skip_blanks()?;
            let next = self.cursor.peek(0)?;
            if !matches!(next, b',' | b')') {
                return None;
            }
            if call.takes_other_hosts || !self.is_external(&literal) {
                self.push(literal, load, LoadedAs::Script);
            }
            if next == b')' || !call.takes_many {
                return Some(());
            }
            self.cursor.advance(1);
        }
    }

    /// Consumes `new URL("path", import.meta.url)`, which is relative to the script. Returns the
    /// literal.
    fn module_url(&mut self) -> Option<Range<usize>> {
        self.skip_word("new")?;
        self.skip_word("URL")?;
        self.skip(b'(')?;
        self.cursor.skip_blanks()?;
        let literal = self.cursor.literal()?;
        self.skip(b',')?;
        self.skip_word("import")?;
        self.skip(b'.')?;
        self.skip_word("meta")?;
        self.skip(b'.')?;
        self.skip_word("url")?;
        self.skip(b')')?;
        Some(literal)
    }

    /// The `register` of a service worker.
    fn registration(&mut self) -> Option<()> {
        self.cursor.skip_blanks()?;
        if self.cursor.peek(0)? == b'?' {
            self.cursor.advance(1);
        }
        self.skip(b'.')?;
        self.skip_word("register")?;
        self.load_call(LoadCall::WORKER)
    }

    /// The value that is assigned to `src` or `href`.
    fn assignment(&mut self, loaded_as: LoadedAs) -> Option<()> {
        self.skip(b'=')?;
        self.cursor.skip_blanks()?;
        self.attribute_value(loaded_as)
    }

    fn set_attribute(&mut self) -> Option<()> {
        self.skip(b'(')?;
        self.cursor.skip_blanks()?;
        let name = self.cursor.literal()?;
        let loaded_as = match self.cursor.text(name.start + 1..name.end - 1) {
            "src" => LoadedAs::Script,
            "href" => LoadedAs::StyleSheet,
            _ => return None,
        };
        self.skip(b',')?;
        self.cursor.skip_blanks()?;
        self.attribute_value(loaded_as)
    }

    /// Adds a literal if its extension says that the element loads it as this: images have a `src`,
    /// and links have an `href`.
    fn attribute_value(&mut self, loaded_as: LoadedAs) -> Option<()> {
        let literal = self.cursor.literal()?;
        self.cursor.skip_blanks()?;
        let text = self.cursor.text(literal.start + 1..literal.end - 1);
        let url = literal::value(text)?;
        if self.cursor.peek(0) != Some(b'+') && cdn::by_extension(&url) == Some(loaded_as) {
            self.push(literal, Load::FromPage, loaded_as);
        }
        Some(())
    }

    fn is_external(&self, literal: &Range<usize>) -> bool {
        let url = literal::value(self.cursor.text(literal.start + 1..literal.end - 1));
        url.is_none_or(|url| ExternalUrl::parse(&url).is_some())
    }

    /// Whether the literal that starts here is text or the target of a link: the value of such a
    /// property, or the third argument of a call that creates an element, after its properties.
    /// Documentation that a framework renders shows the URLs of libraries like this.
    pub(super) fn is_shown(&self, start: usize, loaded_as: LoadedAs) -> bool {
        let before = self.cursor.text(0..start).trim_end();
        let before = before.strip_suffix('[').map_or(before, str::trim_end);
        if let Some(before) = before.strip_suffix(':') {
            let name = before.trim_end().trim_end_matches(['"', '\'']);
            let is = |word: &str| {
                let rest = name.strip_suffix(word);
                rest.is_some_and(|it| !it.ends_with(|it: char| it.is_alphanumeric() || it == '_'))
            };
            return SHOWN.iter().any(|word| is(word))
                || (is("href") && loaded_as != LoadedAs::StyleSheet);
        }
        let before = before.strip_suffix(',').map(str::trim_end);
        let is_after_properties = |before: &str| before.ends_with("null") || before.ends_with('}');
        before.is_some_and(is_after_properties) && self.context.is_in_parentheses()
    }
}
