//! Variables with the value of a feature, as in `const { subtle } = crypto`, or of what it is a
//! property of, as in `const nav = window.navigator`.
//!
//! Scopes are not known, so a variable counts if a script binds its name only once. A script with
//! such a variable is read twice: a function can precede the declaration of what it uses.

use super::{
    UrlScanner,
    cursor::is_word_byte,
    feature_declaration::{Ending, Variables},
    feature_next::{is_before_expression, strip_binding},
    feature_uses::Access,
};

impl<'a> UrlScanner<'a> {
    /// A variable, whose name is from `start` to here.
    pub(super) fn alias(&mut self, index: usize, start: usize) -> Option<()> {
        let before = self.cursor.text(0..start).trim_end();
        let end = self.cursor.at();
        let alias = &self.features.aliases[index];
        if alias.is_shared || alias.declared_at == start {
            return None;
        }
        if self.may_bind(before) {
            self.features.aliases[index].is_shared = true;
            return None;
        }
        self.cursor.return_to(end);
        let alias = &mut self.features.aliases[index];
        let access = Access::of_alias(index, alias.target, start, before);
        let mut candidates = std::mem::take(&mut alias.candidates);
        let _ = self.access(&mut candidates, access);
        self.features.aliases[index].candidates = candidates;
        Some(())
    }

    /// Whether the name that ends here, and follows this text, may be one that is bound.
    fn may_bind(&mut self, before: &str) -> bool {
        match self.following() {
            None | Some([b'=', b'>', ..]) => true,
            Some([b'=', b'=', ..]) => false,
            Some([b'=', ..] | [b'|', b'|', b'=', ..] | [b'&', b'&', b'=', ..]) => true,
            Some([b'?', b'?', b'=', ..]) => true,
            _ if strip_binding(before).is_some() => true,
            Some([b'(', ..]) => self.is_defined(),
            Some([b'.' | b'[' | b'?' | b'&' | b'|' | b':', ..] | [b'!', b'=', ..]) => false,
            _ if is_before_expression(before) || self.context.is_in_head() => false,
            _ if !self.context.is_in_parentheses() => true,
            _ => self.is_in_parameters() != Some(false),
        }
    }

    /// Whether the name that ends here is the key of a variable in a pattern.
    pub(super) fn is_key_of_alias(&mut self) -> bool {
        let end = self.cursor.at();
        let is_key = self.skip(b':').is_some() && self.cursor.skip_blanks().is_some();
        let start = self.cursor.at();
        self.cursor.return_to(end);
        is_key && self.features.aliases.iter().any(|it| it.declared_at == start)
    }

    /// Looks ahead from a value for the variables that get it, or its properties.
    pub(super) fn learn(&mut self, access: &Access<'a>) {
        if !self.features.learns_aliases() || !access.is_certain {
            return;
        }
        let end = self.cursor.at();
        let ending = self.ending();
        self.cursor.return_to(end);
        let found = ending.and_then(|it| Variables::before(access.before, it));
        let is_next = |before: &str| before.ends_with(',') && self.context.is_in_block();
        let is_declared =
            |it: &Variables<'a>| is_next(it.before) || strip_binding(it.before).is_some();
        let Some(found) = found.filter(is_declared) else { return };
        for member in found.members {
            let target = match member.key {
                Some(key) => self.features.member_of(access.target, key),
                None => Some(access.target),
            };
            if let Some(target) = target {
                self.features.add_alias(member.name, member.start, target, access.alias);
            }
        }
    }

    /// What ends the value that ends here.
    fn ending(&mut self) -> Option<Ending> {
        let is_after_newline = self.cursor.skip_blanks()?;
        match self.cursor.peek(0) {
            None | Some(b';' | b',' | b'}') => Some(Ending::Declaration),
            Some(b':') => Some(Ending::Alternative),
            Some(byte) if is_after_newline && is_word_byte(byte) => {
                let is_operator = matches!(self.cursor.word()?, "in" | "instanceof");
                (!is_operator).then_some(Ending::Declaration)
            }
            _ => None,
        }
    }
}
