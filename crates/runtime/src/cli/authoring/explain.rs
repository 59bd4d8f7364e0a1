//! `chapbook explain`: the meaning of codes.

use std::io::{self, Write};

use chapbook_compiler::{Lint, Severity};
use clap::Args;

use super::palette::{Palette, write_styled};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Code to explain, such as `broken-link` [default: list all codes]
    #[arg(value_name = "CODE")]
    code: Option<Lint>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook explain                list all codes
  chapbook explain broken-link    what it means, why it matters, and how to fix it";
pub(super) const NOTES: &str = "\
`chapbook check` prints the codes in brackets.";

pub(super) fn run(arguments: &Arguments) {
    write_styled(io::stdout(), |palette, out| match arguments.code {
        Some(code) => write_explanation(code, palette, out),
        None => write_list(palette, out),
    });
}

/// Writes a line for each code.
fn write_list(palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let bold = palette.bold();
    let width = Lint::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
    for code in Lint::ALL {
        let severity = code.severity();
        let styled = palette.severity(severity);
        let (name, severity) = (code.name(), severity.to_string());
        let meaning = code.explanation().meaning.trim_end_matches('.');
        writeln!(out, "{bold}{name:width$}{bold:#}  {styled}{severity:7}{styled:#}  {meaning}")?;
    }
    writeln!(out, "\n`chapbook explain CODE` explains a code")
}

fn write_explanation(code: Lint, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let explanation = code.explanation();
    let (bold, meaning) = (palette.bold(), explanation.meaning);
    writeln!(out, "{bold}{code}{bold:#}: {meaning}")?;
    let parts = [
        ("Why it matters", explanation.why),
        ("Example", explanation.example),
        ("How to fix it", explanation.fix),
        ("Severity", &severity_of(code)),
    ];
    for (heading, text) in parts {
        writeln!(out, "\n{bold}{heading}{bold:#}")?;
        write_indented(text, out)?;
    }
    Ok(())
}

/// Writes Markdown text with indented code instead of fences, below the name of its file, which
/// follows the language.
fn write_indented(text: &str, out: &mut impl Write) -> io::Result<()> {
    let mut is_code = false;
    for line in text.lines() {
        if let Some(info) = line.strip_prefix("```") {
            is_code = !is_code;
            if let Some((_, file)) = info.split_once(' ') {
                writeln!(out, "  {file}:")?;
            }
        } else if line.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, "{}{line}", if is_code { "      " } else { "  " })?;
        }
    }
    Ok(())
}

/// How the severity can be changed.
fn severity_of(code: Lint) -> String {
    match code.severity() {
        severity if code.is_deny_only() => {
            format!("Always an {severity}: a site with it cannot be served correctly.")
        }
        Severity::Error => format!("An error. `--allow {code}` reports it as a warning."),
        Severity::Warning => format!(
            "A warning. `--deny {code}` reports it as an error, and so does\n\
             `--deny warnings`, unless it is allowed with `--allow {code}`."
        ),
        Severity::Note => format!("A note. `--deny {code}` reports it as an error."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(write: impl FnOnce(Palette, &mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(Palette { is_coloured: false, columns: None }, &mut out)
            .expect("memory can be written");
        String::from_utf8(out).expect("it is text")
    }

    #[test]
    fn explanations_fit_into_80_columns() {
        let list = plain(write_list);
        let of = |code: &Lint| plain(|palette, out| write_explanation(*code, palette, out));
        for text in Lint::ALL.iter().map(of).chain([list]) {
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
    }

    #[test]
    fn the_severity_names_the_options_that_change_it() {
        let rows = [
            (Lint::EmptySite, "Always an error: "),
            (Lint::BrokenLink, "An error. `--allow broken-link` "),
            (Lint::MissingLang, "A warning. `--deny missing-lang` reports it as an error, "),
            (Lint::MissingFavicon, "A note. `--deny missing-favicon` "),
        ];
        for (code, expected) in rows {
            let text = severity_of(code);
            assert!(text.starts_with(expected), "{text}");
            assert_eq!(
                text.contains("--allow"),
                !code.is_deny_only() && code != Lint::MissingFavicon
            );
        }
    }
}
