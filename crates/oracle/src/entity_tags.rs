//! Any list of entity tags (RFC 9110 sections 8.8.3 and 13.1): the page is sent unless the client
//! has it already, and never if it asked for another one.

use crate::exchange::{get, page, trim};

/// Stands for the tag of the page in what is run, since nobody guesses it.
const TAG: u8 = 0x01;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) strong: bool,
    pub(crate) weak: bool,
}

/// Whether a list has the tag; `None` where it is no list.
pub(crate) fn look_for(tag: &str, list: &str) -> Option<Found> {
    let mut found = Found { strong: false, weak: false };
    let mut rest = list.trim_matches([' ', '\t']);
    if rest == "*" {
        return Some(Found { strong: true, weak: true });
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(found);
        }
        let opaque = rest.strip_prefix("W/");
        let is_weak = opaque.is_some();
        let opaque = opaque.unwrap_or(rest).strip_prefix('"')?;
        let (inner, behind) = opaque.split_once('"')?;
        // etagc is any visible character but the quote.
        if !inner.chars().all(|it| it > ' ' && it != '\u{7f}') {
            return None;
        }
        if format!("\"{inner}\"") == tag {
            found.weak |= is_weak;
            found.strong |= !is_weak;
        }
        rest = behind.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

/// Asks for the page on condition.
pub fn run(data: &[u8]) {
    let tag = page().tag();
    let tag_bytes = |byte: &u8| if *byte == TAG { tag.as_bytes().to_vec() } else { vec![*byte] };
    let value: Vec<u8> = data.iter().flat_map(tag_bytes).collect();
    let text = String::from_utf8_lossy(trim(&value)).into_owned();
    let found = look_for(tag, &text);
    if let Some(answer) = get(&[("If-None-Match", &value)]) {
        // In what is no list, the tag may be seen or not; but it must be there to be seen.
        let is_there = text == "*" || text.contains(tag);
        match found {
            Some(found) => {
                let expected = if found.strong || found.weak { 304 } else { 200 };
                assert_eq!(answer.status, expected, "If-None-Match: {text}");
            }
            None => assert!(answer.status == 200 || (answer.status == 304 && is_there), "{text}"),
        }
        assert_eq!(answer.content.is_empty(), answer.status == 304);
    }
    if let Some(answer) = get(&[("If-Match", &value)]) {
        let is_there = found.map_or(text.contains(tag), |found| found.strong);
        let is_allowed = match answer.status {
            200 => is_there,
            412 => found.is_none() || !is_there,
            _ => false,
        };
        assert!(is_allowed, "If-Match: {text}: {}", answer.status);
    }
    run_if_range(trim(&value));
}

/// Asks for a part on condition (section 13.1.5): it comes for the tag itself, and for no list.
fn run_if_range(value: &[u8]) {
    let fields = [("If-Range", value), ("Range", b"bytes=1-2")];
    let Some(answer) = get(&fields) else { return };
    let whole = &page().forms[0];
    // Where there is a date, it is as good as the tag.
    if whole.field("last-modified").is_some() && value != page().tag().as_bytes() {
        return;
    }
    let is_same = value == page().tag().as_bytes();
    let expected = if is_same { (206, &whole.content[1..=2]) } else { (200, &*whole.content) };
    assert!((answer.status, &*answer.content) == expected, "{}", value.escape_ascii());
}
