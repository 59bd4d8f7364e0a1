//! Text output of a report about a site: diagnostics, a table of counts, and the totals.

use std::{
    collections::HashMap,
    fmt::Display,
    io::{self, Write},
};

use anstream::stream::{AsLockedWrite, RawStream};
use chapbook_compiler::{Diagnostic, Report, Tally};

use super::{
    annotate::Annotator,
    counts::{CodeCount, code_counts},
    groups::Groups,
    palette::{Palette, write_styled},
    size::size,
};
use crate::cli::output::count;

/// Columns for the places of a group: a narrow terminal without the label before them.
const PLACES_COLUMNS: usize = 64;
/// Maximum number of snippets for one code in one file, if every diagnostic is printed.
const SNIPPETS_OF_CODE_MAX: usize = 100;
/// Maximum number of snippets of such a report. Further diagnostics are printed without their
/// source line: a site that is checked for the first time may have tens of thousands.
const SNIPPETS_MAX: usize = 2000;

/// Prints each cause once with its places, then the counts and totals.
pub(super) fn print(report: &Report, stream: impl RawStream + AsLockedWrite) {
    write_styled(stream, |palette, out| {
        let groups = Groups::new(&report.diagnostics);
        let annotator = Annotator::new(palette);
        for (drawn, brief) in groups.runs() {
            for group in drawn {
                let places = group.other_places(PLACES_COLUMNS);
                annotator.write_group(group.first, places.as_deref(), out)?;
            }
            for group in brief {
                annotator.write_brief(group.first, &group.other_places_alike(), out)?;
            }
            if !brief.is_empty() {
                writeln!(out)?;
            }
        }
        let hint = if groups.is_incomplete() {
            "`chapbook explain CODE` explains a code; `check FOLDER --all` lists every place"
        } else {
            "`chapbook explain CODE` explains a code"
        };
        write_counts(report, &groups, hint, palette, out)
    });
}

/// Prints every diagnostic in its order, then the counts and totals.
pub(super) fn print_all(report: &Report, stream: impl RawStream + AsLockedWrite) {
    write_styled(stream, |palette, out| {
        write_all(&report.diagnostics, palette, out)?;
        let hint = "`chapbook explain CODE` explains a code";
        write_counts(report, &Groups::default(), hint, palette, out)
    });
}

/// Prints the counts and totals, and where the diagnostics are listed.
pub(super) fn print_counts(
    report: &Report,
    folder: impl Display,
    stream: impl RawStream + AsLockedWrite,
) {
    write_styled(stream, |palette, out| {
        let hint = format!("`chapbook check {folder}` lists them");
        write_counts(report, &Groups::default(), &hint, palette, out)
    });
}

fn write_all(diagnostics: &[Diagnostic], palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let mut annotator = Annotator::new(palette);
    let mut counts = HashMap::new();
    let mut snippets = 0;
    for diagnostic in diagnostics {
        let count = counts.entry((&diagnostic.file, diagnostic.code)).or_insert(0);
        *count += 1;
        let has_snippet = *count <= SNIPPETS_OF_CODE_MAX && snippets < SNIPPETS_MAX;
        snippets += usize::from(has_snippet);
        annotator.write(diagnostic, has_snippet, out)?;
    }
    Ok(())
}

/// Writes a line for each severity and code, unless there are none, and the totals.
fn write_counts(
    report: &Report,
    groups: &Groups<'_>,
    hint: &str,
    palette: Palette,
    out: &mut impl Write,
) -> io::Result<()> {
    let counts = code_counts(report);
    let longest = |length: fn(&CodeCount) -> usize| counts.iter().map(length).max().unwrap_or(0);
    let widths = [
        longest(|it| it.severity.to_string().len()),
        longest(|it| it.code.name().len()),
        longest(|it| it.count.to_string().len()),
    ];
    for it in &counts {
        let styled = palette.severity(it.severity);
        let (severity, code, count) = (it.severity.to_string(), it.code.name(), it.count);
        let [first, second, third] = widths;
        write!(out, "{styled}{severity:first$}{styled:#}  {code:second$}  {count:>third$}")?;
        if let Some(omitted) = groups.omitted.get(&(it.severity, it.code)) {
            write!(out, "  ({omitted} not shown)")?;
        }
        writeln!(out)?;
    }
    if !counts.is_empty() {
        writeln!(out, "{hint}\n")?;
    }
    writeln!(out, "{}", totals(&report.tally))
}

fn totals(tally: &Tally) -> String {
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
        assert_eq!(totals(&tally), expected);
    }
}
