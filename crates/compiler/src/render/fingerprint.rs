//! Fingerprinted names: names that change with the content of a file, such as those of bundlers.
//! Clients may cache such a file for a year. A false positive would be stale for that time, so
//! ambiguous names do not count.

/// The `Cache-Control` of a file with this name.
pub(crate) fn cache_control(name: &str) -> &'static str {
    if is_fingerprinted(name) { "max-age=31536000, immutable" } else { "no-cache" }
}

/// Whether the name contains a hash after a `.`, `-` or `_`, as in `app.3f2a9c1b.js` (webpack,
/// Parcel), `index-BxK3f9aZ.js` (Vite, Rollup) or `app-5QXJV7ZK.js` (esbuild).
fn is_fingerprinted(name: &str) -> bool {
    let Some((stem, extension)) = split_extension(name) else { return false };
    // People request pages by name; no bundler puts a hash into it.
    if extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm") {
        return false;
    }
    let mut parts = stem.split(['.', '-', '_']).skip(1);
    if parts.any(|part| is_hexadecimal_hash(part) || is_base32_hash(part)) {
        return true;
    }
    // Vite's alphabet contains `-` and `_` too, so its hash is the last eight characters.
    let Some((rest, hash)) = stem.len().checked_sub(8).and_then(|at| stem.split_at_checked(at))
    else {
        return false;
    };
    rest.ends_with(['.', '-']) && is_base64_hash(hash)
}

/// The stem and the extension. `.map` and `.LICENSE.txt` are added to the name of another file.
fn split_extension(name: &str) -> Option<(&str, &str)> {
    let described = name.strip_suffix(".map").or_else(|| name.strip_suffix(".LICENSE.txt"));
    described.unwrap_or(name).rsplit_once('.').filter(|(stem, _)| !stem.is_empty())
}

/// Eight or more hexadecimal digits, an even number: MD5, SHA and their prefixes. Letters alone may
/// be a word, and digits alone a date.
fn is_hexadecimal_hash(text: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() >= 8
        && text.len().is_multiple_of(2)
        && text.bytes().all(is_digit)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && (text.len() > 10 || changes(text) >= 2)
}

/// esbuild's eight characters. One change between letters and digits may be `VERSION2`.
fn is_base32_hash(text: &str) -> bool {
    text.len() == 8
        && text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
        && changes(text) >= 2
}

/// Eight characters in which upper case, lower case and digits alternate more than in any word or
/// name, `iPhone15` and `Figure2B` included.
fn is_base64_hash(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.bytes().all(is_digit)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && changes(text) >= 4
}

/// How often a character has another class than the one before it.
fn changes(text: &str) -> usize {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    text.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_distinguished_from_words_numbers_and_dates() {
        let rows = [
            ("app.3f2a9c1b.js", true),
            ("main.8e5d4c2a.chunk.css", true),
            ("runtime~main.a1b2c3d4.js", true),
            ("base.27e20196a850.css", true),
            ("logo-d41d8cd98f00b204e9800998ecf8427e.png", true),
            ("index-BxK3f9aZ.js", true),
            ("index-C_9s-x2a.js", true),
            ("index-BxK3f9aZ.js.map", true),
            ("app-5QXJV7ZK.js", true),
            ("vendor.3f2a9c1b.js.LICENSE.txt", true),
            ("index-document.js", false),
            ("app.internal.js", false),
            ("deadbeef.js", false),
            ("app.deadbeef.js", false),
            ("music-decade80.mp3", false),
            ("menu-cafe2024.png", false),
            ("chapter-section1.png", false),
            ("report-20240131.pdf", false),
            ("jquery-3.7.1.min.js", false),
            ("photo-IMG20240.jpg", false),
            ("app-VERSION2.js", false),
            ("the-iPhone15.png", false),
            ("the-Figure2B.png", false),
            ("my-JavaScript.js", false),
            ("3f2a9c1b.js", false),
            ("post-3f2a9c1b.html", false),
            ("book.json", false),
            ("LICENSE", false),
            (".3f2a9c1b", false),
        ];
        for (name, expected) in rows {
            assert_eq!(is_fingerprinted(name), expected, "{name}");
        }
    }
}
