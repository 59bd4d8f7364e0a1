//! Any value of `Accept-Encoding` (RFC 9110 section 12.5.3): what comes is coded in no way that the
//! client refuses, and in none that it likes less than another.

use crate::exchange::{CODINGS, get, page, trim};

/// The weight of each coding in thousandths, `None` where nothing is said; `None` for all where the
/// value breaks the grammar.
pub(crate) fn weights(value: &[u8]) -> Option<[Option<u32>; 3]> {
    let (named, rest) = named(value)?;
    Some(named.map(|it| it.or(rest)))
}

/// The same of what is named, and the weight of all that is not.
fn named(value: &[u8]) -> Option<([Option<u32>; 3], Option<u32>)> {
    let mut weights = [None; 3];
    let mut rest = None;
    for member in value.split(|byte| *byte == b',').map(trim) {
        if member.is_empty() {
            continue;
        }
        let text = std::str::from_utf8(member).ok()?.to_ascii_lowercase();
        let (name, weight) = match text.split_once(';') {
            Some((name, parameter)) => (name.trim_end_matches([' ', '\t']), weight(parameter)?),
            None => (text.as_str(), 1000),
        };
        let is_token = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
        if name.is_empty() || !name.chars().all(is_token) {
            return None;
        }
        // Said twice, it means nothing certain.
        let place = match name {
            "*" => &mut rest,
            "x-gzip" => &mut weights[1],
            name => match CODINGS.iter().position(|it| *it == name) {
                Some(at) => &mut weights[at],
                None => continue,
            },
        };
        if place.replace(weight).is_some() {
            return None;
        }
    }
    Some((weights, rest))
}

fn weight(parameter: &str) -> Option<u32> {
    let value = parameter.trim_matches([' ', '\t']).strip_prefix("q=")?;
    let is_weight = match value.split_once('.') {
        Some((whole, decimals)) => {
            matches!(whole, "0" | "1")
                && decimals.len() <= 3
                && decimals.chars().all(|it| it.is_ascii_digit())
        }
        None => matches!(value, "0" | "1"),
    };
    let thousandths = value.parse::<f64>().ok()? * 1000.0;
    let weight = format!("{thousandths:.0}").parse::<u32>().ok()?;
    (is_weight && weight <= 1000).then_some(weight)
}

/// Of what is coded and liked equally, the smallest comes (see docs/http.md).
fn is_smallest(chosen: usize, weights: [Option<u32>; 3]) {
    let length = |coding: usize| page().forms[coding].content.len();
    let is_equal = |coding: &usize| weights[*coding] == weights[chosen];
    let is_smallest = (1..CODINGS.len()).filter(is_equal).all(|it| length(chosen) <= length(it));
    assert!(chosen == 0 || is_smallest, "{chosen} of {weights:?}");
}

/// Asks for the page in some coding.
pub fn run(value: &[u8]) {
    let Some(answer) = get(&[("Accept-Encoding", value)]) else { return };
    assert_eq!(answer.field("vary"), Some("Accept-Encoding"));
    let named = named(trim(value));
    let is_plain_refused = named.is_some_and(|([identity, ..], _)| identity == Some(0));
    if answer.status == 406 {
        // Only where the plain form is refused by name (see docs/http.md).
        let text = value.to_ascii_lowercase();
        assert!(text.windows(8).any(|it| it == b"identity"), "nobody refused it");
        if let Some((named, rest)) = named {
            let is_nothing_left = named.map(|it| it.or(rest)) == [Some(0); 3];
            assert!(is_plain_refused && is_nothing_left, "406 to {named:?}, {rest:?}");
        }
        return;
    }
    assert_eq!(answer.status, 200);
    let (chosen, form) = page().form_of(&answer);
    assert!(answer.content == form.content && answer.fields == form.fields);
    let Some((named, rest)) = named else { return };
    let weights = named.map(|it| it.or(rest));
    assert!(chosen != 0 || !is_plain_refused, "plain, which {named:?} refuses");
    is_smallest(chosen, weights);
    let most = weights[1..].iter().flatten().max().copied().unwrap_or(0);
    match (chosen, weights[chosen]) {
        (0, identity) => {
            // What is coded would have been as welcome, or more, where it is named at all.
            let is_better = identity.is_some_and(|it| it > most) || most == 0;
            assert!(is_better, "plain, but {weights:?}");
        }
        (_, Some(weight)) => {
            assert!(weight > 0 && weight == most, "{chosen} of {weights:?}");
            assert!(weights[0].is_none_or(|identity| identity <= weight), "{weights:?}");
        }
        (_, None) => assert_eq!((weights[0], most), (Some(0), 0), "{chosen} of {weights:?}"),
    }
}
