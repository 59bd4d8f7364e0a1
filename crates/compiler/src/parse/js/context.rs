//! This file owns what the tokens before say about the next one in JavaScript: whether a `/`
//! divides, whether a `{` opens a block, and what cannot follow, which shows that a token was
//! misjudged.

/// What the token before leaves to be expected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    /// A statement may start here, or an expression.
    Start,
    /// An operand is due.
    Operator,
    /// `await`, `let` or `yield`: an operand is due, unless a script uses it as a name.
    Doubtful,
    /// A name, or a keyword that is none of the others.
    Word,
    /// A name that a member of a class or an object may have before its own.
    Modifier,
    /// The end of an operand.
    Value,
    /// A property is due, whose name may be any keyword.
    Dot,
    /// `if`, `while` or `with`, whose parentheses a statement follows.
    Head,
    /// `for`, the same with semicolons or `of` in its parentheses.
    ForHead,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    /// Braces around statements or the members of a class; the text itself as well.
    Block,
    /// Braces around properties.
    Object,
    Parenthesis,
    Head,
    ForHead,
    Square,
    /// `${` in a template.
    Substitution,
}

/// A bracket that is still open.
#[derive(Clone, Copy)]
struct Frame {
    bracket: Bracket,
    /// How many `?` in it wait for their `:`, which is no label's then.
    conditionals: usize,
}

/// What a closing bracket leads back to.
pub(super) enum Following {
    Code,
    Template,
}

/// Where a word stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where a statement may start that is in no bracket.
    Statement,
    /// Where else an expression may start.
    Operand,
    Other,
}

/// What is known behind a token. Of the next one, `is_broken` says that a line ended before it.
pub(super) struct Context {
    previous: Previous,
    inner: Frame,
    outer: Vec<Frame>,
}

/// `None` says that the token cannot follow those before it.
impl Context {
    pub(super) fn new() -> Self {
        let inner = Frame { bracket: Bracket::Block, conditionals: 0 };
        Self { previous: Previous::Start, inner, outer: Vec::new() }
    }

    /// Whether the text may end here.
    pub(super) fn is_closed(&self) -> bool {
        self.outer.is_empty() && self.inner.conditionals == 0
    }

    fn is_operand_due(&self) -> bool {
        matches!(self.previous, Previous::Start | Previous::Operator | Previous::Doubtful)
    }

    fn is_behind_operand(&self) -> bool {
        matches!(self.previous, Previous::Word | Previous::Modifier | Previous::Value)
    }

    pub(super) fn place(&self, is_broken: bool) -> Place {
        let is_start = self.previous == Previous::Start || (is_broken && self.is_behind_operand());
        if is_start && self.outer.is_empty() {
            Place::Statement
        } else if is_start || self.is_operand_due() {
            Place::Operand
        } else {
            Place::Other
        }
    }

    pub(super) fn value(&mut self) {
        self.previous = Previous::Value;
    }

    pub(super) fn operator(&mut self) {
        self.previous = Previous::Operator;
    }

    /// What follows is a statement, or the `with` and the braces behind a path.
    pub(super) fn statement(&mut self) {
        self.previous = Previous::Start;
    }

    /// Whether a `/` divides; else it opens a regular expression.
    pub(super) fn divides(&self) -> Option<bool> {
        match self.previous {
            Previous::Start | Previous::Operator => Some(false),
            Previous::Word | Previous::Modifier | Previous::Value => Some(true),
            Previous::Doubtful | Previous::Dot | Previous::Head | Previous::ForHead => None,
        }
    }

    /// A string, number or regular expression. Two of them in one line need something between.
    pub(super) fn operand(&mut self, is_broken: bool) -> Option<()> {
        let is_due = self.is_operand_due() || self.previous == Previous::Modifier;
        self.previous = Previous::Value;
        (is_due || is_broken).then_some(())
    }

    pub(super) fn substitution(&mut self) {
        self.enter(Bracket::Substitution);
    }

    fn enter(&mut self, bracket: Bracket) {
        self.outer.push(self.inner);
        self.inner = Frame { bracket, conditionals: 0 };
        let is_block = bracket == Bracket::Block;
        self.previous = if is_block { Previous::Start } else { Previous::Operator };
    }

