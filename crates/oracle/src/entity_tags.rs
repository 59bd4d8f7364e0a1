//! Any list of entity tags (RFC 9110 sections 8.8.3 and 13.1): conditional requests for the page
//! are evaluated correctly.

use crate::exchange::{get, page, trim};

/// A placeholder for the tag of the page in the input, which no fuzzer would guess.
const TAG: u8 = 0x01;

/// How a list matches an entity tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TagMatch {
    /// With the strong tag.
    pub(crate) strong: bool,
    /// With the tag as a weak one.
    pub(crate) weak: bool,
}

/// Matches a list with a tag; `None` if the list is malformed.
pub(crate) fn matches(tag: &str, list: &str) -> Option<TagMatch> {
    let mut found = TagMatch { strong: false, weak: false };
    let mut rest = list.trim_matches([' ', '\t']);
    if rest == "*" {
        return Some(TagMatch { strong: true, weak: true });
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(found);
        }
        let opaque = rest.strip_prefix("W/");
        let is_weak = opaque.is_some();
        let opaque = opaque.unwrap_or(rest).strip_prefix('"')?;
        let (inner, after) = opaque.split_once('"')?;
        // etagc is any visible character except the quote.
        if !inner.chars().all(|it| it > ' ' && it != '\u{7f}') {
            return None;
        }
        if format!("\"{inner}\"") == tag {
            found.weak |= is_weak;
            found.strong |= !is_weak;
        }
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

/// Requests the page with `If-None-Match`, `If-Match` and `If-Range`.
pub fn run(data: &[u8]) {
    let tag = page().tag();
    let tag_bytes = |byte: &u8| if *byte == TAG { tag.as_bytes().to_vec() } else { vec![*byte] };
    let value: Vec<u8> = data.iter().flat_map(tag_bytes).collect();
    let text = String::from_utf8_lossy(trim(&value)).into_owned();
    let found = matches(tag, &text);
    if let Some(response) = get(&[("If-None-Match", &value)]) {
        let status = response.status;
        // A malformed list can match or not, but not without containing the tag.
        let can_match = text == "*" || text.contains(tag);
        match found {
            Some(found) => {
                let expected = if found.strong || found.weak { 304 } else { 200 };
                assert_eq!(status, expected, "If-None-Match: {text}");
            }
            None => assert!(status == 200 || (status == 304 && can_match), "{text}"),
        }
        assert_eq!(response.content.is_empty(), status == 304);
    }
    if let Some(response) = get(&[("If-Match", &value)]) {
        let can_match = found.map_or(text.contains(tag), |found| found.strong);
        let is_allowed = match response.status {
            200 => can_match,
            412 => found.is_none() || !can_match,
            _ => false,
        };
        assert!(is_allowed, "If-Match: {text}: {}", response.status);
    }
    run_if_range(trim(&value));
}

/// Requests a range with `If-Range` (section 13.1.5), which takes the tag itself, not a list.
fn run_if_range(value: &[u8]) {
    let fields = [("If-Range", value), ("Range", b"bytes=1-2")];
    let Some(response) = get(&fields) else { return };
    let complete = &page().representations[0];
    // The date of the page matches as well.
    if complete.field("last-modified").is_some() && value != page().tag().as_bytes() {
        return;
    }
    let is_same = value == page().tag().as_bytes();
    let expected =
        if is_same { (206, &complete.content[1..=2]) } else { (200, &*complete.content) };
    assert!((response.status, &*response.content) == expected, "{}", value.escape_ascii());
}
