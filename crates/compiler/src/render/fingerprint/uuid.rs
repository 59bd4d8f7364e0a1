//! UUIDs in names, which identify a thing and not its content.

/// Whether a UUID with its hyphens is part of a text.
pub(super) fn is_in(text: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split(['-', '.', '_']).collect();
    let is_group = |(part, length): (&&str, &usize)| {
        part.len() == *length && part.bytes().all(|it| it.is_ascii_hexdigit())
    };
    parts.windows(GROUPS.len()).any(|parts| parts.iter().zip(&GROUPS).all(is_group))
}

/// Whether 32 hexadecimal digits may be a UUID without its hyphens: its version and variant have
/// fixed places, and a version with a time begins with one of this age (RFC 9562 section 5). One of
/// twenty MD5 hashes looks like that.
pub(super) fn may_be(text: &str) -> bool {
    if text.len() != 32 || !text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')) {
        return false;
    }
    let is_in_variant = matches!(text.as_bytes()[16], b'8' | b'9' | b'a' | b'b');
    // The highest digits of a time from 1982 to 2039 in units of 100 ns.
    let is_recent = |digits: &str| matches!(digits, "1c" | "1d" | "1e" | "1f");
    is_in_variant
        && match &text[12..13] {
            "1" => is_recent(&text[13..15]),
            "3" | "4" | "5" => true,
            "6" => is_recent(&text[..2]),
            // Milliseconds from 2004 to 2039.
            "7" => text.starts_with("01"),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_without_hyphens_has_a_version_a_variant_and_a_plausible_time() {
        let rows = [
            ("c232ab00941411ec b3c89f6bdeced846", true),
            ("fa1c257c6f561c5c b347611a3ce9d97d", false),
            ("9125a8dc52ee365b a5aa81b0b3681cf6", true),
            ("550e8400e29b41d4 a716446655440000", true),
            ("550e8400e29b41d4 c716446655440000", false),
            ("2ed6657de927568b 95e12665a8aea6a2", true),
            ("1ec9414c232a6b00 b3c89f6bdeced846", true),
            ("8ec9414c232a6b00 b3c89f6bdeced846", false),
            ("017f22e279b07cc3 98c4dc0c0c07398f", true),
            ("f17f22e279b07cc3 98c4dc0c0c07398f", false),
            ("d41d8cd98f00b204 e9800998ecf8427e", false),
            ("d41d8cd9", false),
        ];
        for (text, expected) in rows {
            assert_eq!(may_be(&text.replace(' ', "")), expected, "{text}");
        }
    }
}
