//! Preconditions (RFC 9110 section 13): one function per field, and their order.

use super::{
    date,
    fields::{Fields, Name, trim},
};

/// Outcome of all preconditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The method is performed as if there were no preconditions.
    Proceed,
    /// The client already has the content: 304.
    NotModified,
    /// A precondition fails: 412.
    Failed,
}

/// The validators of the selected representation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validators<'a> {
    /// With its quotes, always strong.
    pub(super) entity_tag: &'a [u8],
    /// In seconds since 1970, if the site has a date.
    pub(super) last_modified: Option<u64>,
}

/// Outcome of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldOutcome {
    Absent,
    Holds,
    Fails,
}

/// Whether a request has preconditions. `If-Range` is not a precondition: it only qualifies
/// `Range`.
pub(super) fn is_conditional(fields: &Fields<'_>) -> bool {
    use Name::{IfMatch, IfModifiedSince, IfNoneMatch, IfUnmodifiedSince};

    [IfMatch, IfModifiedSince, IfNoneMatch, IfUnmodifiedSince].iter().any(|it| fields.has(*it))
}

/// Evaluates the preconditions in the order of RFC 9110 section 13.2.2.
pub(super) fn evaluate(fields: &Fields<'_>, validators: Validators<'_>) -> Outcome {
    match if_match(fields, validators) {
        FieldOutcome::Fails => return Outcome::Failed,
        FieldOutcome::Absent if if_unmodified_since(fields, validators) == FieldOutcome::Fails => {
            return Outcome::Failed;
        }
        _ => {}
    }
    match if_none_match(fields, validators) {
        FieldOutcome::Fails => return Outcome::NotModified,
        FieldOutcome::Absent if if_modified_since(fields, validators) == FieldOutcome::Fails => {
            return Outcome::NotModified;
        }
        _ => {}
    }
    Outcome::Proceed
}

/// Section 13.1.1: strong comparison, which a weak tag never satisfies.
fn if_match(fields: &Fields<'_>, validators: Validators<'_>) -> FieldOutcome {
    if !fields.has(Name::IfMatch) {
        return FieldOutcome::Absent;
    }
    let matches = |tag: Tag<'_>| !tag.is_weak && tag.opaque == validators.entity_tag;
    if any_tag(fields, Name::IfMatch, matches) { FieldOutcome::Holds } else { FieldOutcome::Fails }
}

/// Section 13.1.2: weak comparison, which ignores `W/`.
fn if_none_match(fields: &Fields<'_>, validators: Validators<'_>) -> FieldOutcome {
    if !fields.has(Name::IfNoneMatch) {
        return FieldOutcome::Absent;
    }
    let matches = |tag: Tag<'_>| tag.opaque == validators.entity_tag;
    if any_tag(fields, Name::IfNoneMatch, matches) {
        FieldOutcome::Fails
    } else {
        FieldOutcome::Holds
    }
}

/// Section 13.1.3: ignored if either date is missing or invalid.
fn if_modified_since(fields: &Fields<'_>, validators: Validators<'_>) -> FieldOutcome {
    match dates(fields, Name::IfModifiedSince, validators) {
        Some((since, modified)) if modified <= since => FieldOutcome::Fails,
        Some(_) => FieldOutcome::Holds,
        None => FieldOutcome::Absent,
    }
}

/// Section 13.1.4: ignored if either date is missing or invalid.
fn if_unmodified_since(fields: &Fields<'_>, validators: Validators<'_>) -> FieldOutcome {
    match dates(fields, Name::IfUnmodifiedSince, validators) {
        Some((since, modified)) if modified <= since => FieldOutcome::Holds,
        Some(_) => FieldOutcome::Fails,
        None => FieldOutcome::Absent,
    }
}

/// The date in a field, and that of the representation.
fn dates(fields: &Fields<'_>, name: Name, validators: Validators<'_>) -> Option<(u64, u64)> {
    let modified = validators.last_modified?;
    Some((date::parse(fields.only(name)?)?, modified))
}

/// Section 13.1.5: whether the `Range` field applies. Tags are compared strongly. A date must equal
/// `Last-Modified` exactly, and `Last-Modified` is a strong validator here (section 8.8.2.2): it is
/// the date of the complete site, which does not change while it is served.
pub(super) fn if_range(fields: &Fields<'_>, validators: Validators<'_>) -> bool {
    if !fields.has(Name::IfRange) {
        return true;
    }
    let Some(value) = fields.only(Name::IfRange) else { return false };
    match Tag::parse(value) {
        Some((tag, b"")) => !tag.is_weak && tag.opaque == validators.entity_tag,
        Some(_) => false,
        None => {
            validators.last_modified.is_some() && date::parse(value) == validators.last_modified
        }
    }
}

/// `entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE` (RFC 9110 section 8.8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag<'a> {
    is_weak: bool,
    /// With its quotes.
    opaque: &'a [u8],
}

