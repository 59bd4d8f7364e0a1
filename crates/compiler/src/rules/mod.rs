//! The files of rules that a site may hold, in the format of Netlify and Cloudflare Pages: which
//! lines they have and what those ask for. Everything is decided when the site is compiled, and
//! what isn't supported is an error with its line. Nothing here knows which files there are.

pub(crate) mod headers;
mod pattern;
pub(crate) mod redirects;

pub(crate) use self::pattern::Pattern;
use crate::parse::Span;

/// The files that hold rules and are never served. Only those at the root of the site are.
pub(crate) const FILES: [&str; 2] = [redirects::FILE, headers::FILE];

/// A word of a line and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
}

/// Why a line can't be followed.
struct Mistake {
    span: Span,
    what: String,
    help: &'static str,
}

/// The lines of a text without their ends, each with the byte that it begins at. A file that was
/// written on Windows may begin with a byte order mark.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let mark = if start == 0 && line.starts_with('\u{feff}') { 3 } else { 0 };
        let at = start + mark;
        start += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        (at, line.strip_suffix('\r').unwrap_or(line).get(mark..).unwrap_or_default())
    })
}

/// The words of a line up to a `#`, behind which a person talks to persons.
fn words(start: usize, line: &str) -> impl Iterator<Item = Word<'_>> {
    let words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    words.take_while(|word| !word.starts_with('#')).map(move |text| {
        // The word is a part of the line, so that its distance is the offset.
        let at = start + (text.as_ptr().addr() - line.as_ptr().addr());
        Word { text, span: at..at + text.len() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_words_are_found_where_they_stand() {
        let text = "\u{feff}/a  /b\t301 # why\r\n\n  X: y\n# /c";
        let found: Vec<(usize, &str)> = lines(text).collect();
        assert_eq!(found, [(3, "/a  /b\t301 # why"), (21, ""), (22, "  X: y"), (29, "# /c")]);
        for (start, line) in found {
            for word in words(start, line) {
                assert_eq!(&text[word.span], word.text);
            }
        }
        let first: Vec<&str> = words(3, "/a  /b\t301 # why").map(|it| it.text).collect();
        assert_eq!(first, ["/a", "/b", "301"]);
    }
}
