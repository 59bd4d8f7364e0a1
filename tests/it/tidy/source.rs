//! A text file, and for Rust its code apart from its comments and literals.

/// A tracked text file.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
    /// A program without comments and the insides of literals, each byte at its offset; empty for
    /// other text than Rust and Python.
    pub(super) code: String,
    /// The text that people read: comments and the insides of literals of a program, otherwise the
    /// complete text. Full stops replace the rest, so that no sentence continues across it.
    pub(super) prose: String,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let (path, text) = (path.to_owned(), text.to_owned());
        let first = text.lines().next().unwrap_or_default();
        let is_python = first.starts_with("#!") && first.contains("python");
        let (code, prose) = match path.rsplit('.').next() {
            Some("rs") => split(&text, rust_prose),
            Some("py") => split(&text, python_prose),
            _ if is_python => split(&text, python_prose),
            _ => (String::new(), text.clone()),
        };
        Self { path, text, code, prose }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.rsplit('.').next() == Some("rs")
    }

    /// A violation, as `path:line: what`.
    pub(super) fn violation(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }

    /// A violation at an offset of the text.
    pub(super) fn violation_at(&self, offset: usize, what: &str) -> String {
        self.violation(line_at(&self.text, offset), what)
    }

    /// A violation for each line of `text`, which begins as the source does, that is wrong.
    pub(super) fn wrong_lines(
        &self,
        text: &str,
        what: &str,
        is_wrong: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let lines = (1..).zip(text.split('\n')).filter(|(_, line)| is_wrong(line));
        lines.map(|(number, _)| self.violation(number, what)).collect()
    }
}

/// The number of the line at an offset.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Whether a line contains a word or phrase, and not only as a part of longer words.
pub(super) fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let continues = word.ends_with(is_word) && after.starts_with(is_word);
        !(continues || word.starts_with(is_word) && before.ends_with(is_word))
    })
}

pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Splits a program into code and prose: roughly, but each byte stays at its offset.
fn split(text: &str, prose_of: fn(&str) -> (usize, usize)) -> (String, String) {
    // Without escapes, a string ends at the next quote.
    let plain = text.replace("\\\\", "__").replace("\\\"", "__");
    let mut code = String::with_capacity(text.len());
    let mut prose = String::with_capacity(text.len());
    while code.len() < plain.len() {
        let (at, rest) = (code.len(), &plain[code.len()..]);
        let (open, close) = prose_of(rest);
        // Skips the end of a literal, which would start another one; otherwise one character.
        let after = rest[close..].chars().next().map_or(0, char::len_utf8);
        code.push_str(&rest[..open]);
        code.extend(blanks(&rest[open..close], ' '));
        code.push_str(&rest[close..close + after]);
        prose.extend(blanks(&rest[..open], '.'));
        prose.push_str(&text[at + open..at + close]);
        prose.extend(blanks(&rest[close..close + after], '.'));
    }
    (code, prose)
}

/// The start and end of the prose at the start of a rest of Rust; (0, 0) if it starts with code.
fn rust_prose(rest: &str) -> (usize, usize) {
    match rest.as_bytes() {
        [b'/', b'/', ..] => (0, end(rest, 0, "\n")),
        [b'"', ..] => (1, end(rest, 1, "\"")),
        [b'r', b'#', b'"', ..] => (3, end(rest, 3, "\"#")),
        [b'\'', b'\\', _, ..] => (1, end(rest, 3, "'")),
        [b'\'', _, b'\'', ..] => (1, 2),
        _ => (0, 0),
    }
}

/// The same for Python. The two last quotes of a docstring are an empty string.
fn python_prose(rest: &str) -> (usize, usize) {
    match rest.as_bytes() {
        [b'#', ..] => (0, end(rest, 0, "\n")),
        [b'"', b'"', b'"', ..] => (3, end(rest, 3, "\"\"\"")),
        [b'"', ..] => (1, end(rest, 1, "\"")),
        [b'\'', ..] => (1, end(rest, 1, "'")),
        _ => (0, 0),
    }
}

fn end(rest: &str, from: usize, mark: &str) -> usize {
    rest[from..].find(mark).map_or(rest.len(), |at| from + at)
}

/// One byte for each byte: whitespace stays, the rest is replaced.
fn blanks(text: &str, by: char) -> impl Iterator<Item = char> {
    text.bytes().map(move |byte| if byte.is_ascii_whitespace() { char::from(byte) } else { by })
}
