//! How much a part of a name looks like words, models and numbers.

/// How often letters follow each other in words, compared with random letters: rows are the
/// beginning of a word and the letters before, columns are the letters after and the end. A digit
/// is 4 plus the binary logarithm of the ratio, rounded, and from 0 to 8. Counted in a list of
/// 275,000 English words and in the names of programs.
#[rustfmt::skip]
const PAIRS: [&[u8; 27]; 27] = [
    b"545544444224534514644330110", // beginning
    b"045422414026460406563221212", // a
    b"641160006106006005425000200", // b
    b"603050065054006005254000303", // c
    b"510360216003125004404110205", // d
    b"424532212004452306642222104", // e
    b"500065006005006005345000302", // f
    b"500060445004244005504000305", // g
    b"610070006003226004344010503", // h
    b"425453300014375303651300040", // i
    b"700060005000006001007000000", // j
    b"520172036014244103623020304", // k
    b"611361106015115100434100503", // l
    b"640060006001426500504000303", // m
    b"514562615021135101562100103", // n
    b"334422403025564406545332101", // o
    b"600060065005016406444000302", // p
    b"200000002000000000108000000", // q
    b"623361216022336203543100304", // r
    b"404050044022323300564010206", // s
    b"502061057003105005544010304", // t
    b"444442304016562406650100000", // u
    b"600080007000005001003100100", // v
    b"621262056024146104421000102", // w
    b"514061036002105500264011404", // x
    b"424341204004443503541010016", // y
    b"600070006003005000002000341", // z
];

/// What each part of a text subtracts: random texts often change their case, and between letters
/// and digits.
const PER_PART: i32 = 4;

/// How likely a text of letters and digits consists of words, models and numbers: the higher, the
/// more likely. Eight random characters have -20 on average, and most words from 3 to 19.
pub(super) fn likeness(text: &str) -> i32 {
    if !text.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return i32::MIN;
    }
    let of_part = |part: &&str| {
        let length = i32::try_from(part.len()).unwrap_or(i32::MAX);
        let is_number = part.bytes().all(|it| it.is_ascii_digit());
        let likeness = match length {
            _ if is_number => 2 * length,
            1 => 0,
            _ => length + likeness_of_letters(part),
        };
        likeness - PER_PART
    };
    parts(text).iter().map(of_part).sum()
}

/// The sum of [`PAIRS`] for letters; more than 0 if they are a word rather than random.
pub(super) fn likeness_of_letters(letters: &str) -> i32 {
    let columns = letters.bytes().map(|it| usize::from(it.to_ascii_lowercase() - b'a'));
    let rows = std::iter::once(0).chain(columns.clone().map(|it| it + 1));
    let end = PAIRS[0].len() - 1;
    let score = |(row, column): (usize, usize)| i32::from(PAIRS[row][column]) - i32::from(b'4');
    rows.zip(columns.chain([end])).map(score).sum()
}

/// Splits `OpenGL4x` into `Open`, `GL`, `4` and `x`.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let is_start = |at: usize| {
        let (before, byte) = (class(bytes[at - 1]), class(bytes[at]));
        let next = bytes.get(at + 1).map(|it| class(*it));
        match (before, byte) {
            (Class::Upper, Class::Lower) => false,
            // The last capital letter belongs to the word after it.
            (Class::Upper, Class::Upper) => next == Some(Class::Lower),
            (before, byte) => before != byte,
        }
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for at in (1..bytes.len()).filter(|at| is_start(*at)) {
        parts.push(&text[start..at]);
        start = at;
    }
    parts.push(&text[start..]);
    parts
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digit,
    Lower,
    Upper,
    Other,
}

pub(super) fn class(byte: u8) -> Class {
    match byte {
        b'0'..=b'9' => Class::Digit,
        b'a'..=b'z' => Class::Lower,
        b'A'..=b'Z' => Class::Upper,
        _ => Class::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_models_and_numbers_are_likelier_than_random_characters() {
        let rows = [
            ("SETTINGS", 18),
            ("Calendar", 16),
            ("WordPres", 12),
            ("VERSION2", 9),
            ("iPhone15", 6),
            ("IPHONE7S", 3),
            ("Canon5D2", 0),
            ("MacBookM", -2),
            ("OpenGL4x", -7),
            ("GoPro12B", -8),
            ("Nikon1J5", -9),
            ("5INURTSO", 1),
            ("BiNBstUs", -5),
            ("DEXtoiyi", -7),
            ("CHdo91hT", -19),
            ("A3TGUKCP", -21),
            ("D4UDIxQL", -23),
            ("week-1-a", i32::MIN),
        ];
        for (text, expected) in rows {
            assert_eq!(likeness(text), expected, "{text}");
        }
    }
}
