//! This file owns what is said of a page's markup: what swallows content, what browsers mend, and
//! what every page should say of itself. It doesn't know how markup is read.

use super::Span;
use crate::lints::Lint;

/// A place where a page is not what its author means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where; nowhere if it is about the page as a whole.
    pub(crate) span: Option<Span>,
    /// What kind it is.
    pub(crate) code: Lint,
    /// What is wrong there.
    pub(crate) message: String,
    /// The byte of what it is about besides, whose line is said behind the message.
    pub(crate) other: Option<usize>,
    /// What to do about it.
    pub(crate) help: &'static str,
    /// Whether a browser makes up for it silently, rather than show nothing of what was written.
    pub(crate) is_mended: bool,
}

/// The faults of one page, as they are found.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<Fault>,
    mended: usize,
}

/// More faults of one page that browsers mend are counted, not shown: it is no page but something
/// else under its name.
const MENDED_MAX: usize = 1000;
const MENDED_HELP: &str =
    "browsers mend this silently, each in the same way; better to write what is meant";

impl Faults {
    /// Content is swallowed from here on.
    pub(crate) fn swallowed(&mut self, span: Span, message: String) {
        let help = "close it: a browser shows nothing of what follows";
        let (code, span) = (Lint::InvalidHtml, Some(span));
        self.found.push(Fault { span, code, message, other: None, help, is_mended: false });
    }

    /// Browsers read something else than is written, and all of them the same.
    pub(crate) fn mended(&mut self, span: Span, message: String) {
        self.mended += 1;
        if self.mended <= MENDED_MAX {
            let code = Lint::InvalidHtml;
            self.warn(code, Some(span), message, MENDED_HELP);
        }
    }

    /// An id that another element has already.
    pub(crate) fn duplicate_id(&mut self, span: Span, id: &str, first: usize) {
        let message = format!("the id `{id}` is given twice; links lead to the first");
        let help = "give one of the two elements another id";
        let (code, span) = (Lint::DuplicateId, Some(span));
        self.found.push(Fault { span, code, message, other: Some(first), help, is_mended: true });
    }

    fn warn(&mut self, code: Lint, span: Option<Span>, message: String, help: &'static str) {
        self.found.push(Fault { span, code, message, other: None, help, is_mended: true });
    }

    /// All of them, those of the page as a whole included.
    pub(crate) fn finish(mut self, completeness: &Completeness) -> Vec<Fault> {
        if let Some(more @ 1..) = self.mended.checked_sub(MENDED_MAX) {
            let message = format!("{more} more places are broken like those that are shown");
            self.warn(Lint::InvalidHtml, None, message, MENDED_HELP);
        }
        completeness.judge(&mut self);
        self.found
    }
}

/// What a page says of itself.
#[derive(Debug, Default)]
pub(crate) struct Completeness {
    /// Whether there is a single tag; a file without one is judged as no page.
    pub(crate) has_tags: bool,
    /// Whether its reader is sent on before there is anything to see.
    pub(crate) is_never_seen: bool,
    /// The codes of what was there.
    seen: Vec<Lint>,
}

/// What every page should say of itself: the code of its absence, and what is said of that.
const WANTED: [(Lint, &str, &str); 4] = [
    (
        Lint::MissingDoctype,
        "the page has no doctype",
        "begin it with `<!doctype html>`: without, browsers imitate those of the nineties",
    ),
    (
        Lint::MissingCharset,
        "the page doesn't name its character encoding",
        "add `<meta charset=\"utf-8\">` to its head: opened from a disk, it has no header",
    ),
    (
        Lint::MissingLang,
        "the page doesn't name its language",
        "write `<html lang=\"en\">`, or what it is in: voices and hyphenation need it",
    ),
    (
        Lint::MissingTitle,
        "the page has no title",
        "add a `<title>` to its head: tabs, bookmarks and searches show it",
    ),
];

impl Completeness {
    /// Takes note that what this code misses is there.
    pub(crate) fn saw(&mut self, code: Lint) {
        if !self.seen.contains(&code) {
            self.seen.push(code);
        }
    }

    fn judge(&self, faults: &mut Faults) {
        let is_judged = self.has_tags && !self.is_never_seen;
        for (code, message, help) in WANTED {
            if is_judged && !self.seen.contains(&code) {
                faults.warn(code, None, message.to_owned(), help);
            }
        }
    }
}
