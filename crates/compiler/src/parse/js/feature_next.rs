//! The tokens around an expression, and whether it must have a value because of them.

use super::{UrlScanner, context::Bracket, cursor::is_word_byte};

/// The names of the global object.
pub(super) const GLOBAL_OBJECTS: [&str; 4] = ["window", "self", "globalThis", "top"];

/// Keywords that bind the name after them.
const BINDING: [&str; 5] = ["const", "let", "var", "function", "class"];

/// Keywords that an expression follows.
const OPERATORS: [&str; 13] = [
    "return",
    "typeof",
    "in",
    "of",
    "instanceof",
    "new",
    "await",
    "yield",
    "case",
    "throw",
    "void",
    "delete",
    "extends",
];

/// Lists of parameters and patterns are short.
const LENGTH_MAX: usize = 300;

/// What the token after an expression says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It must have a value: a property of it is read, or it is called.
    Use,
    /// It may have no value.
    Test,
    /// It is bound to a value.
    Assignment,
    /// It may be the name or the value of a property.
    Entry,
    Other,
}

/// A property that is read.
pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    /// The start of its name; `None` if it is in brackets.
    pub(super) start: Option<usize>,
}

impl<'a> UrlScanner<'a> {
    /// Consumes `.` or `?.`.
    #[inline(never)]
    pub(super) fn dot(&mut self) -> Option<()> {
        self.cursor.skip_blanks()?;
        if self.cursor.peek(0)? == b'?' {
            self.cursor.advance(1);
        }
        self.skip(b'.')
    }

    /// Consumes the access to a property, such as `.name` or `["name"]`.
    #[inline(never)]
    pub(super) fn member(&mut self) -> Option<Member<'a>> {
        self.cursor.skip_blanks()?;
        if self.cursor.peek(0)? != b'[' {
            self.dot()?;
            self.cursor.skip_blanks()?;
        }
        if self.cursor.peek(0)? != b'[' {
            let start = self.cursor.at();
            return Some(Member { name: self.cursor.word()?, start: Some(start) });
        }
        self.cursor.advance(1);
        self.cursor.skip_blanks()?;
        let literal = self.cursor.literal()?;
        self.skip(b']')?;
        let name = self.cursor.text(literal.start + 1..literal.end - 1);
        Some(Member { name, start: None })
    }

    /// The text after white space and comments. Nothing is consumed.
    #[inline(never)]
    pub(super) fn following(&mut self) -> Option<&'a [u8]> {
        let end = self.cursor.at();
        self.cursor.skip_blanks()?;
        let rest = self.cursor.rest();
        self.cursor.return_to(end);
        Some(rest)
    }

    /// What the next token says about the expression that ends here.
    #[inline(never)]
    pub(super) fn next(&mut self) -> Option<Next> {
        Some(match self.following()? {
            [b'=' | b'!', b'=', ..] | [b'&', b'&', ..] | [b'|', b'|', ..] => Next::Test,
            [b'?' | b')', ..] => Next::Test,
            [b'.' | b'[' | b'(', ..] => Next::Use,
            [b'=', ..] => Next::Assignment,
            [b':' | b'}', ..] => Next::Entry,
            _ => Next::Other,
        })
    }

    /// Whether the parentheses that are open here are those of parameters. `None` if they are too
    /// long to say.
    pub(super) fn is_in_parameters(&mut self) -> Option<bool> {
        let start = self.cursor.at();
        self.leave_bracket(start + LENGTH_MAX)?;
        let rest = self.following()?;
        self.cursor.return_to(start);
        Some(is_after_parameters(rest))
    }

    /// Whether the name that ends here is a parameter, or an element of a pattern, because of what
    /// follows the brackets around it. `None` if they are too long to say.
    pub(super) fn is_in_pattern(&mut self) -> Option<bool> {
        let start = self.cursor.at();
        let mut level = 0;
        let is_in_pattern = loop {
            let bracket = self.context.bracket(level)?;
            let is_list = matches!(bracket, Bracket::Object | Bracket::Square);
            if !is_list && bracket != Bracket::Parenthesis {
                break false;
            }
            self.leave_bracket(start + LENGTH_MAX)?;
            match self.following()? {
                rest if !is_list => break is_after_parameters(rest),
                [b'=', b'=' | b'>', ..] => break false,
                [b'=', ..] => break true,
                [b',' | b')' | b']' | b'}', ..] => level += 1,
                _ => break self.skip_word("of").is_some(),
            }
        };
        self.cursor.return_to(start);
        Some(is_in_pattern)
    }

    /// Consumes the text up to the bracket that closes those around here, if that is before
    /// `limit`.
    fn leave_bracket(&mut self, limit: usize) -> Option<()> {
        self.features.lookaheads = self.features.lookaheads.checked_sub(1)?;
        let mut depth = 1_usize;
        while depth > 0 {
            self.cursor.skip_blanks()?;
            match self.cursor.peek(0).filter(|_| self.cursor.at() < limit)? {
                quote @ (b'"' | b'\'') => {
                    self.cursor.string(quote)?;
                    continue;
                }
                // It may start a regular expression.
                b'`' | b'/' => return None,
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                _ => {}
            }
            self.cursor.advance(1);
        }
        Some(())
    }

    /// Whether the name that ends here is one that a method or function is defined with.
    pub(super) fn is_defined(&mut self) -> bool {
        let end = self.cursor.at();
        let is_defined = self.skip(b'(').is_some() && self.is_in_parameters() != Some(false);
        self.cursor.return_to(end);
        is_defined
    }
}

/// Whether the parentheses before this text are those of parameters.
fn is_after_parameters(text: &[u8]) -> bool {
    text.starts_with(b"{") || text.starts_with(b"=>")
}

/// The text before a word at the end of a text.
#[inline(never)]
pub(super) fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let before = text.strip_suffix(word)?;
    let is_in_word = before.bytes().last().is_some_and(|it| is_word_byte(it) || it == b'.');
    (!is_in_word).then_some(before)
}

/// The text before a keyword that binds the name after it, at the end of a text.
pub(super) fn strip_binding(text: &str) -> Option<&str> {
    // Of a generator.
    let text = text.strip_suffix('*').map_or(text, str::trim_end);
    BINDING.iter().find_map(|word| strip_word(text, word))
}

/// Whether what follows a text is an expression, not a name that is bound.
pub(super) fn is_before_expression(text: &str) -> bool {
    text.ends_with(['=', '!', '&', '|', '?', '<', '>'])
        || OPERATORS.iter().any(|word| strip_word(text, word).is_some())
}