    pub(super) fn open(&mut self, byte: u8) {
        self.enter(match (byte, self.previous) {
            (b'(', Previous::Head) => Bracket::Head,
            (b'(', Previous::ForHead) => Bracket::ForHead,
            (b'(', _) => Bracket::Parenthesis,
            (b'[', _) => Bracket::Square,
            (_, Previous::Operator | Previous::Doubtful) => Bracket::Object,
            _ => Bracket::Block,
        });
    }

    pub(super) fn close(&mut self, byte: u8) -> Option<Following> {
        let Frame { bracket, conditionals: 0 } = self.inner else { return None };
        self.inner = self.outer.pop()?;
        self.previous = match (byte, bracket) {
            (b')', Bracket::Parenthesis) | (b']', Bracket::Square) | (b'}', Bracket::Object) => {
                Previous::Value
            }
            // Nobody divides a function, so that its body ends as every block does.
            (b')', Bracket::Head | Bracket::ForHead) | (b'}', Bracket::Block) => Previous::Start,
            (b'}', Bracket::Substitution) => return Some(Following::Template),
            _ => return None,
        };
        Some(Following::Code)
    }

    /// A punctuator that is more than an operator, at the start of `rest`; returns its length.
    pub(super) fn punctuator(&mut self, rest: &[u8], is_broken: bool) -> Option<usize> {
        let (length, previous) = match rest {
            [b'.', b'.', b'.', ..] => (3, Previous::Operator),
            [b'.', ..] => (1, Previous::Dot),
            [b'?', b'?', ..] => (2, Previous::Operator),
            [b'?', b'.', third, ..] if !third.is_ascii_digit() => (2, Previous::Dot),
            [b'?', ..] => {
                self.inner.conditionals += 1;
                (1, Previous::Operator)
            }
            [b':', ..] => (1, self.colon()?),
            [b';', ..] => (1, self.semicolon()?),
            [b'=', b'>', ..] => (2, Previous::Start),
            // They start a comment in a script, but not in a module.
            [b'<', b'!', b'-', b'-', ..] => return None,
            [b'-', b'-', b'>', ..] if is_broken => return None,
            // They belong to what follows, or to what is before and change nothing about it.
            [b'+', b'+', ..] | [b'-', b'-', ..] if is_broken => (2, Previous::Operator),
            [b'+', b'+', ..] | [b'-', b'-', ..] => (2, self.previous),
            _ => (1, Previous::Operator),
        };
        self.previous = previous;
        Some(length)
    }

    fn colon(&mut self) -> Option<Previous> {
        if let Some(others) = self.inner.conditionals.checked_sub(1) {
            self.inner.conditionals = others;
            return Some(Previous::Operator);
        }
        match self.inner.bracket {
            Bracket::Block => Some(Previous::Start),
            Bracket::Object => Some(Previous::Operator),
            _ => None,
        }
    }

    fn semicolon(&self) -> Option<Previous> {
        let Frame { bracket, conditionals } = self.inner;
        let is_allowed = matches!(bracket, Bracket::Block | Bracket::ForHead) && conditionals == 0;
        is_allowed.then_some(Previous::Start)
    }

