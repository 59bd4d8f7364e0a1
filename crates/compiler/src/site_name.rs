//! Name of a site: a text as a file name or as the label of a host.

use chapbook_format::is_host_label;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use url::Host;

/// Maximum number of characters of a name.
const LENGTH_MAX: usize = 40;

/// The letters and digits of a text in lower case, with a hyphen for whatever is between them.
/// Words that would make it longer than 40 characters are left out.
#[must_use]
pub fn hyphenated(text: &str) -> String {
    let mut hyphenated = String::new();
    for word in text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()) {
        let word = word.to_lowercase();
        let length = hyphenated.chars().count() + 1 + word.chars().count();
        if hyphenated.is_empty() {
            hyphenated = word.chars().take(LENGTH_MAX).collect();
        } else if length <= LENGTH_MAX {
            hyphenated = format!("{hyphenated}-{word}");
        } else {
            break;
        }
    }
    hyphenated
}

/// A host label with the words of a text; `None` if it has no letter or digit. Latin letters lose
/// their diacritical marks, and those of other scripts are encoded as in any host name (RFC 5891).
#[must_use]
pub fn host_label(text: &str) -> Option<String> {
    let unmarked = without_marks(text);
    let label = |text: &str| {
        let hyphenated = hyphenated(text);
        // A number is an address without other labels, and a label with them.
        let encoded = match Host::parse(&hyphenated) {
            Ok(Host::Domain(encoded)) => encoded,
            _ => hyphenated,
        };
        Some(encoded).filter(|it| is_host_label(it))
    };
    // An encoded name may be too long.
    label(&unmarked).or_else(|| label(&unmarked.replace(|it: char| !it.is_ascii(), " ")))
}

/// A text whose Latin letters have no diacritical marks.
fn without_marks(text: &str) -> String {
    let decompose = DecomposingNormalizerBorrowed::new_nfd();
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    let unmarked = |letter: char| {
        let first = decompose.normalize_iter([letter].into_iter()).next();
        first.filter(char::is_ascii).unwrap_or(letter)
    };
    composed.chars().map(unmarked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_words_of_a_text() {
        let long = "x".repeat(100);
        let rows = [
            ("Greetings from a chapbook", "greetings-from-a-chapbook"),
            ("My  docs — v2.0!", "my-docs-v2-0"),
            ("Kürbis & Co", "kürbis-co"),
            ("../../etc/passwd", "etc-passwd"),
            (
                "one two three four five six seven eight nine",
                "one-two-three-four-five-six-seven-eight",
            ),
            (long.as_str(), &long[..LENGTH_MAX]),
            ("— ! —", ""),
            ("", ""),
        ];
        for (text, expected) in rows {
            assert_eq!(hyphenated(text), expected, "{text}");
        }
    }

    #[test]
    fn a_host_label_is_ascii() {
        // Ideographs that are far from each other, so that each takes several characters.
        let long: String = (0..40).filter_map(|at| char::from_u32(0x4E00 + at * 487)).collect();
        let rows = [
            ("Greetings from a chapbook", Some("greetings-from-a-chapbook")),
            ("Kürbis & Co", Some("kurbis-co")),
            ("Ku\u{308}rbis", Some("kurbis")),
            ("ＦＵＬＬ width ﬁ", Some("full-width-fi")),
            ("日本語", Some("xn--wgv71a119e")),
            ("Привет, мир", Some("xn----ctbjkdxqigq")),
            (&format!("{long} docs"), Some("docs")),
            (&long, None),
            ("/", None),
            ("/?homescreen=1", Some("homescreen-1")),
            ("127", Some("127")),
            ("xn--", Some("xn")),
            ("--", None),
        ];
        for (text, expected) in rows {
            assert_eq!(host_label(text).as_deref(), expected, "{text}");
        }
    }
}
