//! URLs that a script joins from literals and values, such as a version: templates with
//! substitutions, and sums.

use super::{Load, ScriptUrl, UrlScanner, cdn::ExternalUrl, literal, precheck};

/// What stands for a value that is not known.
const UNKNOWN: &str = "\u{2026}";

impl UrlScanner<'_> {
    /// A template that starts here and has substitutions. Nothing is consumed.
    pub(super) fn joined_template(&mut self, start: usize) {
        let text = self.cursor.text(start + 1..self.cursor.length());
        if precheck::is_external(text)
            && let Some((url, length)) = template(text)
        {
            self.joined(start..start + 1 + length, url);
        }
    }

    /// A sum that starts with this literal. Nothing is consumed.
    pub(super) fn joined_sum(&mut self, start: usize) {
        let end = self.cursor.at();
        let sum = self.sum(start);
        let after = self.cursor.at();
        self.cursor.return_to(end);
        if let Some(url) = sum {
            self.joined(start..after, url);
        }
    }

    /// Consumes the rest of a sum of literals and values; `None` if it is something else.
    fn sum(&mut self, start: usize) -> Option<String> {
        let mut url = literal::value(self.cursor.text(start + 1..self.cursor.at() - 1))?;
        let mut terms = 1;
        loop {
            self.cursor.skip_blanks()?;
            if self.cursor.peek(0) != Some(b'+') || terms == TERMS_MAX {
                return (terms > 1).then_some(url);
            }
            terms += 1;
            self.cursor.advance(1);
            self.cursor.skip_blanks()?;
            if let Some(b'"' | b'\'' | b'`') = self.cursor.peek(0) {
                let literal = self.cursor.literal()?;
                url += &literal::value(self.cursor.text(literal.start + 1..literal.end - 1))?;
            } else {
                self.cursor.word()?;
                while self.cursor.peek(0) == Some(b'.') {
                    self.cursor.advance(1);
                    self.cursor.word()?;
                }
                url += UNKNOWN;
            }
        }
    }

    /// Adds a joined URL if it names a file on a public content delivery network. Its host and its
    /// extension are literal, so the values are part of the path.
    fn joined(&mut self, range: std::ops::Range<usize>, url: String) {
        let found = ExternalUrl::parse(&url).filter(ExternalUrl::is_on_known_host);
        let Some(loaded_as) = found.and_then(|it| it.by_extension()) else { return };
        if !self.is_shown(range.start, loaded_as) {
            let (start, end) = (range.start, range.end);
            self.urls.push(ScriptUrl { url, start, end, loaded_as, load: Load::FromPage });
        }
    }
}

/// The maximum number of terms of a sum, to bound the time: each literal may start one.
const TERMS_MAX: usize = 8;
/// The maximum length of a template that is read, to bound the time.
const LENGTH_MAX: usize = 300;

/// The text of a template up to its end, with its substitutions replaced, and its length with the
/// closing backtick.
fn template(text: &str) -> Option<(String, usize)> {
    let mut url = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_at(rest.find(['`', '$', '\\'])?);
        url += before;
        if text.len() - after.len() > LENGTH_MAX {
            return None;
        } else if after.starts_with('`') {
            return Some((url, text.len() - after.len() + 1));
        }
        let (value, after) = after.strip_prefix("${")?.split_once('}')?;
        if value.contains(['`', '{']) {
            return None;
        }
        url += UNKNOWN;
        rest = after;
    }
}
