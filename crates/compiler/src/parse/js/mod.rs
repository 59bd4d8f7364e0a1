//! JavaScript: the modules that a text imports by a literal path. Nothing is evaluated, and scripts
//! are read like modules.

mod context;
mod cursor;
mod literal;

use std::ops::Range;

use memchr::memmem;

use self::{
    context::{Following, TokenContext, WordPosition},
    cursor::{Cursor, TemplateStop},
};
use super::{
    manifest::is_url_like,
    reference::{LoadedAs, Purpose, Reference},
};

/// An import of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    /// The module specifier with escapes resolved.
    specifier: String,
    /// The start of the literal, including the quote.
    start: usize,
    /// The end of the literal, including the quote.
    end: usize,
}

/// The modules that a text imports by URL. Bare specifiers are resolved by import maps.
pub(crate) fn references(text: &str) -> Vec<Reference> {
    let imports = imports(text).into_iter().filter(|it| is_url_like(&it.specifier));
    imports
        .map(|Import { specifier, start, end }| Reference {
            url: specifier,
            span: start..end,
            purpose: Purpose::Load(LoadedAs::Script),
        })
        .collect()
}

/// The imports of a text, in order.
///
/// If the tokens do not fit together, the result is empty: a misread token is noticed only some
/// distance later, and a false import is worse than a missed one.
fn imports(text: &str) -> Vec<Import> {
    let contains = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if !contains("import") && !contains("export") {
        return Vec::new();
    }
    let (cursor, context) = (Cursor::new(text), TokenContext::new());
    let mut scanner = ImportScanner { cursor, context, imports: Vec::new() };
    scanner.scan().map(|()| scanner.imports).unwrap_or_default()
}

struct ImportScanner<'a> {
    cursor: Cursor<'a>,
    context: TokenContext,
    imports: Vec<Import>,
}

/// `None` means that the tokens do not fit together.
impl ImportScanner<'_> {
    fn scan(&mut self) -> Option<()> {
        self.cursor.skip_hashbang();
        let mut is_after_newline = true;
        loop {
            is_after_newline |= self.cursor.skip_blanks()?;
            let Some(byte) = self.cursor.peek(0) else { break };
            self.token(byte, is_after_newline)?;
            is_after_newline = false;
        }
        self.context.is_closed().then_some(())
    }

    /// Consumes the token that starts with `byte`.
    fn token(&mut self, byte: u8, is_after_newline: bool) -> Option<()> {
        match byte {
            b'"' | b'\'' => {
                self.context.operand(is_after_newline)?;
                self.cursor.string(byte)
            }
            b'0'..=b'9' => self.number(is_after_newline),
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
                self.context.operand(is_after_newline)?;
                self.cursor.regular_expression()
            }
            b'.' if matches!(self.cursor.peek(1), Some(b'0'..=b'9')) => {
                self.number(is_after_newline)
            }
            b'.' | b'?' | b':' | b';' | b'=' | b'+' | b'-' | b'<' => {
                let length = self.context.punctuator(self.cursor.rest(), is_after_newline)?;
                self.cursor.advance(length);
                Some(())
            }
            b'/' | b',' | b'!' | b'%' | b'&' | b'*' | b'>' | b'^' | b'|' | b'~' => {
                self.cursor.advance(1);
                self.context.operator();
                Some(())
            }
            _ => self.word(is_after_newline),
        }
    }

    fn number(&mut self, is_after_newline: bool) -> Option<()> {
        self.context.operand(is_after_newline)?;
        self.cursor.number();
        Some(())
    }

    fn template(&mut self) -> Option<()> {
        match self.cursor.template()? {
            TemplateStop::End => self.context.value(),
            TemplateStop::Substitution => self.context.substitution(),
        }
        Some(())
    }

    fn word(&mut self, is_after_newline: bool) -> Option<()> {
        let position = self.context.word_position(is_after_newline);
        let word = self.cursor.word()?;
        self.context.word(word, is_after_newline)?;
        match (word, position) {
            ("import", WordPosition::Statement | WordPosition::Operand) => self.import(position),
            ("export", WordPosition::Statement) => self.export(),
            _ => Some(()),
        }
    }

    fn import(&mut self, position: WordPosition) -> Option<()> {
        self.cursor.skip_blanks()?;
        match self.cursor.peek(0) {
            Some(b'(') => self.call(),
            Some(b'.') => Some(()),
            Some(b'"' | b'\'') if position == WordPosition::Statement => self.specifier(),
            _ if position == WordPosition::Statement => self.clause(),
            _ => Some(()),
        }
    }

    /// Looks ahead into the parentheses of a call. The path is a literal that is the entire first
    /// argument.
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

    /// Consumes the bindings of an `import` or `export` and its path.
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

    /// Consumes a word, and the path after it if the word is `from` and has one.
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
mod tests;
