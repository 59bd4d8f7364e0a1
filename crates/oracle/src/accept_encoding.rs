//! Any value of `Accept-Encoding` (RFC 9110 section 12.5.3): the content coding of the response is
//! acceptable, and no other one has a higher weight.

use crate::exchange::{CODINGS, Weights, get, page, trim};

/// The weight of each coding in thousandths, `None` if the value does not mention it; `None` for
/// all if the value is malformed.
pub(crate) fn weights(value: &[u8]) -> Option<Weights> {
    let (named, rest) = named(value)?;
    Some(named.map(|it| it.or(rest)))
}

/// The weights of the codings that are named, and the weight of all others.
fn named(value: &[u8]) -> Option<(Weights, Option<u32>)> {
    let mut weights = Weights::default();
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
        // With duplicates the meaning is not defined.
        let entry = match name {
            "*" => &mut rest,
            "x-gzip" => &mut weights[1],
            name => match CODINGS.iter().position(|it| *it == name) {
                Some(at) => &mut weights[at],
                None => continue,
            },
        };
        if entry.replace(weight).is_some() {
            return None;
        }
    }
    Some((weights, rest))
}

fn weight(parameter: &str) -> Option<u32> {
    let value = parameter.trim_matches([' ', '\t']).strip_prefix("q=")?;
    let is_weight = match value.split_once('.') {
        Some((integer, decimals)) => {
            matches!(integer, "0" | "1")
                && decimals.len() <= 3
                && decimals.chars().all(|it| it.is_ascii_digit())
        }
        None => matches!(value, "0" | "1"),
    };
    let thousandths = value.parse::<f64>().ok()? * 1000.0;
    let weight = format!("{thousandths:.0}").parse::<u32>().ok()?;
    (is_weight && weight <= 1000).then_some(weight)
}

/// Asserts that of several compressed representations with the same weight, the smallest is sent
/// (see docs/http.md).
fn assert_smallest(chosen: usize, weights: Weights) {
    let length = |coding: usize| page().representations[coding].content.len();
    let is_equal = |coding: &usize| weights[*coding] == weights[chosen];
    let is_smallest = (1..CODINGS.len()).filter(is_equal).all(|it| length(chosen) <= length(it));
    assert!(chosen == 0 || is_smallest, "{chosen} of {weights:?}");
}

/// Requests the page with this value.
pub fn run(value: &[u8]) {
    let Some(response) = get(&[("Accept-Encoding", value)]) else { return };
    assert_eq!(response.field("vary"), Some("Accept-Encoding"));
    let named = named(trim(value));
    let excludes_identity = named.is_some_and(|([identity, ..], _)| identity == Some(0));
    if response.status == 406 {
        // Only if identity is excluded by name (see docs/http.md).
        let text = value.to_ascii_lowercase();
        assert!(text.windows(8).any(|it| it == b"identity"), "identity is acceptable");
        if let Some((named, rest)) = named {
            let excludes_all = named.map(|it| it.or(rest)) == [Some(0); CODINGS.len()];
            assert!(excludes_identity && excludes_all, "406 to {named:?}, {rest:?}");
        }
        return;
    }
    assert_eq!(response.status, 200);
    let (chosen, representation) = page().representation_of(&response);
    assert!(response.content == representation.content && response.fields == representation.fields);
    let Some((named, rest)) = named else { return };
    let weights = named.map(|it| it.or(rest));
    assert!(chosen != 0 || !excludes_identity, "identity, which {named:?} excludes");
    assert_smallest(chosen, weights);
    let most = weights[1..].iter().flatten().max().copied().unwrap_or(0);
    match (chosen, weights[chosen]) {
        (0, identity) => {
            // A compressed representation with the same weight takes precedence.
            let is_best = identity.is_some_and(|it| it > most) || most == 0;
            assert!(is_best, "identity, but {weights:?}");
        }
        (_, Some(weight)) => {
            assert!(weight > 0 && weight == most, "{chosen} of {weights:?}");
            assert!(weights[0].is_none_or(|identity| identity <= weight), "{weights:?}");
        }
        (_, None) => assert_eq!((weights[0], most), (Some(0), 0), "{chosen} of {weights:?}"),
    }
}
