//! Output of a report about a site: annotated source lines, or JSON.

use std::{collections::HashMap, io::Write, num::NonZeroUsize, thread};

use anstream::{
    AutoStream, ColorChoice,
    stream::{AsLockedWrite, RawStream},
};
use chapbook_compiler::{Diagnostic, Report, Tally};
use serde::Serialize;

use super::{annotate::Annotator, size::size};
use crate::cli::output::count;

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// For people; in colours on a terminal that shows them, unless nobody wants any.
    Text,
    /// One object on each line.
    Json,
}

/// Fewer diagnostics than these are not worth another thread.
const SHARE_MIN: usize = 200;

/// Prints a report: its diagnostics in their order, and the tally as the last line.
pub(super) fn print(report: &Report, format: Format, stream: impl RawStream + AsLockedWrite) {
    let is_coloured = AutoStream::choice(&stream) != ColorChoice::Never;
    let pictured = pictured(&report.diagnostics);
    let form_of = |share: &[(&Diagnostic, bool)]| match format {
        Format::Text => drawn(share, is_coloured),
        Format::Json => share.iter().map(|(it, _)| json(&DiagnosticRecord::of(it))).collect(),
    };
    // A site that was never judged before may have tens of thousands.
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = pictured.len().div_ceil(cores).max(SHARE_MIN);
    let texts: Vec<String> = thread::scope(|scope| {
        let form_of = &form_of;
        let shares = pictured.chunks(share);
        let threads: Vec<_> = shares.map(|share| scope.spawn(move || form_of(share))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let last = match format {
        Format::Text => summary(&report.tally) + "\n",
        Format::Json => json(&TallyRecord::of(&report.tally)),
    };
    // Without colours there is nothing to look for in what is printed.
    let mut out =
        if is_coloured { AutoStream::auto(stream) } else { AutoStream::always_ansi(stream) };
    for text in texts.iter().chain([&last]) {
        // A closed pipe is the reader's choice and no error.
        if out.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
    let _ = out.flush();
}

/// The diagnostics, each with whether its line is shown: the first are, of one kind in one file and
/// of all. The others are named with their place like all: nobody looks at the thousandth picture.
fn pictured(diagnostics: &[Diagnostic]) -> Vec<(&Diagnostic, bool)> {
    const PICTURES_OF_KIND_MAX: usize = 100;
    const PICTURES_MAX: usize = 2000;
    let mut counts = HashMap::new();
    let mut left = PICTURES_MAX;
    let counted = diagnostics.iter().map(|diagnostic| {
        let count = counts.entry((&diagnostic.file, diagnostic.code)).or_insert(0);
        *count += 1;
        let has_picture = *count <= PICTURES_OF_KIND_MAX && left > 0;
        left -= usize::from(has_picture);
        (diagnostic, has_picture)
    });
    counted.collect()
}

fn drawn(diagnostics: &[(&Diagnostic, bool)], is_coloured: bool) -> String {
    let mut drawing = Annotator::new(is_coloured);
    for (diagnostic, has_picture) in diagnostics {
        drawing.add(diagnostic, *has_picture);
    }
    drawing.into_text()
}

fn json(record: &impl Serialize) -> String {
    // Strings and numbers always have a form in JSON.
    serde_json::to_string(record).map_or_else(|_| String::new(), |line| line + "\n")
}

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

impl<'a> DiagnosticRecord<'a> {
    fn of(diagnostic: &'a Diagnostic) -> Self {
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
    fn of(tally: &Tally) -> Self {
        Self {
            files: tally.files,
            routes: tally.routes,
            bytes: tally.bytes,
            links: tally.links,
            left_out: tally.omitted,
            errors: tally.errors,
            warnings: tally.warnings,
        }
    }
}

fn summary(tally: &Tally) -> String {
    let Tally { files, routes, bytes, links, omitted, errors, warnings } = *tally;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_holds_every_count() {
        let tally =
            Tally { files: 2, routes: 3, bytes: 1500, links: 1, omitted: 1, ..Tally::default() };
        let said =
            "2 files (1 dotfile left out), 3 routes, 1.5 kB, 1 link checked, 0 errors, 0 warnings";
        assert_eq!(summary(&tally), said);
    }
}
