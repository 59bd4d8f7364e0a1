//! A quick search for the features of browsers that a script may use. Most scripts use none.

use memchr::memmem;

use super::{
    cursor::is_word_byte,
    features::{FEATURES, Feature, Kind},
};

impl Feature {
    /// The features that a text has the expressions of, perhaps in a string or comment.
    pub(super) fn of_text(text: &str) -> Vec<&'static Self> {
        let mut found = Vec::new();
        for features in FEATURES.chunk_by(|a, b| a.global() == b.global()) {
            let global = features[0].global();
            let mut is_value = false;
            for start in memmem::find_iter(text.as_bytes(), global.as_bytes()) {
                let Some(place) = Place::of(text, start, global) else { continue };
                is_value |= place.is_value;
                for it in features.iter().filter(|it| it.kind() != Kind::Event) {
                    if !found.contains(&it) && it.property().is_none_or(|name| place.has(name)) {
                        found.push(it);
                    }
                }
            }
            if is_value {
                let is_new = |it: &&Self| !found.contains(it) && it.is_named_in(text);
                let features = features.iter().filter(|it| it.kind() != Kind::Event);
                let others: Vec<_> = features.filter(is_new).collect();
                found.extend(others);
            }
        }
        // A script that listens to an event need not name its interface.
        let is_event = |it: &&Self| it.kind() == Kind::Event && it.is_named_in(text);
        found.extend(FEATURES.iter().filter(is_event));
        found
    }

    fn is_named_in(&self, text: &str) -> bool {
        let name = self.property().unwrap_or(self.name);
        let mut found = memmem::find_iter(text.as_bytes(), name.as_bytes());
        found.any(|start| is_word(text, start, name))
    }
}

/// The text around the name of a global.
struct Place<'a> {
    /// The text after `.` or a bracket and a quote.
    property: Option<&'a str>,
    /// What may be a pattern such as in `const { subtle } = window.crypto`.
    pattern: &'a [u8],
    /// Whether a variable may get the value of the global.
    is_value: bool,
}

impl<'a> Place<'a> {
    /// `None` if it is only a part of a word.
    fn of(text: &'a str, start: usize, global: &str) -> Option<Self> {
        if !is_word(text, start, global) {
            return None;
        }
        let (before, after) = (&text[..start], &text[start + global.len()..]);
        let (before, after) = without_brackets(before, after);
        let next = after.trim_start();
        let property = next.strip_prefix("?.").or_else(|| next.strip_prefix('.'));
        let property = property.map(str::trim_start);
        let in_brackets = property.unwrap_or(next).strip_prefix('[').map(str::trim_start);
        let property = in_brackets
            .and_then(|it| it.strip_prefix(['"', '\'', '`']))
            .or(property.filter(|_| in_brackets.is_none()));
        let object = before.trim_end();
        let value = object.strip_suffix('.').map_or(object, |it| {
            it.trim_end_matches(|it: char| it.is_ascii() && is_word_byte(it as u8)).trim_end()
        });
        let is_value = property.is_none()
            && value.ends_with(['=', '?', ':', '&', '{', ','])
            && (next.is_empty()
                || next.starts_with([',', ';', ':', '}'])
                || after[..after.len() - next.len()].contains('\n'));
        Some(Self { property, pattern: pattern_before(object), is_value })
    }

    fn has(&self, name: &str) -> bool {
        match self.property {
            Some(rest) => rest.starts_with(name),
            None => memmem::find(self.pattern, name.as_bytes()).is_some(),
        }
    }
}

/// Whether a name that starts here is not a part of a longer one.
fn is_word(text: &str, start: usize, name: &str) -> bool {
    let is_in_name = |at: Option<usize>| {
        at.and_then(|at| text.as_bytes().get(at)).is_some_and(|it| is_word_byte(*it))
    };
    !is_in_name(start.checked_sub(1)) && !is_in_name(Some(start + name.len()))
}

/// The text around a name, or around its brackets in `window["navigator"]`.
fn without_brackets<'a>(before: &'a str, after: &'a str) -> (&'a str, &'a str) {
    let quotes = ['"', '\'', '`'];
    let in_brackets = || {
        let before = before.strip_suffix(quotes)?.trim_end().strip_suffix('[')?;
        let after = after.strip_prefix(quotes)?.trim_start().strip_prefix(']')?;
        let object = before.strip_suffix("?.").unwrap_or(before);
        let is_part = |it: char| it.is_ascii() && is_word_byte(it as u8);
        Some((object.trim_end_matches(is_part), after))
    };
    in_brackets().unwrap_or((before, after))
}

/// The text that may be a pattern, at the end of a text.
fn pattern_before(text: &str) -> &[u8] {
    /// Patterns are short.
    const PATTERN_MAX: usize = 200;
    let start = text.len().saturating_sub(PATTERN_MAX);
    if text.ends_with(['=', '.']) { &text.as_bytes()[start..] } else { b"" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_the_expressions_of_features_is_skipped() {
        let rows: &[(&str, &[&str])] = &[
            ("navigator.clipboard.writeText(a)", &["navigator.clipboard"]),
            ("navigator\n?.clipboard", &["navigator.clipboard"]),
            ("navigator [ 'clipboard' ]", &["navigator.clipboard"]),
            ("self['navigator']?.[`clipboard`]", &["navigator.clipboard"]),
            ("const {clipboard: a} = window.navigator", &["navigator.clipboard"]),
            ("let a=navigator;a.clipboard", &["navigator.clipboard"]),
            ("let a = w.navigator\na.clipboard", &["navigator.clipboard"]),
            ("let a = w['navigator']; a.clipboard", &["navigator.clipboard"]),
            ("a = typeof navigator < 'u' ? navigator : b; a.clipboard", &["navigator.clipboard"]),
            ("const {b, navigator: a} = self; a.clipboard", &["navigator.clipboard"]),
            ("a = self.SharedArrayBuffer", &["SharedArrayBuffer"]),
            ("navigator.userAgent; clipboard.share()", &[]),
            ("typeof navigator<'u'&&f(navigator); clipboard.share()", &[]),
            ("x = ['navigator', 'clipboard']; mynavigator.clipboard; navigators.clipboard", &[]),
            ("class MyNotification extends NotificationCenter {}", &[]),
        ];
        for (text, expected) in rows {
            let found: Vec<&str> = Feature::of_text(text).iter().map(|it| it.name).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }
}
