//! Title of a site, for a terminal.

/// Maximum number of characters of a title, so that it fits on a line.
const TITLE_MAX: usize = 72;

/// A title that is safe to print on a terminal: without control characters, and no longer than a
/// line.
pub(super) fn printable(title: &str) -> String {
    cut(&without_controls(title), TITLE_MAX + 1)
}

/// A text without control characters.
pub(super) fn without_controls(text: &str) -> String {
    text.chars().filter(|it| !it.is_control() && !is_direction(*it)).collect()
}

/// A text of at most this many characters; one that is longer ends with an ellipsis.
pub(super) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let start: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", start.trim_end())
}

/// Whether a character changes the direction of the text that follows (UAX #9).
fn is_direction(character: char) -> bool {
    let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
    marks.contains(&character)
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_control_or_flood_a_terminal() {
        let long = "x".repeat(1000);
        let cut = format!("{}…", "x".repeat(TITLE_MAX));
        let rows = [
            ("Kürbis & Co", "Kürbis & Co"),
            ("a\u{1b}[2Jb\u{7}\u{9b}c", "a[2Jbc"),
            ("\u{202e}evil\u{202c}", "evil"),
            (long.as_str(), cut.as_str()),
        ];
        for (title, expected) in rows {
            assert_eq!(printable(title), expected, "{title:?}");
        }
    }
}
