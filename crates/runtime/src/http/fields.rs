//! Request fields: look-up by name, and the grammar that several fields share.

use httparse::Header;

/// A field that the server evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Name {
    AcceptEncoding,
    Connection,
    ContentLength,
    Expect,
    Host,
    IfMatch,
    IfModifiedSince,
    IfNoneMatch,
    IfRange,
    IfUnmodifiedSince,
    Range,
    TransferEncoding,
}

const NAMES: usize = 12;

/// The name of a field; `None` if the server does not evaluate it. Most of these are skipped by
/// their length and first letter alone.
fn classify(name: &str) -> Option<Name> {
    let name = name.as_bytes();
    match (name.len(), name.first()? | 0x20) {
        (4, b'h') => Name::Host.if_equal(name, b"host"),
        (5, b'r') => Name::Range.if_equal(name, b"range"),
        (6, b'e') => Name::Expect.if_equal(name, b"expect"),
        (8, b'i') => {
            Name::IfMatch.if_equal(name, b"if-match").or(Name::IfRange.if_equal(name, b"if-range"))
        }
        (10, b'c') => Name::Connection.if_equal(name, b"connection"),
        (13, b'i') => Name::IfNoneMatch.if_equal(name, b"if-none-match"),
        (14, b'c') => Name::ContentLength.if_equal(name, b"content-length"),
        (15, b'a') => Name::AcceptEncoding.if_equal(name, b"accept-encoding"),
        (17, b'i') => Name::IfModifiedSince.if_equal(name, b"if-modified-since"),
        (17, b't') => Name::TransferEncoding.if_equal(name, b"transfer-encoding"),
        (19, b'i') => Name::IfUnmodifiedSince.if_equal(name, b"if-unmodified-since"),
        _ => None,
    }
}

impl Name {
    /// `self` if `name` equals `known`, ignoring case; both must have the same length. Setting the
    /// bit for lower case turns no other byte of a token into a letter or a hyphen.
    fn if_equal(self, name: &[u8], known: &[u8]) -> Option<Self> {
        name.iter().zip(known).all(|(byte, known)| byte | 0x20 == *known).then_some(self)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The fields of one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    all: &'a [Header<'a>],
    /// The position of the first field of each name, counted from 1; 0 if it is absent.
    first: [u8; NAMES],
    /// The bits of the names that several fields have.
    repeated: u16,
}

impl<'a> Fields<'a> {
    pub(super) fn new(all: &'a [Header<'a>]) -> Self {
        let (mut first, mut repeated) = ([0; NAMES], 0);
        for (count, header) in (1_u8..).zip(all) {
            if let Some(name) = classify(header.name) {
                if first[name as usize] == 0 {
                    first[name as usize] = count;
                } else {
                    repeated |= name.bit();
                }
            }
        }
        Self { all, first, repeated }
    }

    /// Whether the request has this field.
    pub(super) fn has(&self, name: Name) -> bool {
        self.first[name as usize] != 0
    }

    /// The values of all fields of this name, in order and trimmed.
    pub(super) fn values(&self, name: Name) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let found = match usize::from(self.first[name as usize]) {
            0 => &[],
            first if self.is_repeated(name) => &self.all[first - 1..],
            first => &self.all[first - 1..first],
        };
        let has_name = move |header: &&Header<'a>| classify(header.name) == Some(name);
        found.iter().filter(has_name).map(|header| trim(header.value))
    }

    /// The values of all fields of a name that [`Name`] does not have, in order and trimmed.
    pub(super) fn values_of(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let found = self.all.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| trim(header.value))
    }

    /// The value, trimmed, if the request has exactly one field of this name.
    pub(super) fn only(&self, name: Name) -> Option<&'a [u8]> {
        let at = usize::from(self.first[name as usize]).checked_sub(1)?;
        (!self.is_repeated(name)).then(|| trim(self.all[at].value))
    }

    fn is_repeated(&self, name: Name) -> bool {
        self.repeated & name.bit() != 0
    }

    /// The members of the comma-separated lists in all fields of this name, without empty ones (RFC
    /// 9110 section 5.6.1). Not for lists whose members may contain commas.
    pub(super) fn members(&self, name: Name) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let split = |value: &'a [u8]| value.split(|&byte| byte == b',').map(trim);
        self.values(name).flat_map(split).filter(|member| !member.is_empty())
    }
}

/// Removes the optional white space around a value (RFC 9110 section 5.6.3).
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// `token = 1*tchar` (RFC 9110 section 5.6.2).
pub(super) fn is_token(text: &[u8]) -> bool {
    let is_tchar = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !text.is_empty() && text.iter().all(is_tchar)
}

/// Parses decimal digits; larger numbers become `u64::MAX`. `None` if the text is empty or contains
/// anything else.
pub(super) fn parse_number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = text.iter().map(|byte| u64::from(byte - b'0'));
    Some(digits.fold(0, |sum: u64, digit| sum.saturating_mul(10).saturating_add(digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn header<'a>(name: &'a str, value: &'a [u8]) -> Header<'a> {
        Header { name, value }
    }

    #[test]
    fn fields_are_found_by_name_in_any_case_and_in_order() {
        let all = [
            header("Host", b"a"),
            header("accept-ENCODING", b" gzip ,, br"),
            header("X", b"y"),
            header("Accept-Encoding", b"\tidentity"),
            header("Range", b"bytes=0-1"),
        ];
        let fields = Fields::new(&all);
        assert!(fields.has(Name::Host) && !fields.has(Name::IfRange));
        assert_eq!(fields.only(Name::Range), Some(&b"bytes=0-1"[..]));
        assert_eq!(fields.only(Name::AcceptEncoding), None);
        let members: Vec<&[u8]> = fields.members(Name::AcceptEncoding).collect();
        assert_eq!(members, [&b"gzip"[..], b"br", b"identity"]);
        assert_eq!(fields.values(Name::IfMatch).count(), 0);
    }

    #[test]
    fn a_number_is_digits_only_and_never_overflows() {
        let rows: &[(&str, Option<u64>)] = &[
            ("0", Some(0)),
            ("005", Some(5)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", Some(u64::MAX)),
            ("", None),
            ("+5", None),
            ("-5", None),
            ("5 5", None),
            ("0x5", None),
        ];
        for (text, expected) in rows {
            assert_eq!(parse_number(text.as_bytes()), *expected, "{text}");
        }
    }
}
