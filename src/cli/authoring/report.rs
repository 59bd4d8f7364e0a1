//! Output of a report about a site: annotated source lines, or JSON.

use std::{
    collections::HashMap,
    io::{self, BufWriter, Write},
};

use anstream::{
    AutoStream, ColorChoice,
    stream::{AsLockedWrite, RawStream},
};
use chapbook_compiler::{Diagnostic, Report, Tally};
use serde::Serialize;

use super::{annotate::Annotator, size::size};
use crate::cli::output::count;

/// Format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReportFormat {
    /// Text with colours if the terminal and the environment allow them.
    Text,
    /// One object on each line.
    Json,
}

/// Maximum number of snippets for one code in one file.
const SNIPPETS_OF_CODE_MAX: usize = 100;
/// Maximum number of snippets of a report. Further diagnostics are printed without their source
/// line: a site that is checked for the first time may have tens of thousands.
const SNIPPETS_MAX: usize = 2000;

/// Prints the diagnostics in their order, and the totals as the last line. A closed pipe is not an
/// error.
pub(super) fn print(report: &Report, format: ReportFormat, stream: impl RawStream + AsLockedWrite) {
    let is_coloured = AutoStream::choice(&stream) != ColorChoice::Never;
    // Text without colours has no escape sequences to strip.
    let stream =
        if is_coloured { AutoStream::auto(stream) } else { AutoStream::always_ansi(stream) };
    let mut out = BufWriter::new(stream);
    let written = match format {
        ReportFormat::Text => write_text(report, is_coloured, &mut out),
        ReportFormat::Json => write_json(report, &mut out),
    };
    let _ = written.and_then(|()| out.flush());
}

fn write_text(report: &Report, is_coloured: bool, out: &mut impl Write) -> io::Result<()> {
    let mut annotator = Annotator::new(is_coloured);
    let mut counts = HashMap::new();
    let mut snippets = 0;
    for diagnostic in &report.diagnostics {
        let count = counts.entry((&diagnostic.file, diagnostic.code)).or_insert(0);
        *count += 1;
        let has_snippet = *count <= SNIPPETS_OF_CODE_MAX && snippets < SNIPPETS_MAX;
        snippets += usize::from(has_snippet);
        annotator.write(diagnostic, has_snippet, out)?;
    }
    writeln!(out, "{}", summary(&report.tally))
}

fn write_json(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for diagnostic in &report.diagnostics {
        write_record(&DiagnosticRecord::new(diagnostic), out)?;
    }
    write_record(&TallyRecord::new(&report.tally), out)
}

fn write_record(record: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}

/// JSON of a diagnostic.
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

/// JSON of the totals.
#[derive(Debug, Serialize)]
struct TallyRecord {
    files: usize,
    routes: usize,
    bytes: u64,
    links: usize,
    left_out: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl<'a> DiagnosticRecord<'a> {
    fn new(diagnostic: &'a Diagnostic) -> Self {
        Self {
            file: &diagnostic.file,
            line: diagnostic.position.line,
            column: diagnostic.position.column,
            severity: diagnostic.severity.to_string(),
            code: diagnostic.code.name(),
            message: &diagnostic.message,
            help: &diagnostic.help,
        }
    }
}

impl TallyRecord {
    fn new(tally: &Tally) -> Self {
        Self {
            files: tally.files,
            routes: tally.routes,
            bytes: tally.bytes,
            links: tally.links,
            left_out: tally.omitted,
            errors: tally.errors,
            warnings: tally.warnings,
            notes: tally.notes,
        }
    }
}

fn summary(tally: &Tally) -> String {
    let Tally { files, routes, bytes, links, omitted, errors, warnings, notes } = *tally;
    let left_out = match omitted {
        0 => String::new(),
        _ => format!(" ({} left out)", count(omitted, "dotfile")),
    };
    let notes = match notes {
        0 => String::new(),
        _ => format!(", {}", count(notes, "note")),
    };
    format!(
        "{}{left_out}, {}, {}, {} checked, {}, {}{notes}",
        count(files, "file"),
        count(routes, "route"),
        size(bytes),
        count(links, "link"),
        count(errors, "error"),
        count(warnings, "warning"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_has_every_count() {
        let tally =
            Tally { files: 2, routes: 3, bytes: 1500, links: 1, omitted: 1, ..Tally::default() };
        let expected =
            "2 files (1 dotfile left out), 3 routes, 1.5 kB, 1 link checked, 0 errors, 0 warnings";
        assert_eq!(summary(&tally), expected);
    }
}
