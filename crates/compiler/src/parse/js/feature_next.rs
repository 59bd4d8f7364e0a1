//! The tokens around an expression, and whether it must have a value because of them.

use super::{UrlScanner, cursor::is_word_byte};

/// The names of the global object.
const GLOBAL_OBJECTS: [&str; 4] = ["window", "self", "globalThis", "top"];

/// Keywords that bind the name after them.
pub(super) const BINDING: [&str; 5] = ["const", "let", "var", "function", "class"];

/// What the token after an expression says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It must have a value: a property of it is read, or it is called.
    Use,
    /// It may have no value.
    Test,
    /// It is bound to a value.
    Binding,
    Other,
}

impl<'a> UrlScanner<'a> {
    /// The text before a global that starts here, and before the name of the global object; `None`
    /// if it is a property of anything else.
    #[inline(never)]
    pub(super) fn before_global(&self, start: usize, is_property: bool) -> Option<&'a str> {
        let before = self.cursor.text(0..start).trim_end();
        if !is_property {
            return Some(before);
        }
        let object = before.strip_suffix('.')?;
        let object = object.strip_suffix('?').unwrap_or(object).trim_end();
        GLOBAL_OBJECTS.iter().find_map(|name| strip_word(object, name)).map(str::trim_end)
    }

    /// Consumes `.` or `?.`.
    #[inline(never)]
    pub(super) fn dot(&mut self) -> Option<()> {
        self.cursor.skip_blanks()?;
        if self.cursor.peek(0)? == b'?' {
            self.cursor.advance(1);
        }
        self.skip(b'.')
    }

    /// What the next token says about the expression that ends here.
    #[inline(never)]
    pub(super) fn next(&mut self) -> Option<Next> {
        let end = self.cursor.at();
        self.cursor.skip_blanks()?;
        let rest = self.cursor.rest();
        self.cursor.return_to(end);
        Some(match rest {
            [b'=' | b'!', b'=', ..] | [b'&', b'&', ..] | [b'|', b'|', ..] => Next::Test,
            [b'?' | b')', ..] => Next::Test,
            [b'.' | b'[' | b'(', ..] => Next::Use,
            [b'=' | b':' | b'}', ..] => Next::Binding,
            _ => Next::Other,
        })
    }
}

/// The text before a word at the end of a text.
#[inline(never)]
pub(super) fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let before = text.strip_suffix(word)?;
    let is_in_word = before.bytes().last().is_some_and(|it| is_word_byte(it) || it == b'.');
    (!is_in_word).then_some(before)
}
