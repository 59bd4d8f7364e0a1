//! Declarations of variables, read backwards from the value.

use memchr::memrchr;

use super::{cursor::is_word_byte, feature_next::GLOBAL_OBJECTS};

/// Patterns and conditions are short.
const LENGTH_MAX: usize = 300;

/// Objects that every page has.
const OBJECTS: [&str; 3] = ["navigator", "document", "crypto"];

/// What follows a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The end of the declaration.
    Declaration,
    /// The `:` of a conditional expression.
    Alternative,
}

/// The variables that a declaration gives a value or its properties.
pub(super) struct Variables<'a> {
    /// The text before the name or the pattern.
    pub(super) before: &'a str,
    pub(super) members: Vec<Variable<'a>>,
}

/// A variable.
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    /// The start of its name.
    pub(super) start: usize,
    /// The property that it gets, if not the value.
    pub(super) key: Option<&'a str>,
}

impl<'a> Variables<'a> {
    /// The variables that get the value between this text and this ending.
    pub(super) fn before(text: &'a str, ending: Ending) -> Option<Self> {
        let left = before_condition(text, ending)?.strip_suffix('=')?.trim_end();
        if let Some(pattern) = left.strip_suffix('}') {
            return Self::of_pattern(pattern);
        }
        let length = left.bytes().rev().take_while(|it| is_word_byte(*it)).count();
        let (before, name) = left.split_at_checked(left.len() - length)?;
        let variable = Variable { name, start: before.len(), key: None };
        (length > 0).then(|| Self { before: before.trim_end(), members: vec![variable] })
    }

    /// The variables of a pattern, which this text ends with, without its last brace. Those with a
    /// default value are left out.
    fn of_pattern(text: &'a str) -> Option<Self> {
        let first = text.len().saturating_sub(LENGTH_MAX);
        let open = first + memrchr(b'{', &text.as_bytes()[first..])?;
        let (before, mut start) = (text[..open].trim_end(), open + 1);
        let mut members = Vec::new();
        for member in text[start..].split(',') {
            let key_length = member.find(':');
            let in_member = key_length.map_or(0, |it| it + 1);
            let variable = &member[in_member..];
            let blanks = variable.len() - variable.trim_start().len();
            let name = variable.trim();
            let key = member[..key_length.unwrap_or(member.len())].trim();
            if !name.is_empty() && name.bytes().all(is_word_byte) {
                members.push(Variable { name, start: start + in_member + blanks, key: Some(key) });
            }
            start += member.len() + 1;
        }
        Some(Self { before, members })
    }
}

/// The text up to `=` before a value. A condition that every page meets may be between them, as in
/// `typeof navigator !== "undefined" ?`.
fn before_condition(text: &str, ending: Ending) -> Option<&str> {
    let (before, expected) = match (ending, text.as_bytes().last()?) {
        (Ending::Declaration, b'=') => return Some(text),
        (Ending::Declaration, b'&') => (text.strip_suffix("&&")?, true),
        (Ending::Alternative, b'?') => (text.strip_suffix('?')?, true),
        (Ending::Declaration, b':') => {
            let first = text.len().saturating_sub(LENGTH_MAX);
            let question = memrchr(b'?', &text.as_bytes()[first..])?;
            (&text[..first + question], false)
        }
        _ => return None,
    };
    let (before, is_defined) = before_typeof(before.trim_end())?;
    (is_defined == expected).then_some(before)
}

/// The text before a test whether an object exists that every page has, and whether it does then.
fn before_typeof(text: &str) -> Option<(&str, bool)> {
    let first = text.len().saturating_sub(LENGTH_MAX);
    let first = (first..=text.len()).find(|it| text.is_char_boundary(*it))?;
    let recent = text.get(first..)?;
    let (before, operand) = recent.rsplit_once("typeof")?;
    let before = &text[..text.len() - recent.len() + before.len()];
    let operand = operand.trim_start();
    let length = operand.bytes().take_while(|it| is_word_byte(*it)).count();
    let (name, rest) = operand.split_at_checked(length)?;
    if !GLOBAL_OBJECTS.contains(&name) && !OBJECTS.contains(&name) {
        return None;
    }
    let is_operator = |it: char| matches!(it, '=' | '!' | '<' | '>');
    let (before, operator, value, is_reversed) = if rest.is_empty() {
        let left = before.trim_end();
        let value = left.trim_end_matches(is_operator).trim_end();
        let operator = left[value.len()..].trim_start();
        let quote = value.chars().next_back().filter(|it| matches!(it, '"' | '\'' | '`'))?;
        let (before, value) = value.strip_suffix(quote)?.rsplit_once(quote)?;
        (before, operator, value, true)
    } else {
        let value = rest.trim_start().trim_start_matches(is_operator);
        let operator = rest.trim_start().strip_suffix(value)?;
        let value = value.trim_start().strip_prefix(['"', '\'', '`'])?;
        (before, operator, value.strip_suffix(['"', '\'', '`'])?, false)
    };
    let is_defined = match (value, operator) {
        ("undefined", "!==" | "!=") | ("object", "===" | "==") => true,
        ("undefined", "===" | "==") | ("object", "!==" | "!=") => false,
        ("u", "<") => !is_reversed,
        ("u", ">") => is_reversed,
        _ => return None,
    };
    Some((before.trim_end(), is_defined))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_before_a_value_are_found() {
        use Ending::{Alternative, Declaration};
        let rows = [
            ("const a =", Declaration, "const a"),
            ("var b=1,a=", Declaration, "var b=1, a"),
            ("let {a, b: c} =", Declaration, "let a=a b=c"),
            ("const { a = 1, b : c, ...d } =", Declaration, "const b=c"),
            ("a.b =", Declaration, "a. b"),
            ("const a = typeof window !== 'undefined' ?", Alternative, "const a"),
            ("const a=typeof navigator<\"u\"?", Alternative, "const a"),
            ("const a=\"u\">typeof navigator?", Alternative, "const a"),
            ("const a = typeof self === `undefined` ? null :", Declaration, "const a"),
            ("const a=\"undefined\"!=typeof window&&", Declaration, "const a"),
            ("const {a} = typeof window === 'object' ?", Alternative, "const a=a"),
        ];
        for (text, ending, expected) in rows {
            let found = Variables::before(text, ending);
            let found = found.map(|it| {
                let start = |it: &Variable<'_>| assert!(text[it.start..].starts_with(it.name));
                it.members.iter().for_each(start);
                let key = |it: &Variable<'_>| it.key.map_or(String::new(), |it| format!("{it}="));
                let members = it.members.iter().map(|it| format!(" {}{}", key(it), it.name));
                it.before.to_owned() + &members.collect::<String>()
            });
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_value_that_other_pages_have_is_not_that_of_the_variable() {
        use Ending::{Alternative, Declaration};
        let rows = [
            ("a", Declaration),
            ("a ==", Declaration),
            ("const a = b ?", Alternative),
            ("const a = typeof window === 'undefined' ?", Alternative),
            ("const a = typeof window !== 'undefined' ? b :", Declaration),
            ("const a = typeof process !== 'undefined' ?", Alternative),
            ("const a = typeof window > 'u' ?", Alternative),
            ("const a = b && typeof window < 'u' ?", Alternative),
            ("const a =", Alternative),
            ("{a} }=", Declaration),
        ];
        for (text, ending) in rows {
            let found = Variables::before(text, ending);
            let count =
                found.filter(|it| it.before.ends_with("const")).map_or(0, |it| it.members.len());
            assert_eq!(count, 0, "{text}");
        }
    }
}
