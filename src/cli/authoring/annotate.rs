//! This file owns the picture of a diagnostic for people: its headline, the line with the spot
//! marked, and the way out. It prints nothing.

use std::{collections::HashMap, fmt::Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use chapbook_compiler::{Diagnostic, Excerpt, Severity};

/// Draws diagnostics one after another.
pub(super) struct Annotator<'a> {
    is_coloured: bool,
    renderer: Renderer,
    /// What was drawn below a headline: one wrong line in a template is on every page.
    known: HashMap<(Severity, usize, &'a Excerpt, &'a str), String>,
    /// The pictures so far.
    text: String,
}

impl<'a> Annotator<'a> {
    pub(super) fn new(is_coloured: bool) -> Self {
        let renderer = if is_coloured { Renderer::styled() } else { Renderer::plain() };
        Self { is_coloured, renderer, known: HashMap::new(), text: String::new() }
    }

    /// The pictures of all that was drawn.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Adds a diagnostic with an empty line behind it; without its line and mark if it is one of
    /// too many.
    pub(super) fn add(&mut self, diagnostic: &'a Diagnostic, has_picture: bool) {
        let styled = |style: Style| if self.is_coloured { style } else { Style::new() };
        let bold = styled(Style::new().bold());
        let (level, colour) = match diagnostic.severity {
            Severity::Error => (Level::ERROR, AnsiColor::BrightRed),
            Severity::Warning => (Level::WARNING, AnsiColor::Yellow),
        };
        let loud = styled(colour.on_default().bold());
        let Diagnostic { file, position, severity, code, message, help, excerpt } = diagnostic;
        let (line, column) = (position.line, position.column);
        // Writing into a String cannot fail.
        let _ = writeln!(
            self.text,
            "{bold}{file}:{line}:{column}:{bold:#} {loud}{severity}[{code}]{loud:#}{bold}: \
             {message}{bold:#}"
        );
        let Some(excerpt) = excerpt.as_ref().filter(|_| has_picture) else {
            let cyan = styled(AnsiColor::BrightCyan.on_default().bold());
            let _ = writeln!(self.text, "  {bold}= {bold:#}{cyan}help{cyan:#}: {help}\n");
            return;
        };
        let body = self.known.entry((*severity, line, excerpt, help)).or_insert_with(|| {
            let spot = AnnotationKind::Primary.span(excerpt.start..excerpt.end);
            let snippet = Snippet::source(excerpt.text.as_str());
            let snippet = snippet.line_start(line).annotation(spot);
            let group = Group::with_level(level).element(snippet);
            self.renderer.render(&[group.element(Level::HELP.message(help.as_str()))])
        });
        let _ = writeln!(self.text, "{body}\n");
    }
}
