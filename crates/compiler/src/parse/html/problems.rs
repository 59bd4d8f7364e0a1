//! Problems of one page: broken markup, and metadata that every page should have.

use super::kind::PageKind;
use crate::{diagnostics::LISTED_IN_FILE_MAX, lints::Lint, parse::text::Span};

/// A problem of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageProblem {
    /// Its position; `None` if it concerns the entire page.
    pub(crate) span: Option<Span>,
    /// Its code.
    pub(crate) code: Lint,
    /// What is wrong.
    pub(crate) message: String,
    /// The offset of a related element, whose line is appended to the help.
    pub(crate) related: Option<usize>,
    /// How to fix it.
    pub(crate) help: &'static str,
    /// Whether browsers recover from it without losing content.
    pub(crate) browsers_recover: bool,
}

/// The problems of one page, in the order in which they are found.
#[derive(Debug, Default)]
pub(crate) struct PageProblems {
    found: Vec<PageProblem>,
    /// The number of all markup errors that browsers repair. They are found up to the limit of
    /// listed diagnostics, as all diagnostics are.
    recovered: usize,
    /// The number of all ids that are used twice, which have the same limit.
    duplicate_ids: usize,
}

const RECOVERED_HELP: &str = "browsers repair this silently; fix the markup to be explicit";

impl PageProblems {
    /// Content is lost from here on.
    pub(crate) fn unclosed(&mut self, span: Span, message: String) {
        let help = "close it: browsers do not show what follows";
        let (code, span) = (Lint::InvalidHtml, Some(span));
        self.found.push(PageProblem {
            span,
            code,
            message,
            related: None,
            help,
            browsers_recover: false,
        });
    }

    /// Markup that all browsers repair in the same way.
    pub(crate) fn recovered(&mut self, span: Span, message: impl FnOnce() -> String) {
        self.recovered += 1;
        if self.recovered <= LISTED_IN_FILE_MAX {
            self.warn(Lint::InvalidHtml, Some(span), message(), RECOVERED_HELP);
        }
    }

    /// An import map that is not parsed.
    pub(crate) fn unchecked(&mut self, span: Span) {
        let message = "this import map is not checked: it would take too much memory".to_owned();
        self.warn(Lint::SchemaBudget, Some(span), message, "use an import map with fewer modules");
    }

    /// An id that an earlier element already has.
    pub(crate) fn duplicate_id(&mut self, span: Span, id: &str, first: usize) {
        self.duplicate_ids += 1;
        if self.duplicate_ids > LISTED_IN_FILE_MAX {
            return;
        }
        let message = format!("the id `{id}` is used twice: links go to the first");
        self.warn(Lint::DuplicateId, Some(span), message, "give one of the elements another id");
        if let Some(problem) = self.found.last_mut() {
            problem.related = Some(first);
        }
    }

    fn warn(&mut self, code: Lint, span: Option<Span>, message: String, help: &'static str) {
        self.found.push(PageProblem {
            span,
            code,
            message,
            related: None,
            help,
            browsers_recover: true,
        });
    }

    /// The numbers of problems above the limit. Browsers recover from all of them.
    pub(crate) fn unlisted(&self) -> [(Lint, usize); 2] {
        let counts = [(Lint::InvalidHtml, self.recovered), (Lint::DuplicateId, self.duplicate_ids)];
        counts.map(|(code, count)| (code, count.saturating_sub(LISTED_IN_FILE_MAX)))
    }

    /// All problems, including missing metadata.
    pub(crate) fn finish(mut self, metadata: &PageMetadata) -> Vec<PageProblem> {
        for (code, message, help) in metadata.missing() {
            self.warn(code, None, message.to_owned(), help);
        }
        self.found
    }
}

/// The metadata of a page: which parts it has.
#[derive(Debug, Default)]
pub(crate) struct PageMetadata {
    /// One bit for each part.
    parts: u16,
}

/// A part of a page that tells what kind of page it is, or that every page should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PagePart {
    /// Any tag. A file without one is not treated as a page.
    Tag,
    /// A tag that only complete documents have.
    Document,
    /// A redirect before the page is shown.
    Forward,
    /// A link to an icon.
    Icon,
    /// A script that runs.
    Script,
    /// A doctype.
    Doctype,
    /// A declaration of the character encoding.
    Charset,
    /// A declaration of the language.
    Lang,
    /// A title that is not blank.
    Title,
}

/// The parts that every page should have, each with the lint, message and help if it is missing.
const EXPECTED: [(PagePart, Lint, &str, &str); 4] = [
    (
        PagePart::Doctype,
        Lint::MissingDoctype,
        "the page has no doctype",
        "start it with `<!doctype html>`: without it, browsers use quirks mode",
    ),
    (
        PagePart::Charset,
        Lint::MissingCharset,
        "the page does not declare its character encoding",
        "add `<meta charset=\"utf-8\">` to its head: a page opened from disk has no Content-Type",
    ),
    (
        PagePart::Lang,
        Lint::MissingLang,
        "the page does not declare its language",
        "add it, as in `<html lang=\"en\">`: screen readers and hyphenation need it",
    ),
    (
        PagePart::Title,
        Lint::MissingTitle,
        "the page has no title",
        "add a `<title>` to its head: tabs, bookmarks and search results show it",
    ),
];

impl PageMetadata {
    /// Records that the page has a part.
    pub(crate) fn record(&mut self, part: PagePart) {
        self.parts |= 1 << part as u16;
    }

    fn has(&self, part: PagePart) -> bool {
        self.parts & 1 << part as u16 != 0
    }

    /// Whether it is a page without an icon. A file with neither a doctype nor a title is a
    /// fragment, which scripts insert into pages.
    pub(crate) fn lacks_icon(&self) -> bool {
        let is_document = self.has(PagePart::Doctype) || self.has(PagePart::Title);
        is_document && !self.has(PagePart::Forward) && !self.has(PagePart::Icon)
    }

    /// The kind of the page, given the length of its text.
    pub(crate) fn kind(&self, text_length: usize) -> PageKind {
        if !self.has(PagePart::Document) && !self.has(PagePart::Doctype) {
            PageKind::Partial
        } else if text_length == 0 && self.has(PagePart::Script) {
            PageKind::Shell
        } else {
            PageKind::Complete
        }
    }

    fn missing(&self) -> impl Iterator<Item = (Lint, &'static str, &'static str)> {
        let is_page = self.has(PagePart::Tag) && !self.has(PagePart::Forward);
        let missing = EXPECTED.into_iter().filter(move |(part, ..)| is_page && !self.has(*part));
        missing.map(|(_, code, message, help)| (code, message, help))
    }
}
