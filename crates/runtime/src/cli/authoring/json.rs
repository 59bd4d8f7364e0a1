//! JSON output: one object on each line, so that a line can be read before the next one exists.

use std::io::{self, BufWriter, Write};

use chapbook_compiler::{Diagnostic, Report, Tally};
use serde::Serialize;

use crate::cli::{failure::Failure, output::print_line};

/// Prints an object for each diagnostic, and the totals as the last one. A closed pipe is not an
/// error.
pub(super) fn print(report: &Report, stream: impl Write) {
    let mut out = BufWriter::new(stream);
    let written = write(report, &mut out);
    let _ = written.and_then(|()| out.flush());
}

fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for diagnostic in &report.diagnostics {
        write_line(&DiagnosticRecord::new(diagnostic), out)?;
    }
    write_line(&TallyRecord::new(&report.tally), out)
}

fn write_line(record: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}

/// Prints the message of a failed command as an object, too, if JSON was requested.
pub(super) fn print_failure(result: Result<(), Failure>, is_json: bool) -> Result<(), Failure> {
    if let (true, Err(Failure::Usage(message) | Failure::Error(message))) = (is_json, &result) {
        print_object(&ErrorRecord { error: message });
    }
    result
}

/// Prints an object to stdout.
pub(super) fn print_object(record: &impl Serialize) {
    // Strings and numbers always serialize.
    print_line(serde_json::to_string(record).unwrap_or_default());
}

/// JSON of the reason for which a command failed.
#[derive(Debug, Serialize)]
struct ErrorRecord<'a> {
    error: &'a str,
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
