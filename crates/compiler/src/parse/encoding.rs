//! Encodings that no parser here reads: UTF-16 and UTF-32, and ISO-2022-JP.

/// Byte order marks and the first two ASCII characters without one (XML 1.0 appendix F). `FF` and
/// `00` stand for themselves, `..` for any other byte of ASCII. UTF-32 comes first, because its
/// little-endian mark starts with that of UTF-16.
const STARTS: [([Start; 4], &str); 8] = {
    use Start::{Any, Ascii, Is};
    [
        ([Is(0xff), Is(0xfe), Is(0), Is(0)], "UTF-32"),
        ([Is(0), Is(0), Is(0xfe), Is(0xff)], "UTF-32"),
        ([Ascii, Is(0), Is(0), Is(0)], "UTF-32"),
        ([Is(0), Is(0), Is(0), Ascii], "UTF-32"),
        ([Is(0xff), Is(0xfe), Any, Any], "UTF-16"),
        ([Is(0xfe), Is(0xff), Any, Any], "UTF-16"),
        ([Ascii, Is(0), Ascii, Is(0)], "UTF-16"),
        ([Is(0), Ascii, Is(0), Ascii], "UTF-16"),
    ]
};

/// A byte at the start of a text.
#[derive(Clone, Copy)]
enum Start {
    Is(u8),
    /// A byte of ASCII other than NUL.
    Ascii,
    /// Any byte, or the end of the text.
    Any,
}

impl Start {
    fn matches(self, byte: Option<&u8>) -> bool {
        match self {
            Self::Is(expected) => byte == Some(&expected),
            Self::Ascii => byte.is_some_and(|it| (1..0x80).contains(it)),
            Self::Any => true,
        }
    }
}

/// The encoding of a text if it is UTF-16 or UTF-32. Browsers decode UTF-16 with a byte order mark,
/// whatever the text says (Encoding standard section 6), and no other of these. A declaration such
/// as `<meta charset="utf-16">` in ASCII means UTF-8 (HTML section 13.2.3.2; for `@charset` CSS
/// Syntax section 3.2).
pub(crate) fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    let is_start = |start: &[Start; 4]| {
        start.iter().enumerate().all(|(at, expected)| expected.matches(bytes.get(at)))
    };
    STARTS.iter().find(|(start, _)| is_start(start)).map(|(_, name)| *name)
}

/// Whether the text is in ISO-2022-JP, which browsers detect by the sequences that select one of
/// its character sets. No terminal uses them.
pub(crate) fn is_iso_2022_jp(bytes: &[u8]) -> bool {
    let selects = |at| matches!(bytes.get(at + 1..at + 3), Some(b"$B" | b"$@"));
    memchr::memchr_iter(0x1b, bytes).any(selects) && bytes.is_ascii()
}

/// Replaces the Japanese characters of a text in ISO-2022-JP: their bytes are those of `<`, `"` and
/// other ASCII characters. Offsets stay the same.
pub(crate) fn mask_iso_2022_jp(bytes: &mut [u8]) {
    if !is_iso_2022_jp(bytes) {
        return;
    }
    let (mut at, mut is_ascii) = (0, true);
    while let Some(rest) = bytes.get_mut(at..).filter(|it| !it.is_empty()) {
        let length = match rest {
            [0x1b, b'$' | b'(', set, ..] => {
                // ASCII, and the set of Roman characters that nearly is.
                is_ascii = matches!(set, b'B' | b'J') && rest[1] == b'(';
                rest[..3].fill(b'_');
                3
            }
            [byte, ..] => {
                if !is_ascii && byte.is_ascii_graphic() {
                    *byte = b'_';
                }
                1
            }
            [] => return,
        };
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_characters_are_masked() {
        let rows = [
            ("<p>\x1b$B!<<A\x1b(B</p>", "<p>__________</p>"),
            ("\x1b$@\"\"\n\x1b(J\"x\"", "_____\n___\"x\""),
            ("\x1b$B<", "____"),
            ("\x1b$B\x1b(", "___\x1b_"),
            ("<p>\x1b(B\x1b[1m", "<p>\x1b(B\x1b[1m"),
            ("\u{e9}\x1b$B<p>", "\u{e9}\x1b$B<p>"),
        ];
        for (text, expected) in rows {
            let mut bytes = text.as_bytes().to_vec();
            mask_iso_2022_jp(&mut bytes);
            assert_eq!(String::from_utf8_lossy(&bytes), expected, "{text:?}");
        }
    }

    #[test]
    fn wide_encodings_are_found_by_the_first_bytes() {
        let rows: &[(&[u8], Option<&str>)] = &[
            (b"\xff\xfe<\0", Some("UTF-16")),
            (b"\xff\xfe\x2d\x4e", Some("UTF-16")),
            (b"\xfe\xff\0<", Some("UTF-16")),
            (b"\xfe\xff", Some("UTF-16")),
            (b"\xff\xfe", Some("UTF-16")),
            (b"<\0!\0D\0", Some("UTF-16")),
            (b"\0<\0?\0x", Some("UTF-16")),
            (b"\xff\xfe\0\0<\0\0\0", Some("UTF-32")),
            (b"\0\0\xfe\xff\0\0\0<", Some("UTF-32")),
            (b"<\0\0\0!\0\0\0", Some("UTF-32")),
            (b"\0\0\0<", Some("UTF-32")),
            (b"<meta charset=\"utf-16\">", None),
            (b"@charset \"utf-16\";", None),
            (b"\xef\xbb\xbf<p>", None),
            (b"caf\xe9", None),
            (b"\xff", None),
            (b"\xfe\xfe", None),
            (b"\0\0\0\0", None),
            (b"\0asm", None),
            (b"<\0", None),
            (b"", None),
        ];
        for (bytes, expected) in rows {
            assert_eq!(wide_encoding(bytes), *expected, "{}", bytes.escape_ascii());
        }
    }
}
