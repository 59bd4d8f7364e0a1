//! The values of JavaScript string and template literals.

/// The value of a literal with this text between its quotes; `None` if it is not Unicode text or
/// has an escape that modules do not allow.
pub(super) fn value(text: &str) -> Option<String> {
    // Escapes can write a character as a surrogate pair.
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        units.extend(before.encode_utf16());
        rest = push_escape(escape, &mut units)?;
    }
    units.extend(rest.encode_utf16());
    String::from_utf16(&units).ok()
}

/// Parses the escape at the start of `text`, after its `\`. Returns the rest.
fn push_escape<'a>(text: &'a str, units: &mut Vec<u16>) -> Option<&'a str> {
    let mut characters = text.chars();
    let first = characters.next()?;
    let rest = characters.as_str();
    let value = match first {
        'b' => 0x08,
        't' => 0x09,
        'n' => 0x0a,
        'v' => 0x0b,
        'f' => 0x0c,
        'r' => 0x0d,
        'x' => return push_digits(rest.split_at_checked(2)?, units),
        'u' => {
            let digits = match rest.strip_prefix('{') {
                Some(braced) => braced.split_once('}')?,
                None => rest.split_at_checked(4)?,
            };
            return push_digits(digits, units);
        }
        '0'..='9' => return None,
        // A line continuation, which is not part of the value.
        '\r' => return Some(rest.strip_prefix('\n').unwrap_or(rest)),
        '\n' | '\u{2028}' | '\u{2029}' => return Some(rest),
        _ => u32::from(first),
    };
    push(value, units)?;
    Some(rest)
}

fn push_digits<'a>((digits, rest): (&str, &'a str), units: &mut Vec<u16>) -> Option<&'a str> {
    if digits.starts_with('+') {
        return None;
    }
    push(u32::from_str_radix(digits, 16).ok()?, units)?;
    Some(rest)
}

fn push(value: u32, units: &mut Vec<u16>) -> Option<()> {
    match u16::try_from(value) {
        Ok(unit) => units.push(unit),
        Err(_) => units.extend_from_slice(char::from_u32(value)?.encode_utf16(&mut [0; 2])),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved() {
        let rows: &[(&str, Option<&str>)] = &[
            ("./plain-é😀.js", Some("./plain-é😀.js")),
            (r"\x2e\u002f\u{2f}\/\'\é", Some(".///'é")),
            (r"\ud83d\ude00 \u{1F600} \u{00001f600}", Some("😀 😀 😀")),
            (r"\b\t\n\v\f\r\\n", Some("\x08\t\n\x0b\x0c\r\\n")),
            ("a\\\nb\\\r\nc\\\rd\\\u{2028}e", Some("abcde")),
            ("", Some("")),
            (r"\ud83d", None),
            (r"\u{110000}", None),
            (r"\u{fffffffff}", None),
            (r"\u{}", None),
            (r"\u{61", None),
            (r"\u006", None),
            (r"\u00é", None),
            (r"\x+1", None),
            (r"\xé", None),
            (r"\0", None),
            ("\\", None),
        ];
        for (text, expected) in rows {
            assert_eq!(value(text).as_deref(), *expected, "{text}");
        }
    }
}
