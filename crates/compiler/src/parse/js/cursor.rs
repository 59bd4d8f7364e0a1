//! Context-free JavaScript tokens: white space, words and literals.

use std::ops::Range;

use chapbook_format::path;
use memchr::{memchr_iter, memchr2, memchr3};

/// The end of a piece of template text.
pub(super) enum TemplateStop {
    /// The closing backtick.
    End,
    /// `${`, which is followed by code.
    Substitution,
}

/// A position in a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

/// `None` means that a token is not closed.
impl<'a> Cursor<'a> {
    /// The start of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The offset.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes back to an earlier offset.
    pub(super) fn return_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Skips bytes.
    pub(super) fn advance(&mut self, length: usize) {
        self.at += length;
    }

    /// The byte at this distance.
    pub(super) fn peek(&self, distance: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + distance).copied()
    }

    /// A part of the text.
    pub(super) fn text(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    /// The length of the text.
    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    /// The text from here on.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Skips a `#!` line.
    pub(super) fn skip_hashbang(&mut self) {
        if self.text.starts_with("#!") {
            self.skip_line();
        }
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    }

    /// Skips white space and comments. Returns whether they contain a line end.
    #[inline]
    pub(super) fn skip_blanks(&mut self) -> Option<bool> {
        // Most tokens of a bundle follow each other without white space.
        match self.peek(0) {
            Some(b'\t'..=b'\r' | b' ' | b'/' | 0x80..) => self.skip_some_blanks(),
            _ => Some(false),
        }
    }

    fn skip_some_blanks(&mut self) -> Option<bool> {
        let mut has_newline = false;
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\x0b' | b'\x0c' => self.at += 1,
                b'\n' | b'\r' => {
                    has_newline = true;
                    self.at += 1;
                }
                b'/' if self.peek(1) == Some(b'/') => self.skip_line(),
                b'/' if self.peek(1) == Some(b'*') => {
                    let comment = self.rest().get(2..)?;
                    let is_end = |&end: &usize| end > 0 && comment.get(end - 1) == Some(&b'*');
                    let end = memchr_iter(b'/', comment).find(is_end)?;
                    has_newline |= memchr2(b'\n', b'\r', comment.get(..end)?).is_some();
                    self.at += end + 3;
                }
                0x80.. => match self.character().filter(|it| is_wide_blank(*it)) {
                    Some(blank) => {
                        has_newline |= matches!(blank, '\u{2028}' | '\u{2029}');
                        self.at += blank.len_utf8();
                    }
                    None => break,
                },
                _ => break,
            }
        }
        Some(has_newline)
    }

    fn character(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    /// Consumes a name or a keyword; `None` if there is neither.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.skip_word();
        let word = self.text.get(start..self.at)?;
        // `\u{61}` in a name is too rare to be parsed.
        (!word.is_empty() && !word.ends_with("\\u")).then_some(word)
    }

    fn skip_word(&mut self) {
        loop {
            while self.peek(0).is_some_and(is_word_byte) {
                self.at += 1;
            }
            if self.peek(0).is_none_or(|byte| byte.is_ascii()) {
                return;
            }
            match self.character().filter(|letter| letter.is_alphanumeric()) {
                Some(letter) => self.at += letter.len_utf8(),
                None => return,
            }
        }
    }

    /// Consumes a number, with the property if it is written as `1..name`.
    pub(super) fn number(&mut self) {
        self.skip_word();
        while self.peek(0) == Some(b'.') {
            self.at += 1;
            self.skip_word();
        }
    }

    /// Consumes a string.
    pub(super) fn string(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.rest();
            let stop = memchr2(quote, b'\\', rest)?;
            if memchr2(b'\n', b'\r', rest.get(..stop)?).is_some() {
                return None;
            }
            self.at += stop + 1;
            match rest.get(stop..)? {
                [b'\\', b'\r', b'\n', ..] => self.at += 2,
                [b'\\', ..] => self.at += 1,
                _ => return Some(()),
            }
        }
    }

    /// Consumes the text of a template up to its end or its next substitution.
    pub(super) fn template(&mut self) -> Option<TemplateStop> {
        loop {
            let rest = self.rest();
            let stop = memchr3(b'`', b'$', b'\\', rest)?;
            self.at += stop + 1;
            match rest.get(stop..)? {
                [b'`', ..] => return Some(TemplateStop::End),
                [b'$', b'{', ..] => {
                    self.at += 1;
                    return Some(TemplateStop::Substitution);
                }
                [b'\\', ..] => self.at += 1,
                _ => {}
            }
        }
    }

    /// Consumes a regular expression with its flags.
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

    /// Consumes a string or a template without substitutions. Returns its range.
    pub(super) fn literal(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        match self.peek(0)? {
            quote @ (b'"' | b'\'') => self.string(quote)?,
            b'`' => {
                self.at += 1;
                let TemplateStop::End = self.template()? else { return None };
            }
            _ => return None,
        }
        Some(start..self.at)
    }

    /// Consumes the braces of an `import` or `export` with the names in them.
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

/// Whether a byte is an ASCII character of a name, or the start of an escape in it.
pub(super) fn is_word_byte(byte: u8) -> bool {
    const WORD: [bool; 256] = path::letters_digits_and(b"_$#\\");
    WORD[usize::from(byte)]
}

/// White space beyond ASCII, including the byte order mark.
fn is_wide_blank(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}
