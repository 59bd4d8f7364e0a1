//! Whether a part of a name is a hash.

use super::{
    uuid,
    words::{self, class, parts},
};

/// The alphabet of a short hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alphabet {
    /// Webpack, Parcel.
    Hexadecimal,
    /// esbuild, Angular: capital letters and the digits 2 to 7.
    Base32,
    /// Vite, Rollup: letters, digits, `-` and `_`.
    Base64,
}

/// How certain it is that a part of a name is a hash, without knowing other names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// It is a word, a name, a date or a number.
    Never,
    /// It may be a hash, if other names in the folder have one.
    Possible,
    /// It is unlikely to be anything else.
    Likely,
    /// It cannot be anything else.
    Certain,
}

/// The length of a short hash.
pub(super) const SHORT: usize = 8;

/// The lengths of hexadecimal hashes: prefixes that tools use, and complete ones from MD5 to
/// SHA-512. 24 digits are missing: databases make such ids.
const LENGTHS: [usize; 9] = [SHORT, 10, 12, 16, 20, 32, 40, 64, 128];

/// Parses a part that may be a hash of eight characters.
pub(super) fn short(text: &str) -> Option<(Alphabet, Certainty)> {
    let all = |is_in: fn(u8) -> bool| text.bytes().all(is_in);
    if text.len() != SHORT {
        None
    } else if all(is_hexadecimal) {
        Some((Alphabet::Hexadecimal, hexadecimal(text)))
    } else if all(|it| matches!(it, b'A'..=b'Z' | b'2'..=b'7')) {
        Some((Alphabet::Base32, base32(text)))
    } else if all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_')) {
        Some((Alphabet::Base64, base64(text)))
    } else {
        None
    }
}

/// How certain it is that a part is a hexadecimal hash.
pub(super) fn hexadecimal(text: &str) -> Certainty {
    if !LENGTHS.contains(&text.len()) || !text.bytes().all(is_hexadecimal) || uuid::may_be(text) {
        return Certainty::Never;
    }
    let (digits, letters) = (has(text, is_digit), has(text, is_letter));
    match changes(text) {
        // Letters alone may be a word such as `deadbeef`, and digits alone a date.
        _ if !digits || is_word_and_number(text) => Certainty::Never,
        _ if !letters && (is_date(text) || text.len() > SHORT) => Certainty::Never,
        _ if text.len() > 10 && letters => Certainty::Certain,
        0 | 1 => Certainty::Possible,
        2 => Certainty::Likely,
        _ => Certainty::Certain,
    }
}

/// Whether a word is followed by a number, as in `cafe2024`. One of 2,000 hashes looks like that.
fn is_word_and_number(text: &str) -> bool {
    let word = text.trim_end_matches(|it: char| it.is_ascii_digit());
    word.len() >= 4
        && word.bytes().all(is_letter)
        && has(word, is_vowel)
        && words::likeness_of_letters(word) >= 2
}

fn base32(text: &str) -> Certainty {
    match changes(text) {
        // `SETTINGS` or `VERSION2`; one of a hundred hashes looks like that.
        _ if words::likeness(text) >= 3 => Certainty::Never,
        3.. if !has_vowels(text) => Certainty::Certain,
        3.. => Certainty::Likely,
        2 if !has_vowels(text) => Certainty::Likely,
        0 if has_long_cluster(text) => Certainty::Likely,
        _ => Certainty::Possible,
    }
}

/// Whether four or more capital letters in a row may be a word, as in `ES6UTILS`.
fn has_vowels(text: &str) -> bool {
    let is_word = |part: &&str| {
        let vowels = part.bytes().filter(|it| is_vowel(*it)).count();
        part.len() >= 4 && vowels * 4 >= part.len()
    };
    parts(text).iter().any(is_word)
}

fn base64(text: &str) -> Certainty {
    let (lower, upper) = (has(text, is_lower), has(text, is_upper));
    let digits = has(text, is_digit);
    let parts = parts(text);
    // `Canon5D2` or `MacBookM`; one of two hundred hashes looks like that.
    let is_name = words::likeness(text) >= -2;
    let is_plain = !(lower && upper) && changes(text) < 2;
    if !(lower || upper) || is_plain || is_compound(&parts) || is_joined(text) || is_name {
        return Certainty::Never;
    }
    let count = parts.iter().filter(|it| has(it, is_alphanumeric)).count();
    // `OpenGL4x` has four parts, `HtmlToJs` has three.
    let may_be_name = count <= if digits { 4 } else { 3 } && !has_long_cluster(text);
    if !(lower && upper) || may_be_name {
        Certainty::Possible
    } else if changes(text) >= 6 && !text.contains(['-', '_']) {
        Certainty::Certain
    } else {
        Certainty::Likely
    }
}

/// Whether the file may be named after a product or a number, if the name is chosen by people, as
/// those of pictures are. One of twenty hashes in the file name of a picture looks like that.
pub(super) fn may_be_name(text: &str, alphabet: Alphabet) -> bool {
    match alphabet {
        Alphabet::Hexadecimal => text.bytes().all(is_digit),
        Alphabet::Base32 => false,
        // `GoPro12B` or `Nikon1J5`.
        Alphabet::Base64 => words::likeness(text) >= -9,
    }
}