    pub(super) fn word(&mut self, word: &str, is_broken: bool) -> Option<()> {
        self.previous = match word {
            _ if self.previous == Previous::Dot => Previous::Word,
            "in" | "instanceof" => Previous::Operator,
            "of" if self.inner.bracket == Bracket::ForHead && self.is_behind_operand() => {
                Previous::Operator
            }
            _ if self.previous == Previous::Value && !is_broken => return None,
            "await" if self.previous == Previous::ForHead => Previous::ForHead,
            "await" | "let" | "yield" => Previous::Doubtful,
            "case" | "const" | "default" | "delete" | "extends" | "new" | "return" | "throw"
            | "typeof" | "var" | "void" => Previous::Operator,
            "do" | "else" | "finally" | "try" => Previous::Start,
            "if" | "while" | "with" => Previous::Head,
            "for" => Previous::ForHead,
            "accessor" | "async" | "get" | "set" | "static" => Previous::Modifier,
            _ => Previous::Word,
        };
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::imports;

    fn specifiers(text: &str) -> Vec<String> {
        imports(text).into_iter().map(|it| it.specifier).collect()
    }

    #[test]
    fn a_slash_behind_an_operand_divides() {
        let rows = [
            "a ¦ é ¦ of ¦ get ¦ this ¦ a.return ¦ a?.typeof ¦ a.#in ¦ \\u0061b ¦ a\n",
            "1 ¦ 1. ¦ .5 ¦ 1e3 ¦ 0xf ¦ 'a' ¦ `a` ¦ `${a}` ¦ f`a` ¦ /a/g ¦ a / b",
            "a() ¦ (a) ¦ a.if(b) ¦ a.while (b) ¦ for (;;) {} (a) ¦ f(a, {}) ¦ ({a: b}\n)",
            "a[0] ¦ [{}] ¦ a++ ¦ a-- ¦ a?.b ?? c ¦ x = a ? .5 : b ¦ x = a ? b : c",
            "x = {} ¦ x = {a: {}} ¦ x = {get a() {}, b} ¦ x = {if: a}.if ¦ () => ({})",
            "x = a ? b : {} ¦ x = a ? {b: c} : {d: e} ¦ f(a ? {} : {}, {}) ¦ const {a} = {}",
        ];
        for row in rows.iter().flat_map(|row| row.split(" ¦ ")) {
            let text = format!("{row} / '/ import(\"no\") /*'; import('a')");
            assert_eq!(specifiers(&text), ["a"], "{text}");
        }
    }

    #[test]
    fn a_slash_where_an_operand_is_due_opens_a_regular_expression() {
        let rows = [
            "@ ¦ ; @ ¦ { @ } ¦ {} @ ¦ a: @ ¦ a: {} @ ¦ export default @ ¦ export {}; @",
            "x = @ ¦ x = a + @ ¦ !@ ¦ (@) ¦ [@] ¦ f(a, @) ¦ [...@] ¦ a < @ ¦ x >>>= @ ¦ a\n++\n@",
            "x = a ? @ : @ ¦ x = a ? b => {} : c ? d : @ ¦ x = a && @ || @ ?? @ ¦ x = a / @",
            "x = {a: @, [b]: @} ¦ x = {if(a) {}, b: @} ¦ x => @ ¦ x => {}\n@ ¦ `${@}`",
            "() => { return @ } ¦ typeof @ ¦ void @ ¦ delete @ ¦ throw @ ¦ new @ ¦ a in @",
            "a instanceof @ ¦ do @\nwhile (@) @ ¦ do {} while (a) @ ¦ while ((a)) @ ¦ with (a) @",
            "if (a) @; else @ ¦ if (a) {} else {} @ ¦ try {} catch {} @ ¦ try {} finally {} @",
            "for (a of @) @ ¦ for (const [a] of @) @ ¦ for (;; @) @ ¦ for await (a of b) @",
            "switch (a) { case @: @; default: @ } @ ¦ switch (a) { case b ? c : d: {} @ }",
            "function f() {} @ ¦ class A extends B {} @ ¦ class A { static a = @; if(a) {} b = @ }",
        ];
        for row in rows.iter().flat_map(|row| row.split(" ¦ ")) {
            let text = row.replace('@', "/[/]'\\/`\"{(/g") + "; import('a')";
            assert_eq!(specifiers(&text), ["a"], "{text}");
        }
    }

    #[test]
    fn a_text_that_does_not_add_up_imports_nothing() {
        let rows = [
            "'a\n' ¦ \"a\r\" ¦ 'a ¦ `a ¦ `${`a` ¦ `${a ¦ /* a ¦ /a\n/ ¦ /a\\\n/ ¦ /[/\n]",
            "/a/x ¦ /a/\\u0067 ¦ \\u{61} ¦ “a” ¦ @a ¦ \0 ¦ yield / a ¦ await / a ¦ let / a",
            "( ¦ ) ¦ [) ¦ {] ¦ (} ¦ } ¦ { ¦ a ? b ¦ (a ? b) ¦ (a; b) ¦ [a: b] ¦ a ? b;",
            "a 'b' ¦ a 1 ¦ (a) b ¦ 'a' 'b' ¦ /a/ 'b' ¦ 'a' b ¦ a./b/ ¦ if /a/",
            "import a = b ¦ import {a ¦ import {1} ¦ import a ¦ import - ¦ export * as a",
            "<!-- a ¦ a <!-- b ¦ a\n--> b ¦ --> b ¦ /**/ --> b ¦ <p>don't</p>",
        ];
        for row in rows.iter().flat_map(|row| row.split(" ¦ ")) {
            for text in [format!("import 'a'\n{row}"), format!("{row}\n;import('a')")] {
                assert_eq!(imports(&text), [], "{text}");
            }
        }
    }
}
