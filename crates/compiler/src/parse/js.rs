//! This file owns reading JavaScript: which modules a script imports by a literal path. It
//! evaluates nothing, and knows neither whether the text is a module or a script nor whether an
//! import in it is ever run.

mod context;
mod cursor;
mod literal;

use std::ops::Range;

use memchr::memmem;

use self::{
    context::{Context, Following, Place},
    cursor::{Cursor, Stop},
};
use super::{
    manifest::is_address,
    reference::{Purpose, Reference},
};

/// A module that a script imports.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    /// The path, with its escapes resolved.
    specifier: String,
    /// Where its literal starts, with the quote.
    start: usize,
    /// Where its literal ends, with the quote.
    end: usize,
}

/// The modules that a text imports by their address. A bare name is left to whoever resolves it.
pub(crate) fn references(text: &str) -> Vec<Reference> {
    let imports = imports(text).into_iter().filter(|it| is_address(&it.specifier));
    imports
        .map(|Import { specifier, start, end }| Reference {
            url: specifier,
            span: start..end,
            purpose: Purpose::Load,
        })
        .collect()
}

/// The modules that a text imports, in the order of the text.
///
/// A text whose tokens do not add up has none at all: a slip shows later than it was made, by a
/// distance nobody knows, and an import that is made up is worse than one that is missed.
fn imports(text: &str) -> Vec<Import> {
    let is_there = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if !is_there("import") && !is_there("export") {
        return Vec::new();
    }
    let (cursor, context) = (Cursor::new(text), Context::new());
    let mut reading = Reading { cursor, context, imports: Vec::new() };
    reading.read().map(|()| reading.imports).unwrap_or_default()
}

struct Reading<'a> {
    cursor: Cursor<'a>,
    context: Context,
    imports: Vec<Import>,
}

