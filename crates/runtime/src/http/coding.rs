//! Negotiation of the content coding by `Accept-Encoding` (RFC 9110 section 12.5.3).

use chapbook_format::{ByCoding, ContentCoding};

use super::fields::{Fields, Name, trim};
use crate::site::Resource;

/// A weight in thousandths (RFC 9110 section 12.4.2).
type Weight = u16;

/// The weights of an `Accept-Encoding` field; `None` for codings that it does not name.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Accepted {
    named: ByCoding<Option<Weight>>,
    /// The weight of `*`, which stands for every coding that is not named.
    others: Option<Weight>,
}

impl Accepted {
    fn parse(fields: &Fields<'_>) -> Self {
        let mut accepted = Self::default();
        // Malformed members are ignored.
        let members = fields.members(Name::AcceptEncoding).filter_map(parse_member);
        members.for_each(|(token, weight)| {
            if token == b"*" {
                accepted.others = Some(weight);
            } else if let Some(coding) = ContentCoding::from_token(token) {
                accepted.named[coding] = Some(weight);
            }
        });
        accepted
    }

    /// The weight of a coding; `None` if the request leaves it open.
    fn weight(&self, coding: ContentCoding) -> Option<Weight> {
        self.named[coding].or(self.others)
    }
}

/// `codings [ weight ]`.
fn parse_member(member: &[u8]) -> Option<(&[u8], Weight)> {
    let semicolon = member.iter().position(|&byte| byte == b';');
    let Some(semicolon) = semicolon else { return Some((member, 1000)) };
    let (coding, parameter) = member.split_at(semicolon);
    let [b'q' | b'Q', b'=', value @ ..] = trim(&parameter[1..]) else { return None };
    Some((trim(coding), parse_weight(value)?))
}

/// `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`.
fn parse_weight(text: &[u8]) -> Option<Weight> {
    let (integer, decimals) = match text {
        [integer @ (b'0' | b'1')] => (integer, &[][..]),
        [integer @ (b'0' | b'1'), b'.', decimals @ ..] if decimals.len() <= 3 => {
            (integer, decimals)
        }
        _ => return None,
    };
    let mut thousandths = Weight::from(integer - b'0') * 1000;
    for (decimal, unit) in decimals.iter().zip([100, 10, 1]) {
        if !decimal.is_ascii_digit() {
            return None;
        }
        thousandths += Weight::from(decimal - b'0') * unit;
    }
    (thousandths <= 1000).then_some(thousandths)
}

/// The index of the representation with the highest weight, and among equal weights of the smallest
/// one; `None` if the client excludes all of them. Index 0 is identity.
pub(super) fn choose(resource: Resource<'_>, fields: &Fields<'_>) -> Option<usize> {
    if !fields.has(Name::AcceptEncoding) {
        return Some(0);
    }
    let accepted = Accepted::parse(fields);
    // Encoded representations are sorted from small to large.
    let encoded = || resource.codings().enumerate().skip(1);
    let mut best = None;
    let mut most = 0;
    for (index, coding) in encoded() {
        let weight = accepted.weight(coding).unwrap_or(0);
        if weight > most {
            (best, most) = (Some(index), weight);
        }
    }
    // Identity is acceptable unless it is excluded. If it is not named, every coding that is named
    // is preferred.
    match (best, accepted.weight(ContentCoding::Identity)) {
        (Some(_), Some(weight)) if weight > most => Some(0),
        (Some(index), _) => Some(index),
        (None, None | Some(1..)) => Some(0),
        // `*;q=0` excludes identity, too, but clients send it to get unencoded content.
        (None, Some(0)) if accepted.named[ContentCoding::Identity].is_none() => Some(0),
        // Identity is excluded by name: any coding without a weight will do, else a 406.
        (None, Some(0)) => {
            let open = encoded().find(|(_, coding)| accepted.weight(*coding).is_none());
            open.map(|(index, _)| index)
        }
    }
}

#[cfg(test)]
mod tests {
    use httparse::Header;

    use super::*;
    use crate::site::{Route, default_site};

    /// The page of the default site, which has every coding.
    fn page() -> Resource<'static> {
        match default_site().find(b"/") {
            Some(Route::Resource(resource)) => resource,
            other => panic!("the route of `/` is a page, not {other:?}"),
        }
    }

    #[test]
    fn the_coding_is_chosen_by_weight_and_then_by_size() {
        use ContentCoding::{Brotli, Gzip, Identity};
        let smallest_except = |excluded: &[ContentCoding]| {
            let mut codings = page().codings().skip(1);
            codings.find(|coding| !excluded.contains(coding))
        };
        let smallest = smallest_except(&[]);
        let rows: &[(&[&str], Option<ContentCoding>)] = &[
            (&[], Some(Identity)),
            (&[""], Some(Identity)),
            (&["identity"], Some(Identity)),
            (&["gzip"], Some(Gzip)),
            (&["x-gzip"], Some(Gzip)),
            (&["GZIP"], Some(Gzip)),
            (&["br"], Some(Brotli)),
            (&["gzip, deflate, br, zstd"], smallest),
            (&["*"], smallest),
            (&["gzip;q=0"], Some(Identity)),
            (&["gzip;q=0.000"], Some(Identity)),
            (&["gzip ; Q=0"], Some(Identity)),
            (&["gzip;q=0.001, identity;q=0"], Some(Gzip)),
            (&["gzip;q=0.5, identity;q=1.0"], Some(Identity)),
            (&["gzip;q=0.5, br;q=0.4"], Some(Gzip)),
            (&["gzip;q=0, *"], smallest_except(&[Gzip])),
            (&["br;q=0, *;q=0.5"], smallest_except(&[Brotli])),
            (&["*;q=0"], Some(Identity)),
            (&["identity;q=0"], smallest),
            (&["identity;q=0, *"], smallest),
            (&["gzip;q=0, br;q=0, identity;q=0"], smallest_except(&[Gzip, Brotli])),
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
            let chosen = choose(page(), &Fields::new(&all)).and_then(|index| page().get(index));
            let chosen = chosen.map(|it| it.coding);
            assert_eq!(chosen, *expected, "{values:?}");
        }
    }
}
