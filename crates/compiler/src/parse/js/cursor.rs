//! This file owns the tokens of JavaScript that can be told by themselves: where blanks, words and
//! literals end.

use std::ops::Range;

use memchr::{memchr_iter, memchr2, memchr3};

/// What ends a piece of a template's text.
pub(super) enum Stop {
    End,
    /// `${`, behind which there is code.
    Substitution,
}

/// A place in a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

/// `None` says that a token does not end as it must.
impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes back to a place it has been at.
    pub(super) fn return_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn advance(&mut self, length: usize) {
        self.at += length;
    }

    pub(super) fn peek(&self, distance: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + distance).copied()
    }

    pub(super) fn text(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(super) fn skip_hashbang(&mut self) {
        if self.text.starts_with("#!") {
            self.skip_line();
        }
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    }

    /// Passes blanks and comments, and says whether a line ended in them.
    pub(super) fn skip_blanks(&mut self) -> Option<bool> {
        let mut is_broken = false;
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\x0b' | b'\x0c' => self.at += 1,
                b'\n' | b'\r' => {
                    is_broken = true;
                    self.at += 1;
                }
                b'/' if self.peek(1) == Some(b'/') => self.skip_line(),
                b'/' if self.peek(1) == Some(b'*') => {
                    let inside = self.rest().get(2..)?;
                    let is_end = |&end: &usize| end > 0 && inside.get(end - 1) == Some(&b'*');
                    let end = memchr_iter(b'/', inside).find(is_end)?;
                    is_broken |= memchr2(b'\n', b'\r', inside.get(..end)?).is_some();
                    self.at += end + 3;
                }
                0x80.. => match self.character().filter(|it| is_wide_blank(*it)) {
                    Some(blank) => {
                        is_broken |= matches!(blank, '\u{2028}' | '\u{2029}');
                        self.at += blank.len_utf8();
                    }
                    None => break,
                },
                _ => break,
            }
        }
        Some(is_broken)
    }

    fn character(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    /// Passes a name or a keyword, of which there must be one.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.skip_word();
        let word = self.text.get(start..self.at)?;
        // The braces of `\u{61}` are not worth telling from others.
        (!word.is_empty() && !word.ends_with("\\u")).then_some(word)
    }

    fn skip_word(&mut self) {
        loop {
            let rest = self.rest();
            let is_stop = |byte: &u8| !is_word_byte(*byte);
            self.at += rest.iter().position(is_stop).unwrap_or(rest.len());
            match self.character() {
                Some(letter) if !letter.is_ascii() && letter.is_alphanumeric() => {
                    self.at += letter.len_utf8();
                }
                _ => return,
            }
        }
    }

    /// Passes a number, and the property of one that is written `1..name`.
    pub(super) fn number(&mut self) {
        self.skip_word();
        while self.peek(0) == Some(b'.') {
            self.at += 1;
            self.skip_word();
        }
    }

    /// Passes a string.
    pub(super) fn string(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.rest();
            let is_stop = |&byte: &u8| byte == quote || matches!(byte, b'\\' | b'\n' | b'\r');
            let stop = rest.iter().position(is_stop)?;
            self.at += stop + 1;
            match rest.get(stop..)? {
                [b'\\', b'\r', b'\n', ..] => self.at += 2,
                [b'\\', ..] => self.at += 1,
                [b'\n' | b'\r', ..] => return None,
                _ => return Some(()),
            }
        }
    }

    /// Passes the text of a template up to its end or to the code in it.
    pub(super) fn template(&mut self) -> Option<Stop> {
        loop {
            let rest = self.rest();
            let stop = memchr3(b'`', b'$', b'\\', rest)?;
            self.at += stop + 1;
            match rest.get(stop..)? {
                [b'`', ..] => return Some(Stop::End),
                [b'$', b'{', ..] => {
                    self.at += 1;
                    return Some(Stop::Substitution);
                }
                [b'\\', ..] => self.at += 1,
                _ => {}
            }
        }
    }

    /// Passes a regular expression with its flags.
    pub(super) fn regular_expression(&mut self) -> Option<()> {
        let mut is_class = false;
        loop {
            self.at += 1;
            match self.peek(0)? {
                b'\n' | b'\r' => return None,
                b'\\' if !matches!(self.peek(1)?, b'\n' | b'\r') => self.at += 1,
                b'[' => is_class = true,
                b']' => is_class = false,
                b'/' if !is_class => break,
                _ => {}
            }
        }
        let start = self.at + 1;
        self.at = start;
        self.skip_word();
        self.text(start..self.at).bytes().all(|flag| b"dgimsuvy".contains(&flag)).then_some(())
    }

    /// Passes a string or a template without code in it, and says where it lay.
    pub(super) fn literal(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        match self.peek(0)? {
            quote @ (b'"' | b'\'') => self.string(quote)?,
            b'`' => {
                self.at += 1;
                let Stop::End = self.template()? else { return None };
            }
            _ => return None,
        }
        Some(start..self.at)
    }

    /// Passes the names in the braces of an `import` or `export`.
    pub(super) fn names(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.skip_blanks()?;
            match self.peek(0)? {
                b',' => self.at += 1,
                quote @ (b'"' | b'\'') => self.string(quote)?,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => {
                    self.word()?;
                }
            }
        }
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#' | b'\\')
}

/// The blanks beyond ASCII; an editor may leave the last of them at the start of a file.
fn is_wide_blank(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}
