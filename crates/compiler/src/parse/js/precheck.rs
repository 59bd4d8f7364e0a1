//! A quick search for what can load something. Most scripts have none of it, and bundles are long.

use memchr::memmem;

use super::{
    cdn::{self, ExternalUrl},
    cursor::is_word_byte,
};
use crate::parse::reference::LoadedAs;

/// Whether a text can contain an import or a URL that it may load.
pub(super) fn may_load(text: &str) -> bool {
    let contains = |call: &str| memmem::find(text.as_bytes(), call.as_bytes()).is_some();
    // `Worker(` is in `SharedWorker(`.
    let calls = ["importScripts", "Worker(", "serviceWorker", "addModule(", "getScript("];
    has_import(text.as_bytes())
        || calls.into_iter().any(contains)
        || has_external_url(text)
        || has_assignment(text)
}

/// Whether a text has an import: the word `import` before a parenthesis or a path, or `from` before
/// a path. Bundles are full of `exports`, and of lists of keywords.
fn has_import(text: &[u8]) -> bool {
    precedes(text, "import", b"(\"'") || precedes(text, "from", b"\"'")
}

/// Whether one of these bytes can follow a word. Only white space and comments are between them.
fn precedes(text: &[u8], word: &str, following: &[u8]) -> bool {
    memmem::find_iter(text, word.as_bytes()).any(|start| {
        // A word that directly follows a quote is the text of a string.
        let is_in_word = |byte: u8| is_word_byte(byte) || is_quote(char::from(byte));
        let is_start = !start.checked_sub(1).is_some_and(|at| is_in_word(text[at]));
        let next = text[start + word.len()..].iter().find(|byte| **byte > b' ');
        // A slash starts a comment, and white space beyond ASCII is rare.
        is_start
            && next.is_some_and(|byte| following.contains(byte) || matches!(byte, b'/' | 0x80..))
    })
}

/// Whether the text of a literal may be a URL with a host.
pub(super) fn is_external(text: &str) -> bool {
    let first = text.as_bytes().first();
    if !matches!(first, Some(b'/' | b'h' | b'H' | b'\\')) {
        return false;
    }
    ["//", "http://", "https://", r"\/\/", r"http:\/\/", r"https:\/\/"]
        .iter()
        .any(|start| text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start)))
}

fn has_external_url(text: &str) -> bool {
    // JSON that is written into a script has escaped slashes.
    let is_after_start = |slashes: usize| text[..slashes].ends_with([':', '"', '\'', '`']);
    if memmem::find_iter(text.as_bytes(), br"\/\/").any(is_after_start) {
        return true;
    }
    memmem::find_iter(text.as_bytes(), b"//").any(|slashes| {
        let (before, rest) = (&text[..slashes], &text[slashes..]);
        let before = before
            .strip_suffix(':')
            .map_or(before, |it| it.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()));
        let Some(quote) = before.chars().next_back().filter(|it| is_quote(*it)) else {
            return false;
        };
        let Some(url) = rest.split(quote).next().and_then(ExternalUrl::parse) else {
            return false;
        };
        let is_resource =
            matches!(url.by_extension(), Some(LoadedAs::Script | LoadedAs::StyleSheet));
        is_resource || url.is_on_known_host()
    })
}

/// Whether a path with the extension of a script or style sheet is assigned or an argument.
fn has_assignment(text: &str) -> bool {
    /// Longer URLs are skipped, to bound the time.
    const URL_MAX: usize = 300;
    let text = text.as_bytes();
    let is_assigned = |dot: usize, extension: &str| {
        let after = &text[dot..text.len().min(dot + URL_MAX)];
        let is_end = |byte: u8| is_quote(char::from(byte)) || matches!(byte, b'?' | b'#');
        if !after.get(extension.len()).copied().is_some_and(is_end) {
            return false;
        }
        let Some(length) = after.iter().position(|it| is_quote(char::from(*it))) else {
            return false;
        };
        let first = dot.saturating_sub(URL_MAX);
        let Some(quote) = memchr::memrchr(after[length], &text[first..dot]) else { return false };
        let (before, url) = (&text[first..first + quote], &text[first + quote + 1..dot + length]);
        let is_url = std::str::from_utf8(url).is_ok_and(|it| cdn::by_extension(it).is_some());
        is_url && matches!(before.trim_ascii_end().last(), Some(b'=' | b','))
    };
    [".js", ".mjs", ".css"].iter().any(|extension| {
        let mut found = memmem::find_iter(text, extension.as_bytes());
        found.any(|dot| is_assigned(dot, extension))
    })
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_without_an_import_or_a_url_is_skipped() {
        let rows = [
            ("import('./a.js')", true),
            ("import\"./a.js\"", true),
            ("import\u{a0}'./a.js'", true),
            ("import\n\x0b(a)", true),
            ("import/**/x from './a.js'", true),
            ("f(...import('./a.js'))", true),
            ("export*from'./a.js'", true),
            ("export {a} from /* b */ './a.js'", true),
            ("importScripts('a.js')", true),
            ("new SharedWorker('a.js')", true),
            ("e.src='a.js'", true),
            ("t.exports=Array.from(n)", false),
            ("exports.important=1", false),
            ("const a=1;export{a};Array.from(a)", false),
            ("const $import=1,import_=2,reimport=3", false),
            ("a=['export','import','from','in']", false),
            ("a=import.meta.url", false),
            ("if|import|from|in", false),
            ("throw Error('cannot import modules from a script')", false),
            ("e.src='a.png'", false),
            ("", false),
        ];
        for (text, expected) in rows {
            assert_eq!(may_load(text), expected, "{text}");
        }
    }
}