/// `None` says that the text is not JavaScript as it has been read.
impl Reading<'_> {
    fn read(&mut self) -> Option<()> {
        self.cursor.skip_hashbang();
        let mut is_broken = true;
        loop {
            is_broken |= self.cursor.skip_blanks()?;
            let Some(byte) = self.cursor.peek(0) else { break };
            self.token(byte, is_broken)?;
            is_broken = false;
        }
        self.context.is_closed().then_some(())
    }

    /// Passes the token that starts with `byte`, behind the end of a line if `is_broken`.
    fn token(&mut self, byte: u8, is_broken: bool) -> Option<()> {
        match byte {
            b'"' | b'\'' => {
                self.context.operand(is_broken)?;
                self.cursor.string(byte)
            }
            b'0'..=b'9' => self.number(is_broken),
            b'`' => {
                self.cursor.advance(1);
                self.template()
            }
            b'(' | b'[' | b'{' => {
                self.cursor.advance(1);
                self.context.open(byte);
                Some(())
            }
            b')' | b']' | b'}' => {
                self.cursor.advance(1);
                match self.context.close(byte)? {
                    Following::Code => Some(()),
                    Following::Template => self.template(),
                }
            }
            b'/' if !self.context.divides()? => {
                self.context.operand(is_broken)?;
                self.cursor.regular_expression()
            }
            b'.' if matches!(self.cursor.peek(1), Some(b'0'..=b'9')) => self.number(is_broken),
            b'.' | b'?' | b':' | b';' | b'=' | b'+' | b'-' | b'<' => {
                let length = self.context.punctuator(self.cursor.rest(), is_broken)?;
                self.cursor.advance(length);
                Some(())
            }
            b'/' | b',' | b'!' | b'%' | b'&' | b'*' | b'>' | b'^' | b'|' | b'~' => {
                self.cursor.advance(1);
                self.context.operator();
                Some(())
            }
            _ => self.word(is_broken),
        }
    }

    fn number(&mut self, is_broken: bool) -> Option<()> {
        self.context.operand(is_broken)?;
        self.cursor.number();
        Some(())
    }

    fn template(&mut self) -> Option<()> {
        match self.cursor.template()? {
            Stop::End => self.context.value(),
            Stop::Substitution => self.context.substitution(),
        }
        Some(())
    }

    fn word(&mut self, is_broken: bool) -> Option<()> {
        let place = self.context.place(is_broken);
        let word = self.cursor.word()?;
        self.context.word(word, is_broken)?;
        match (word, place) {
            ("import", Place::Statement | Place::Operand) => self.import(place),
            ("export", Place::Statement) => self.export(),
            _ => Some(()),
        }
    }

    fn import(&mut self, place: Place) -> Option<()> {
        self.cursor.skip_blanks()?;
        match self.cursor.peek(0) {
            Some(b'(') => self.call(),
            Some(b'.') => Some(()),
            Some(b'"' | b'\'') if place == Place::Statement => self.specifier(),
            _ if place == Place::Statement => self.clause(),
            _ => Some(()),
        }
    }

    /// Looks into the parentheses of a call without passing them. Only a literal that is the whole
    /// argument is the path.
    fn call(&mut self) -> Option<()> {
        let start = self.cursor.at();
        self.cursor.advance(1);
        self.cursor.skip_blanks()?;
        if let Some(literal) = self.cursor.literal() {
            self.cursor.skip_blanks()?;
            if matches!(self.cursor.peek(0), Some(b')' | b',')) {
                self.push(literal);
            }
        }
        self.cursor.return_to(start);
        Some(())
    }

    fn export(&mut self) -> Option<()> {
        self.context.statement();
        let start = self.cursor.at();
        self.cursor.skip_blanks()?;
        match self.cursor.peek(0) {
            Some(b'*') => self.clause(),
            Some(b'{') => {
                self.cursor.names()?;
                let end = self.cursor.at();
                if self.from() != Some(true) {
                    self.cursor.return_to(end);
                }
                Some(())
            }
            _ => {
                self.cursor.return_to(start);
                Some(())
            }
        }
    }

    /// Passes what an `import` or `export` says before its path, and the path.
    fn clause(&mut self) -> Option<()> {
        loop {
            self.cursor.skip_blanks()?;
            match self.cursor.peek(0)? {
                b'{' => self.cursor.names()?,
                b'*' | b',' => self.cursor.advance(1),
                _ if self.from()? => return Some(()),
                _ => {}
            }
        }
    }

    /// Passes a word, and the path behind it if the word is `from` and has one.
    fn from(&mut self) -> Option<bool> {
        self.cursor.skip_blanks()?;
        let word = self.cursor.word()?;
        self.cursor.skip_blanks()?;
        let is_from = word == "from" && matches!(self.cursor.peek(0), Some(b'"' | b'\''));
        if is_from {
            self.specifier()?;
        }
        Some(is_from)
    }

    fn specifier(&mut self) -> Option<()> {
        let literal = self.cursor.literal()?;
        self.push(literal);
        self.context.statement();
        Some(())
    }

    fn push(&mut self, literal: Range<usize>) {
        let Range { start, end } = literal;
        if let Some(specifier) = literal::value(self.cursor.text(start + 1..end - 1)) {
            self.imports.push(Import { specifier, start, end });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specifiers(text: &str) -> Vec<String> {
        imports(text).into_iter().map(|it| it.specifier).collect()
    }

    #[test]
    fn what_is_imported_is_found_in_every_form() {
        let rows: &[(&str, &[&str])] = &[
            ("import x from \"a\"", &["a"]),
            ("import \"a\"", &["a"]),
            ("import {a as b, default as c, 'd e' as f,} from 'a'", &["a"]),
            ("import {} from \"a\"", &["a"]),
            ("import * as n from \"a\"", &["a"]),
            ("import d, {e} from \"a\"; import d, * as n from \"b\"", &["a", "b"]),
            ("import defer * as n from 'a'; import source x from 'b'", &["a", "b"]),
            ("import from from 'a'; import {from} from 'b'", &["a", "b"]),
            ("import x from 'a' with {type: 'json'}\nimport 'b'", &["a", "b"]),
            ("import 'a' assert {type: 'css'}; /'/.test(x); import 'b'", &["a", "b"]),
            ("import 'a'\nimport 'b'\n/'/.test(x)", &["a", "b"]),
            ("export * from \"a\"; export * as n from \"b\"", &["a", "b"]),
            ("export {a, 'string name' as b} from \"a\"", &["a"]),
            ("export {a}\nfrom('b')\nexport {a}; export {from}", &[]),
            ("export default {from: 'b'}; export const a = b, from = 'b'", &[]),
            ("import{a}from\"./x.js\";export*from\"./y.js\"", &["./x.js", "./y.js"]),
            ("import\"./x.js\";import*as a from'./y.js'", &["./x.js", "./y.js"]),
            ("import a,{b}from'a';export{c}from\"b\"", &["a", "b"]),
            ("import/**/{/*}*/a//}\n}/**/from/**/'a'//", &["a"]),
            ("\u{feff}import\u{a0}é from 'a'", &["a"]),
            ("#!/usr/bin/env import 'no\nimport 'a'", &["a"]),
            ("import(\"a\"); f(() => import('b', {with: {type: 'json'}}))", &["a", "b"]),
            ("import ( /* c */ `a` /* d */ , )", &["a"]),
            ("x = [...import('a')]; f()\nimport('b')", &["a", "b"]),
            ("if (x) import('a'); else import('b')", &["a", "b"]),
            ("async () => await import('a'); { import('b') }", &["a", "b"]),
            ("function* f() { yield import('a'); return import('b') }", &["a", "b"]),
            ("`${import('a')}`", &["a"]),
            ("`a ${`b ${{a: [`${import('a')}`]}.a} import('no')`} import('no')`", &["a"]),
            ("`${() => { return `}` }}${'}'}${/}/}`; import('a')", &["a"]),
            ("import '.\\u002f\\x61\\u{62}\\''; import('\\ud800')", &["./ab'"]),
        ];
        for (text, expected) in rows {
            assert_eq!(specifiers(text), *expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_an_import_is_none() {
        let rows = [
            "import.meta.resolve('a')",
            "x.import('a'); x?.import('a'); x.\nimport('a'); this.#import('a')",
            "x = { import: 1, export: 2, import(a) {} }; class A { import() {} }",
            "import(a); import('a' + b); import('./' + x, y); import(('a'))",
            "import(`a${b}`); import(`${a}`); import(`a` + b); import(`a`.b)",
            "// import 'a'\n/* import 'a'\n import('a') **/ /**/ x",
            "'import \"a\"'; \"import('a')\"; 'it\\'s import(\"a\")'; \"\\\\\"; 'a\\\nimport()'",
            "`import 'a'\nimport('a') \\` \\${import('a')} $ {import('a')}`",
            "/import('a')/; x = /[/'\"]import('a')/g; /\\/import('a')[\\]/]/.test(x)",
            "function f() { import 'a' }",
            "{ export * from 'a' }",
            "$import('a'); import$('a'); éimport('a'); \\u0069mport('a')",
        ];
        for text in rows {
            assert_eq!(imports(text), [], "{text}");
        }
    }

    #[test]
    fn an_import_is_placed_where_its_literal_is_written() {
        let text = "'é'; import 'a'; export * from \"b\\u0062\"; import( `c` )";
        let found: Vec<&str> = imports(text).iter().map(|it| &text[it.start..it.end]).collect();
        assert_eq!(found, ["'a'", "\"b\\u0062\"", "`c`"]);
    }

    #[test]
    fn a_text_that_is_cut_anywhere_imports_nothing_more() {
        let text = "#!é\nimport é, {a as b} from 'a' with {type: 'json'};/* é **/export*from\"b\"\n\
            x = a ? /[/'\"`]\\/é/gu : `é ${{b: `\\`${await import('c', {})}`}} import('no')` / 2\n\
            if (a) /'/.test(b); for (const a of /\"/) { import(`d`) } // import('no')\n\
            x.import('no'); a++ / import('e' + b) / '\\'\\\n'; import( /* ) */ \"\\u{e9}\\x61\" )";
        let full = imports(text);
        assert_eq!(full.len(), 5);
        for (cut, _) in text.char_indices() {
            assert!(imports(&text[..cut]).iter().all(|it| full.contains(it)), "{}", &text[..cut]);
            imports(&text[cut..]);
        }
    }

    #[test]
    fn nesting_costs_no_stack() {
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("`${", "}`")] {
            let text = open.repeat(100_000) + "import('a')" + &close.repeat(100_000);
            assert_eq!(specifiers(&text), ["a"]);
        }
    }
}