impl<'a> Tag<'a> {
    /// The tag at the start of `text`, and the text after it.
    fn parse(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (is_weak, quoted) = match text.strip_prefix(b"W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let opaque = quoted.strip_prefix(b"\"")?;
        let end = opaque.iter().position(|&byte| byte == b'"')?;
        let is_etagc = |&byte: &u8| byte > b' ' && byte != 0x7f;
        if !opaque[..end].iter().all(is_etagc) {
            return None;
        }
        let (opaque, rest) = quoted.split_at(end + 2);
        Some((Self { is_weak, opaque }, rest))
    }
}

/// Whether any tag of a list matches, or the list is `*`. Tags may contain commas, so the list
/// cannot be split at commas. A malformed tag and the rest of its line are ignored.
fn any_tag(fields: &Fields<'_>, name: Name, matches: impl Fn(Tag<'_>) -> bool) -> bool {
    if fields.only(name) == Some(b"*") {
        return true;
    }
    for value in fields.values(name) {
        let mut rest = value;
        loop {
            rest = trim(rest);
            if let Some(after) = rest.strip_prefix(b",") {
                rest = after;
                continue;
            }
            let Some((tag, after)) = Tag::parse(rest) else { break };
            rest = trim(after);
            if !rest.is_empty() && !rest.starts_with(b",") {
                break;
            }
            if matches(tag) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use httparse::Header;

    use super::*;

    const MODIFIED: u64 = 784_111_777;
    const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const LATER: &str = "Fri, 31 Dec 2100 23:59:59 GMT";

    fn headers<'a>(rows: &[(&'a str, &'a str)]) -> Vec<Header<'a>> {
        rows.iter().map(|(name, value)| Header { name, value: value.as_bytes() }).collect()
    }

    #[test]
    fn preconditions_are_evaluated_in_the_order_of_the_rfc() {
        use Outcome::*;
        let (im, inm) = ("If-Match", "If-None-Match");
        let (ims, ius) = ("If-Modified-Since", "If-Unmodified-Since");
        let rows: &[(&[(&str, &str)], Outcome)] = &[
            (&[], Proceed),
            (&[(im, "\"x\"")], Proceed),
            (&[(im, "*")], Proceed),
            (&[(im, "\"z\", \"x\"")], Proceed),
            (&[(im, "W/\"x\"")], Failed),
            (&[(im, "\"z\"")], Failed),
            (&[(im, "\"z\""), (im, "\"x\"")], Proceed),
            (&[(inm, "\"x\"")], NotModified),
            (&[(inm, "*")], NotModified),
            (&[(inm, "W/\"x\"")], NotModified),
            (&[(inm, "\"a,b\", \"c,d,\" ,, \"x\"")], NotModified),
            (&[(inm, "\"z\""), (inm, "\"x\"")], NotModified),
            (&[(inm, "\"z\"")], Proceed),
            (&[(inm, "\"x")], Proceed),
            (&[(inm, "x")], Proceed),
            (&[(inm, "*, \"z\"")], Proceed),
            (&[(inm, "\"z\" \"x\"")], Proceed),
            (&[(inm, "\"X\"")], Proceed),
            (&[(im, "\"x\""), (inm, "\"x\"")], NotModified),
            (&[(im, "\"z\""), (inm, "\"x\"")], Failed),
            (&[(ims, SAME)], NotModified),
            (&[(ims, LATER)], NotModified),
            (&[(ims, EARLIER)], Proceed),
            (&[(ims, "garbage")], Proceed),
            (&[(inm, "\"z\""), (ims, LATER)], Proceed),
            (&[(inm, "\"x\""), (ims, EARLIER)], NotModified),
            (&[(ius, SAME)], Proceed),
            (&[(ius, EARLIER)], Failed),
            (&[(ius, "garbage")], Proceed),
            (&[(im, "*"), (ius, EARLIER)], Proceed),
        ];
        let validators = Validators { entity_tag: b"\"x\"", last_modified: Some(MODIFIED) };
        for (row, expected) in rows {
            let all = headers(row);
            assert_eq!(evaluate(&Fields::new(&all), validators), *expected, "{row:?}");
        }
        let undated = Validators { last_modified: None, ..validators };
        for name in [ims, ius] {
            for date in [EARLIER, SAME, LATER] {
                let all = headers(&[(name, date)]);
                assert_eq!(evaluate(&Fields::new(&all), undated), Proceed, "{name} {date}");
            }
        }
    }

    #[test]
    fn weak_tag_does_not_satisfy_if_range() {
        let rows: &[(&[&str], bool)] = &[
            (&[], true),
            (&["\"x\""], true),
            (&["W/\"x\""], false),
            (&["\"z\""], false),
            (&["\"x\", \"x\""], false),
            (&["\"x\"", "\"x\""], false),
            (&[SAME], true),
            (&[LATER], false),
            (&[EARLIER], false),
            (&["garbage"], false),
        ];
        let validators = Validators { entity_tag: b"\"x\"", last_modified: Some(MODIFIED) };
        for (values, expected) in rows {
            let all = headers(&values.iter().map(|it| ("If-Range", *it)).collect::<Vec<_>>());
            assert_eq!(if_range(&Fields::new(&all), validators), *expected, "{values:?}");
        }
        let undated = Validators { last_modified: None, ..validators };
        for value in [SAME, "garbage"] {
            let all = headers(&[("If-Range", value)]);
            assert!(!if_range(&Fields::new(&all), undated), "{value}");
        }
    }
}
