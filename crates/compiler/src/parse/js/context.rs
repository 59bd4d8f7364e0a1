//! The context of a JavaScript token, from the preceding ones: whether a `/` divides, whether a `{`
//! opens a block, and which tokens cannot follow.

/// The state after the previous token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    /// A statement may start here, or an expression.
    Start,
    /// An operand must follow.
    Operator,
    /// `await`, `let` or `yield`: an operand must follow, unless a script uses it as a name.
    Ambiguous,
    /// A name or any other keyword.
    Word,
    /// A word such as `async` or `static`, which can precede the name of a member.
    Modifier,
    /// The end of an operand.
    Value,
    /// A property name must follow, which can be any keyword.
    Dot,
    /// `if`, `while` or `with`, whose parentheses are followed by a statement.
    Head,
    /// `for`, the same with semicolons or `of` in its parentheses.
    ForHead,
}

/// The kind of a bracket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    /// Braces around statements or class members; also the top level.
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

/// An open bracket.
#[derive(Clone, Copy)]
struct Frame {
    bracket: Bracket,
    /// The number of `?` in it without their `:`, to distinguish that from the `:` of a label.
    conditionals: usize,
}

/// What follows a closing bracket.
pub(super) enum Following {
    /// Tokens.
    Code,
    /// The text of a template.
    Template,
}

/// The syntactic position of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WordPosition {
    /// The start of a top-level statement.
    Statement,
    /// The start of another expression.
    Operand,
    /// Anywhere else.
    Other,
}

/// The state between two tokens. `is_after_newline` is whether a line ended before the next token.
pub(super) struct TokenContext {
    previous: Previous,
    inner: Frame,
    outer: Vec<Frame>,
}

/// `None` means that the token cannot follow the preceding ones.
impl TokenContext {
    pub(super) fn new() -> Self {
        let inner = Frame { bracket: Bracket::Block, conditionals: 0 };
        Self { previous: Previous::Start, inner, outer: Vec::new() }
    }

    /// Whether the text can end here.
    pub(super) fn is_closed(&self) -> bool {
        self.outer.is_empty() && self.inner.conditionals == 0
    }

    /// The number of open brackets.
    pub(super) fn depth(&self) -> usize {
        self.outer.len()
    }

    fn expects_operand(&self) -> bool {
        matches!(self.previous, Previous::Start | Previous::Operator | Previous::Ambiguous)
    }

    fn is_after_operand(&self) -> bool {
        matches!(self.previous, Previous::Word | Previous::Modifier | Previous::Value)
    }

    /// Whether a property name follows.
    pub(super) fn is_after_dot(&self) -> bool {
        self.previous == Previous::Dot
    }

    /// The brackets around here: the innermost ones at level 0, then the next ones.
    pub(super) fn bracket(&self, level: usize) -> Option<Bracket> {
        match level.checked_sub(1) {
            None => Some(self.inner.bracket),
            Some(outer) => self.outer.iter().rev().nth(outer).map(|it| it.bracket),
        }
    }

    /// Whether the innermost brackets are the parentheses of a call or an expression.
    pub(super) fn is_in_parentheses(&self) -> bool {
        self.inner.bracket == Bracket::Parenthesis
    }

    /// Whether they are the parentheses of a condition.
    pub(super) fn is_in_head(&self) -> bool {
        self.inner.bracket == Bracket::Head
    }

    /// Whether they are the braces of statements, or there are none.
    pub(super) fn is_in_block(&self) -> bool {
        self.inner.bracket == Bracket::Block
    }

    /// The position of a word that starts here.
    pub(super) fn word_position(&self, is_after_newline: bool) -> WordPosition {
        let is_start =
            self.previous == Previous::Start || (is_after_newline && self.is_after_operand());
        if is_start && self.outer.is_empty() {
            WordPosition::Statement
        } else if is_start || self.expects_operand() {
            WordPosition::Operand
        } else {
            WordPosition::Other
        }
    }

    /// The end of an operand.
    pub(super) fn value(&mut self) {
        self.previous = Previous::Value;
    }

    /// An operator.
    pub(super) fn operator(&mut self) {
        self.previous = Previous::Operator;
    }

    /// The start of a statement, or of `with` and its braces after a path.
    pub(super) fn statement(&mut self) {
        self.previous = Previous::Start;
    }

