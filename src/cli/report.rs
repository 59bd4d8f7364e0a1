//! This file owns how a report about a site is shown: drawn for people, or as JSON for programs. It
//! judges nothing.

use std::{collections::HashMap, fmt::Write as _, io::Write as _};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use chapbook_bundle::{Diagnostic, Excerpt, Severity, Tally};
use serde::Serialize;

/// How a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people; in colours where stdout is a terminal that shows them.
    Text,
    /// One object on each line.
    Json,
}

/// Shows a report on stdout, piece by piece.
pub(super) struct Reporter<'a> {
    form: Form,
    /// Whether stdout is a terminal that shows colours, and nobody asked for none.
    is_coloured: bool,
    /// What was drawn: one wrong line in a template is on every page.
    drawn: HashMap<(Severity, usize, &'a Excerpt, &'a str), String>,
    /// What is still to be printed: a report may have thousands of lines.
    lines: String,
}

/// So much is printed at once.
const LINES_LENGTH: usize = 64 * 1024;

/// What the JSON of a diagnostic holds.
#[derive(Debug, Serialize)]
struct DiagnosticRecord<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    severity: String,
    code: &'static str,
    message: &'a str,
    help: &'a str,
}

/// What the JSON of the whole holds.
#[derive(Debug, Serialize)]
struct TallyRecord {
    files: usize,
    routes: usize,
    bytes: u64,
    links: usize,
    left_out: usize,
    errors: usize,
    warnings: usize,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(form: Form) -> Self {
        let is_coloured = AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
        Self { form, is_coloured, drawn: HashMap::new(), lines: String::new() }
    }

    pub(super) fn diagnostic(&mut self, diagnostic: &'a Diagnostic) {
        match self.form {
            Form::Text => self.draw(diagnostic),
            Form::Json => self.record(&DiagnosticRecord {
                file: &diagnostic.file,
                line: diagnostic.position.line,
                column: diagnostic.position.column,
                severity: diagnostic.severity.to_string(),
                code: diagnostic.code.name(),
                message: &diagnostic.message,
                help: &diagnostic.help,
            }),
        }
    }

    /// The last line.
    pub(super) fn tally(mut self, tally: &Tally) {
        match self.form {
            Form::Text => self.say(&summary(tally)),
            Form::Json => self.record(&TallyRecord {
                files: tally.files,
                routes: tally.routes,
                bytes: tally.bytes,
                links: tally.links,
                left_out: tally.omitted,
                errors: tally.errors,
                warnings: tally.warnings,
            }),
        }
        self.print();
    }

    /// The headline, the line with the spot marked, and the way out.
    fn draw(&mut self, diagnostic: &'a Diagnostic) {
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
            self.lines,
            "{bold}{file}:{line}:{column}:{bold:#} {loud}{severity}[{code}]{loud:#}{bold}: \
             {message}{bold:#}"
        );
        let renderer = if self.is_coloured { Renderer::styled() } else { Renderer::plain() };
        let Some(excerpt) = excerpt else {
            let cyan = styled(AnsiColor::BrightCyan.on_default().bold());
            return self.say(&format!("  {bold}= {bold:#}{cyan}help{cyan:#}: {help}\n"));
        };
        let body = self.drawn.entry((*severity, line, excerpt, help)).or_insert_with(|| {
            let spot = AnnotationKind::Primary.span(excerpt.start..excerpt.end);
            let snippet = Snippet::source(excerpt.text.as_str());
            let snippet = snippet.line_start(line).annotation(spot);
            let group = Group::with_level(level).element(snippet);
            renderer.render(&[group.element(Level::HELP.message(help.as_str()))]) + "\n\n"
        });
        self.lines.push_str(body);
    }

    fn record(&mut self, record: &impl Serialize) {
        // Strings and numbers always have a form in JSON.
        if let Ok(line) = serde_json::to_string(record) {
            self.say(&line);
        }
    }

    fn say(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
        if self.lines.len() >= LINES_LENGTH {
            self.print();
        }
    }

    /// Prints what was said. A closed pipe is the reader's choice and no error.
    fn print(&mut self) {
        let stdout = std::io::stdout().lock();
        let mut out = if self.is_coloured {
            AutoStream::auto(stdout)
        } else {
            AutoStream::always_ansi(stdout)
        };
        let _ = out.write_all(self.lines.as_bytes()).and_then(|()| out.flush());
        self.lines.clear();
    }
}

fn summary(tally: &Tally) -> String {
    let Tally { files, routes, bytes, links, omitted, errors, warnings } = *tally;
    let count = |number: usize, name: &str| {
        format!("{number} {name}{}", if number == 1 { "" } else { "s" })
    };
    let left_out = match omitted {
        0 => String::new(),
        _ => format!(" ({} left out)", count(omitted, "dotfile")),
    };
    format!(
        "{}{left_out}, {}, {}, {} checked, {}, {}",
        count(files, "file"),
        count(routes, "route"),
        size(bytes),
        count(links, "link"),
        count(errors, "error"),
        count(warnings, "warning"),
    )
}

/// A number of bytes as people say it.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = bytes / (unit / 10);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_do() {
        let rows = [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (19_999, "19.9 kB"),
            (1_234_567, "1.2 MB"),
            (u64::MAX, "18446744073.7 GB"),
        ];
        for (bytes, expected) in rows {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn the_last_line_holds_every_count() {
        let tally =
            Tally { files: 2, routes: 3, bytes: 1500, links: 1, omitted: 1, ..Tally::default() };
        let said =
            "2 files (1 dotfile left out), 3 routes, 1.5 kB, 1 link checked, 0 errors, 0 warnings";
        assert_eq!(summary(&tally), said);
    }
}
