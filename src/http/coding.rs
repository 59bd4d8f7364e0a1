//! This file owns the choice among the codings of one content by `Accept-Encoding` (RFC 9110
//! section 12.5.3). It knows no status.

use chapbook_format::ContentCoding;

use super::fields::{Fields, Name, trim};
use crate::site::{Representation, Resource};

/// A weight in thousandths (RFC 9110 section 12.4.2).
type Weight = u16;

/// What a request says of the codings; `None` where it says nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Accepted {
    identity: Option<Weight>,
    gzip: Option<Weight>,
    brotli: Option<Weight>,
    any: Option<Weight>,
}

impl Accepted {
    fn of(fields: &Fields<'_>) -> Self {
        let mut accepted = Self::default();
        // A member that breaks the grammar says nothing.
        let said = fields.members(Name::AcceptEncoding).filter_map(weighted);
        said.for_each(|(coding, weight)| {
            let place = match coding {
                b"*" => &mut accepted.any,
                _ if coding.eq_ignore_ascii_case(b"gzip") => &mut accepted.gzip,
                // RFC 9110 section 8.4.1.3: an old name for the same.
                _ if coding.eq_ignore_ascii_case(b"x-gzip") => &mut accepted.gzip,
                _ if coding.eq_ignore_ascii_case(b"br") => &mut accepted.brotli,
                _ if coding.eq_ignore_ascii_case(b"identity") => &mut accepted.identity,
                _ => return,
            };
            *place = Some(weight);
        });
        accepted
    }

    /// The weight of a coding; `None` where the request leaves it open.
    fn weight(&self, coding: ContentCoding) -> Option<Weight> {
        match coding {
            ContentCoding::Identity => self.identity.or(self.any),
            ContentCoding::Gzip => self.gzip.or(self.any),
            ContentCoding::Brotli => self.brotli.or(self.any),
        }
    }
}

/// `codings [ weight ]`.
fn weighted(member: &[u8]) -> Option<(&[u8], Weight)> {
    let semicolon = member.iter().position(|&byte| byte == b';');
    let Some(semicolon) = semicolon else { return Some((member, 1000)) };
    let (coding, parameter) = member.split_at(semicolon);
    let [b'q' | b'Q', b'=', value @ ..] = trim(&parameter[1..]) else { return None };
    Some((trim(coding), weight(value)?))
}

/// `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`.
fn weight(text: &[u8]) -> Option<Weight> {
    let (whole, decimals) = match text {
        [whole @ (b'0' | b'1')] => (whole, &[][..]),
        [whole @ (b'0' | b'1'), b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    let mut thousandths = Weight::from(whole - b'0') * 1000;
    for (decimal, unit) in decimals.iter().zip([100, 10, 1]) {
        if !decimal.is_ascii_digit() {
            return None;
        }
        thousandths += Weight::from(decimal - b'0') * unit;
    }
    (thousandths <= 1000).then_some(thousandths)
}

/// The representation that the client likes best, the smallest of those it likes equally; `None`
/// where it excludes them all.
pub(super) fn choose(resource: Resource, fields: &Fields<'_>) -> Option<Representation> {
    let identity = resource.representations().next()?;
    if !fields.has(Name::AcceptEncoding) {
        return Some(identity);
    }
    let accepted = Accepted::of(fields);
    let mut best: Option<(Weight, Representation)> = None;
    for candidate in resource.representations().skip(1) {
        let weight = accepted.weight(candidate.coding()).unwrap_or(0);
        if weight > best.map_or(0, |(most, _)| most) {
            best = Some((weight, candidate));
        }
    }
    // Identity is always acceptable unless it is excluded; where it is not mentioned, any coding
    // that is mentioned is liked better.
    match (best, accepted.weight(ContentCoding::Identity)) {
        (Some((most, _)), Some(weight)) if weight > most => Some(identity),
        (Some((_, candidate)), _) => Some(candidate),
        (None, None | Some(1..)) => Some(identity),
        (None, Some(0)) => without_identity(identity, resource, &accepted),
    }
}

/// Nothing is acceptable. `*;q=0` is a client's way to say "no coding, please", and a 406 would
/// help nobody; but who names identity as what it cannot take is sent a coding that it left open,
/// or told that there is none.
fn without_identity(
    identity: Representation,
    resource: Resource,
    accepted: &Accepted,
) -> Option<Representation> {
    if accepted.identity.is_none() {
        return Some(identity);
    }
    let mut coded = resource.representations().skip(1);
    coded.find(|candidate| accepted.weight(candidate.coding()).is_none())
}

#[cfg(test)]
mod tests {
    use httparse::Header;

    use super::*;
    use crate::site::{Route, Site};

    /// The default site's page, which has all three codings.
    fn page() -> Resource {
        match Site::embedded().find(b"/") {
            Some(Route::Resource(resource)) => resource,
            other => panic!("the page answers at `/`, not {other:?}"),
        }
    }

    #[test]
    fn the_coding_is_chosen_by_weight_and_then_by_size() {
        use ContentCoding::{Brotli, Gzip, Identity};
        let smallest = page().representations().nth(1).unwrap().coding();
        let rows: &[(&[&str], Option<ContentCoding>)] = &[
            (&[], Some(Identity)),
            (&[""], Some(Identity)),
            (&["identity"], Some(Identity)),
            (&["gzip"], Some(Gzip)),
            (&["x-gzip"], Some(Gzip)),
            (&["GZIP"], Some(Gzip)),
            (&["br"], Some(Brotli)),
            (&["gzip, deflate, br, zstd"], Some(smallest)),
            (&["*"], Some(smallest)),
            (&["gzip;q=0"], Some(Identity)),
            (&["gzip;q=0.000"], Some(Identity)),
            (&["gzip ; Q=0"], Some(Identity)),
            (&["gzip;q=0.001, identity;q=0"], Some(Gzip)),
            (&["gzip;q=0.5, identity;q=1.0"], Some(Identity)),
            (&["gzip;q=0.5, br;q=0.4"], Some(Gzip)),
            (&["gzip;q=0, *"], Some(Brotli)),
            (&["br;q=0, *;q=0.5"], Some(Gzip)),
            (&["*;q=0"], Some(Identity)),
            (&["identity;q=0"], Some(smallest)),
            (&["identity;q=0, *"], Some(smallest)),
            (&["gzip;q=0, br;q=0, identity;q=0"], None),
            (&["identity;q=0, *;q=0"], None),
            (&["notgzip"], Some(Identity)),
            (&["gzip-foo"], Some(Identity)),
            (&["q=gzip"], Some(Identity)),
            (&[",,gzip,,"], Some(Gzip)),
            (&["foo", "gzip"], Some(Gzip)),
            (&["foo", "gzip;q=0"], Some(Identity)),
            (&["gzip;q=abc"], Some(Identity)),
            (&["gzip;q="], Some(Identity)),
            (&["gzip;q=1.001"], Some(Identity)),
            (&["gzip;q=0.5000"], Some(Identity)),
            (&["gzip;level=9;q=0.5"], Some(Identity)),
            (&["gzip;"], Some(Identity)),
            (&["\"gzip\""], Some(Identity)),
        ];
        for (values, expected) in rows {
            let all: Vec<Header<'_>> = values
                .iter()
                .map(|value| Header { name: "Accept-Encoding", value: value.as_bytes() })
                .collect();
            let chosen = choose(page(), &Fields::new(&all)).map(Representation::coding);
            assert_eq!(chosen, *expected, "{values:?}");
        }
    }
}
