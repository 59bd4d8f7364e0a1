//! Text form of a diagnostic: headline, source line with the span underlined, and help.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use chapbook_compiler::{Diagnostic, Excerpt, Severity};

/// Writer of diagnostics in the style of rustc.
pub(super) struct Annotator<'a> {
    is_coloured: bool,
    renderer: Renderer,
    /// Rendered snippets, because a mistake in a template occurs on every page.
    rendered: HashMap<(Severity, usize, &'a Excerpt, &'a str), String>,
}

impl<'a> Annotator<'a> {
    pub(super) fn new(is_coloured: bool) -> Self {
        let renderer = if is_coloured { Renderer::styled() } else { Renderer::plain() };
        Self { is_coloured, renderer, rendered: HashMap::new() }
    }

    /// Writes a diagnostic and an empty line. The source line is left out unless `has_snippet`.
    pub(super) fn write(
        &mut self,
        diagnostic: &'a Diagnostic,
        has_snippet: bool,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let styled = |style: Style| if self.is_coloured { style } else { Style::new() };
        let bold = styled(Style::new().bold());
        let (level, colour) = match diagnostic.severity {
            Severity::Error => (Level::ERROR, AnsiColor::BrightRed),
            Severity::Warning => (Level::WARNING, AnsiColor::Yellow),
            Severity::Note => (Level::NOTE, AnsiColor::BrightGreen),
        };
        let headline = styled(colour.on_default().bold());
        let Diagnostic { position, severity, code, message, help, excerpt, .. } = diagnostic;
        let (line, location) = (position.line, diagnostic.location());
        writeln!(
            out,
            "{bold}{location}:{bold:#} {headline}{severity}[{code}]{headline:#}{bold}: \
             {message}{bold:#}"
        )?;
        let Some(excerpt) = excerpt.as_ref().filter(|_| has_snippet) else {
            let cyan = styled(AnsiColor::BrightCyan.on_default().bold());
            return writeln!(out, "  {bold}= {bold:#}{cyan}help{cyan:#}: {help}\n");
        };
        let snippet = self.rendered.entry((*severity, line, excerpt, help)).or_insert_with(|| {
            let span = AnnotationKind::Primary.span(excerpt.start..excerpt.end);
            let snippet = Snippet::source(excerpt.text.as_str());
            let snippet = snippet.line_start(line).annotation(span);
            let group = Group::with_level(level).element(snippet);
            self.renderer.render(&[group.element(Level::HELP.message(help.as_str()))])
        });
        writeln!(out, "{snippet}\n")
    }
}
