//! Text form of a diagnostic: headline, source line with the span underlined, help, and other
//! places.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use chapbook_compiler::{Diagnostic, Excerpt, Severity};

use super::palette::Palette;

/// Writer of diagnostics in the style of rustc.
pub(super) struct Annotator<'a> {
    palette: Palette,
    renderer: Renderer,
    /// Rendered snippets, because a mistake in a template occurs on every page.
    rendered: HashMap<(Severity, usize, &'a Excerpt, &'a str), String>,
}

const OTHER_PLACES: &str = "also at";

impl<'a> Annotator<'a> {
    pub(super) fn new(palette: Palette) -> Self {
        let renderer = if palette.is_coloured { Renderer::styled() } else { Renderer::plain() };
        let renderer = palette.columns.into_iter().fold(renderer, Renderer::term_width);
        Self { palette, renderer, rendered: HashMap::new() }
    }

    /// Writes a diagnostic and an empty line. The source line is left out unless `has_snippet`.
    pub(super) fn write(
        &mut self,
        diagnostic: &'a Diagnostic,
        has_snippet: bool,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.headline(diagnostic, out)?;
        let Diagnostic { position, severity, help, excerpt, .. } = diagnostic;
        let Some(excerpt) = excerpt.as_ref().filter(|_| has_snippet) else {
            self.without_snippet(diagnostic, None, out)?;
            return writeln!(out);
        };
        let key = (*severity, position.line, excerpt, help.as_str());
        let renderer = &self.renderer;
        let snippet = self
            .rendered
            .entry(key)
            .or_insert_with(|| renderer.render(&[annotated(diagnostic, excerpt)]));
        writeln!(out, "{snippet}\n")
    }

    /// Writes a diagnostic, the other places with the same cause, and an empty line.
    pub(super) fn write_group(
        &self,
        first: &Diagnostic,
        other_places: Option<&str>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.headline(first, out)?;
        let Some(excerpt) = &first.excerpt else {
            self.without_snippet(first, other_places, out)?;
            return writeln!(out);
        };
        let mut group = annotated(first, excerpt);
        if let Some(places) = other_places {
            group = group.element(Level::NOTE.with_name(OTHER_PLACES).message(places));
        }
        writeln!(out, "{}\n", self.renderer.render(&[group]))
    }

    /// Writes a diagnostic and the other places with the same cause, without the source line.
    pub(super) fn write_brief(
        &self,
        first: &Diagnostic,
        other_places: &str,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.headline(first, out)?;
        self.without_snippet(first, Some(other_places), out)
    }

    fn headline(&self, diagnostic: &Diagnostic, out: &mut impl Write) -> io::Result<()> {
        let Diagnostic { severity, code, message, .. } = diagnostic;
        let (bold, styled) = (self.palette.bold(), self.palette.severity(*severity));
        let location = diagnostic.location();
        writeln!(
            out,
            "{bold}{location}:{bold:#} {styled}{severity}[{code}]{styled:#}{bold}: \
             {message}{bold:#}"
        )
    }

    fn without_snippet(
        &self,
        diagnostic: &Diagnostic,
        other_places: Option<&str>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let (bold, label) = (self.palette.bold(), self.palette.label());
        writeln!(out, "  {bold}= {bold:#}{label}help{label:#}: {}", diagnostic.help)?;
        if let Some(places) = other_places {
            let indent = " ".repeat("  = : ".len() + OTHER_PLACES.len());
            let places = places.replace('\n', &format!("\n{indent}"));
            writeln!(out, "  {bold}= {OTHER_PLACES}{bold:#}: {places}")?;
        }
        Ok(())
    }
}

fn annotated<'a>(diagnostic: &'a Diagnostic, excerpt: &'a Excerpt) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let span = AnnotationKind::Primary.span(excerpt.start..excerpt.end);
    let snippet = Snippet::source(excerpt.text.as_str());
    let snippet = snippet.line_start(diagnostic.position.line).annotation(span);
    let group = Group::with_level(level).element(snippet);
    group.element(Level::HELP.message(diagnostic.help.as_str()))
}