/// Whether the parts are words, as in `OpenType`.
fn is_compound(parts: &[&str]) -> bool {
    let is_word = |(index, part): (usize, &&str)| {
        let (first, rest) = part.split_at(1);
        part.len() >= 2
            && (index == 0 || has(first, is_upper))
            && rest.bytes().all(is_lower)
            && has(part, is_vowel)
    };
    parts.len() <= 3 && parts.iter().enumerate().all(is_word)
}

/// Whether the text consists of words, numbers, models and versions, joined by hyphens or
/// underscores: `week-1-a`, `v2_1-RC2`. One of a hundred random hashes does.
fn is_joined(text: &str) -> bool {
    let is_piece = |piece: &str| {
        let letters = piece.trim_end_matches(|it: char| it.is_ascii_digit());
        let rest = letters.strip_prefix(|it: char| it.is_ascii_uppercase()).unwrap_or(letters);
        rest.bytes().all(is_lower) || rest.bytes().all(is_upper)
    };
    text.contains(['-', '_']) && text.split(['-', '_']).all(is_piece)
}

/// Whether five letters follow one another that are not pronounceable.
fn has_long_cluster(text: &str) -> bool {
    let is_cluster = |part: &&str| {
        part.as_bytes().windows(5).any(|it| it.iter().all(|it| is_letter(*it) && !is_vowel(*it)))
    };
    parts(text).iter().any(is_cluster)
}

/// How often a character has another class than the one before it.
fn changes(text: &str) -> usize {
    text.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count()
}

fn has(text: &str, is_in: fn(u8) -> bool) -> bool {
    text.bytes().any(is_in)
}

fn is_hexadecimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase()
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_vowel(byte: u8) -> bool {
    b"aeiouyAEIOUY".contains(&byte)
}

/// Whether eight digits are a date, in one of the usual orders.
fn is_date(digits: &str) -> bool {
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u16>().ok();
    let in_order = |year, month, day| {
        number(year).is_some_and(|it| (1900..2100).contains(&it))
            && number(month).is_some_and(|it| (1..=12).contains(&it))
            && number(day).is_some_and(|it| (1..=31).contains(&it))
    };
    in_order(0..4, 4..6, 6..8) || in_order(4..8, 0..2, 2..4) || in_order(4..8, 2..4, 0..2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_hash_is_distinguished_from_a_word() {
        use Alphabet::{Base32, Base64, Hexadecimal};
        use Certainty::{Certain, Likely, Never, Possible};
        let rows = [
            ("3f2a9c1b", Some((Hexadecimal, Certain))),
            ("500e2019", Some((Hexadecimal, Likely))),
            ("fab61207", Some((Hexadecimal, Possible))),
            ("decade80", Some((Hexadecimal, Never))),
            ("cebde302", Some((Hexadecimal, Possible))),
            ("17896441", Some((Hexadecimal, Possible))),
            ("20240131", Some((Hexadecimal, Never))),
            ("31012024", Some((Hexadecimal, Never))),
            ("12312024", Some((Hexadecimal, Never))),
            ("deadbeef", Some((Hexadecimal, Never))),
            ("5QXJV7ZK", Some((Base32, Certain))),
            ("B6TNHZQD", Some((Base32, Likely))),
            ("MZRWTSQP", Some((Base32, Likely))),
            ("5INURTSO", Some((Base32, Possible))),
            ("VERSION2", Some((Base32, Never))),
            ("ES6UTILS", Some((Base32, Never))),
            ("A3TGUKCP", Some((Base32, Likely))),
            ("DOCUMENT", Some((Base32, Never))),
            ("BxK3f9aZ", Some((Base64, Certain))),
            ("C_9s-x2a", Some((Base64, Likely))),
            ("lboVNCGP", Some((Base64, Likely))),
            ("CsUDhMuy", Some((Base64, Likely))),
            ("DGGf_ITb", Some((Base64, Likely))),
            ("Canon5D2", Some((Base64, Never))),
            ("iPhone8S", Some((Base64, Never))),
            ("OpenGL4x", Some((Base64, Possible))),
            ("2024-q1b", Some((Base64, Possible))),
            ("HtmlToJs", Some((Base64, Possible))),
            ("DEXtoiyi", Some((Base64, Possible))),
            ("BBPuwvHQ", Some((Base64, Possible))),
            ("OpenType", Some((Base64, Never))),
            ("LinkedIn", Some((Base64, Never))),
            ("document", Some((Base64, Never))),
            ("Document", Some((Base64, Never))),
            ("version9", Some((Base64, Never))),
            ("12-34-56", Some((Base64, Never))),
            ("week-1-a", Some((Base64, Never))),
            ("3-mar-24", Some((Base64, Never))),
            ("z3-x4-y2", Some((Base64, Never))),
            ("v2_1-RC2", Some((Base64, Never))),
            ("Web-Bold", Some((Base64, Never))),
            ("document1", None),
            ("caf\u{e9}123", None),
        ];
        for (text, expected) in rows {
            assert_eq!(short(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_hexadecimal_hash_is_certain_unless_it_is_an_id() {
        let rows = [
            ("27e20196a850", Certainty::Certain),
            ("d41d8cd98f00b204e9800998ecf8427e", Certainty::Certain),
            ("550e8400e29b41d4a716446655440000", Certainty::Never),
            ("507f1f77bcf86cd799439011", Certainty::Never),
            ("202401311200", Certainty::Never),
            ("3f2a9c1b5", Certainty::Never),
            ("3f2a9", Certainty::Never),
        ];
        for (text, expected) in rows {
            assert_eq!(hexadecimal(text), expected, "{text}");
        }
    }
}