    /// Whether a `/` divides; otherwise it starts a regular expression.
    pub(super) fn divides(&self) -> Option<bool> {
        match self.previous {
            Previous::Start | Previous::Operator => Some(false),
            Previous::Word | Previous::Modifier | Previous::Value => Some(true),
            Previous::Ambiguous | Previous::Dot | Previous::Head | Previous::ForHead => None,
        }
    }

    /// A string, number or regular expression. Two of them cannot be adjacent on one line.
    pub(super) fn operand(&mut self, is_after_newline: bool) -> Option<()> {
        let is_allowed = self.expects_operand() || self.previous == Previous::Modifier;
        self.previous = Previous::Value;
        (is_allowed || is_after_newline).then_some(())
    }

    /// The `${` in a template.
    pub(super) fn substitution(&mut self) {
        self.enter(Bracket::Substitution);
    }

    fn enter(&mut self, bracket: Bracket) {
        self.outer.push(self.inner);
        self.inner = Frame { bracket, conditionals: 0 };
        let is_block = bracket == Bracket::Block;
        self.previous = if is_block { Previous::Start } else { Previous::Operator };
    }

    /// An opening bracket.
    pub(super) fn open(&mut self, byte: u8) {
        self.enter(match (byte, self.previous) {
            (b'(', Previous::Head) => Bracket::Head,
            (b'(', Previous::ForHead) => Bracket::ForHead,
            (b'(', _) => Bracket::Parenthesis,
            (b'[', _) => Bracket::Square,
            (_, Previous::Operator | Previous::Ambiguous) => Bracket::Object,
            _ => Bracket::Block,
        });
    }

    /// A closing bracket.
    pub(super) fn close(&mut self, byte: u8) -> Option<Following> {
        let Frame { bracket, conditionals: 0 } = self.inner else { return None };
        self.inner = self.outer.pop()?;
        self.previous = match (byte, bracket) {
            (b')', Bracket::Parenthesis) | (b']', Bracket::Square) | (b'}', Bracket::Object) => {
                Previous::Value
            }
            // The body of a function expression is treated like a block: functions are not divided.
            (b')', Bracket::Head | Bracket::ForHead) | (b'}', Bracket::Block) => Previous::Start,
            (b'}', Bracket::Substitution) => return Some(Following::Template),
            _ => return None,
        };
        Some(Following::Code)
    }

    /// A punctuator other than a plain operator, at the start of `rest`. Returns its length.
    pub(super) fn punctuator(&mut self, rest: &[u8], is_after_newline: bool) -> Option<usize> {
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
            // HTML-like comments exist in scripts but not in modules, so the text is ambiguous.
            [b'<', b'!', b'-', b'-', ..] => return None,
            [b'-', b'-', b'>', ..] if is_after_newline => return None,
            // A prefix operator of what follows, or a postfix operator, which changes nothing.
            [b'+', b'+', ..] | [b'-', b'-', ..] if is_after_newline => (2, Previous::Operator),
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

    /// A name or keyword.
    pub(super) fn word(&mut self, word: &str, is_after_newline: bool) -> Option<()> {
        // As bytes, which are compared in one decision tree, not one string after the other.
        self.previous = match word.as_bytes() {
            _ if self.previous == Previous::Dot => Previous::Word,
            b"in" | b"instanceof" => Previous::Operator,
            b"of" if self.inner.bracket == Bracket::ForHead && self.is_after_operand() => {
                Previous::Operator
            }
            _ if self.previous == Previous::Value && !is_after_newline => return None,
            b"await" if self.previous == Previous::ForHead => Previous::ForHead,
            b"await" | b"let" | b"yield" => Previous::Ambiguous,
            b"case" | b"const" | b"default" | b"delete" | b"extends" | b"new" | b"return"
            | b"throw" | b"typeof" | b"var" | b"void" => Previous::Operator,
            b"do" | b"else" | b"finally" | b"try" => Previous::Start,
            b"if" | b"while" | b"with" => Previous::Head,
            b"for" => Previous::ForHead,
            b"accessor" | b"async" | b"get" | b"set" | b"static" => Previous::Modifier,
            _ => Previous::Word,
        };
        Some(())
    }
}
